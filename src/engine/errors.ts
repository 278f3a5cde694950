/** Faults of the operator or the programmer, in one catalogue. A refusal of a request is a `Reply`, never one of these. */

const CODES = {
  HF_OPTION_UNKNOWN: 'An option is not known.',
  HF_OPTION_INVALID: 'An option has a value that cannot work.',
  HF_OPTION_INSECURE: 'An option weakens security without a reason, or past its date.',
  HF_CONTROL_UNKNOWN: 'There is no control of that name.',
  HF_CONTROL_ORDER: 'A control stands before one that it needs.',
  HF_SERVICE_MISSING: 'A control asks for a service that was not set up.',
  HF_EXCHANGE_MISSING: 'A request did not pass through Holdfast.',
  HF_POLICY_INVALID: 'A policy names nothing, or something that is not there.',
  HF_STORE_UNSAFE: 'The store does not fit how the application is run.',
  HF_DATABASE_ROLE: 'The role that connects to PostgreSQL may do too much, or too little.',
  HF_DATABASE_BEHIND: 'The tables are of an older version, and the role may not change them.',
  HF_KEYS_INVALID: 'The key ring is missing or weak.',
  HF_MAIL_INVALID: 'The option `mail` holds something that no letter can be sent with.',
  HF_MAIL_UNAVAILABLE: 'What letters are sent with is not installed.',
  HF_MAIL_MISSING: 'A page takes the links of letters, and no letter is sent.',
  HF_TENANT_MISSING: 'Rows of a tenant were asked for, and who asks acts in none.',
  HF_PARSER_MISSING: 'What source is parsed with is not installed.',
  HF_APPROVAL_UNKNOWN: 'A route asks for the approval of an act that is not marked.',
  HF_STOPPED: 'Holdfast was stopped.',
} as const

export type ErrorCode = keyof typeof CODES

export interface HoldfastErrorOptions extends ErrorOptions {
  /** What to do about it, as an instruction. */
  readonly fix?: string | undefined
}

/** What went wrong, under a stable code, with what was got and how to mend it. Never holds a secret. */
export class HoldfastError extends Error {
  override readonly name = 'HoldfastError'
  readonly code: ErrorCode
  readonly fix: string | undefined

  constructor(code: ErrorCode, message: string, options: HoldfastErrorOptions = {}) {
    super(options.fix === undefined ? `${code}: ${message}` : `${code}: ${message} ${options.fix}`, options)
    this.code = code
    this.fix = options.fix
  }
}

/** Every code with its meaning, for the reference page. */
export const errorCatalogue: Readonly<Record<ErrorCode, string>> = CODES
