/** The option `mail`: who sends and how letters leave. What cannot work, or would let letters be read, is refused at start-up. */
import { Secret } from '../crypto/secret.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { HoldfastError } from '../engine/errors.ts'
import type { Finding } from '../engine/finding.ts'
import { checkInsecure, refuseUnknown, type Insecure } from '../engine/options.ts'
import { isOwnMachine } from '../http/own-machine.ts'
import { consoleTransport } from '../mail/console.ts'
import { fileTransport } from '../mail/file.ts'
import { readMailbox, type Mailbox } from '../mail/message.ts'
import { smtp } from '../mail/smtp.ts'
import { readMailUrl } from '../mail/smtp-url.ts'
import type { MailTransport } from '../mail/transport.ts'

export interface MailOptions {
  /** Who sends: `noreply@app.example` or `Acme <noreply@app.example>`. */
  readonly from: string
  /** How letters leave: a mail server (`smtps://user:password@host`), a folder or the console for development, or your own. */
  readonly transport: string | Secret | SmtpOptions | FileOptions | ConsoleOptions | MailTransport
  /** The name in the letters. @default that of `signIn.brand` */
  readonly brand?: string
  /** Whether letters leave by themselves. With `false` they wait for `holdfast.mail.flush()`, for tests; never in production. @default true */
  readonly background?: boolean
}

/** A mail server. */
export interface SmtpOptions {
  /** `smtps://user:password@host:465`, or `smtp://…:587`, which asks for STARTTLS and sends nothing without. */
  readonly smtp: string | Secret
  /** PEM of the authority that signed the server's certificate. @default those that Node knows */
  readonly ca?: string
  /** Asks for TLS of a server on this machine, too. @default true beyond this machine */
  readonly requireTls?: true
  /** How long the server may be silent. @default '30s' */
  readonly timeout?: Duration
  /** Sends in clear to a server on another machine: whoever is between reads the links. */
  readonly insecurePlaintext?: Insecure
}

/** A folder, one file a letter. */
export interface FileOptions {
  /** The folder; it is made, for its owner alone. */
  readonly file: string
  /** Where the origin is not this machine. */
  readonly insecureInProduction?: Insecure
}

/** Standard error. */
export interface ConsoleOptions {
  readonly console: true
  /** Where the origin is not this machine. */
  readonly insecureInProduction?: Insecure
}

/** `mail` as it was read. */
export interface Mail {
  readonly from: Mailbox
  readonly transport: MailTransport
  readonly brand: string | undefined
  readonly background: boolean
  /** What is less safe than it could be, with the reason. */
  readonly weaker: readonly (Finding & { readonly setting: string; readonly reason: string })[]
}

/** Where it is read. */
export interface MailSurroundings {
  readonly production: boolean
  /** Host name of the origin. */
  readonly hostname: string
  readonly now: number
}

const LONGEST_BRAND = 80
const WRITE_TRANSPORT = `Write the URL of a mail server ('smtps://user:password@mail.example'), or { file: 'folder' } or 'console' for development.`

/** Throws HF_MAIL_INVALID, HF_MAIL_UNAVAILABLE or HF_OPTION_INSECURE; `undefined` where there is no mail. Connects nowhere. */
export function readMail(options: MailOptions | undefined, surroundings: MailSurroundings): Mail | undefined {
  if (options === undefined) return undefined
  if (typeof options !== 'object' || options === null) refuse('mail is not an object.', 'Give { from, transport }.')
  refuseUnknown('mail', options, ['from', 'transport', 'brand', 'background'])
  const { from, brand, background = true } = options
  const sender = typeof from === 'string' ? readMailbox(from) : undefined
  if (sender === undefined) {
    const got = typeof from === 'string' ? JSON.stringify(from.slice(0, 80)) : String(from)
    refuse(
      `mail.from is ${got}, which is not an address of mail.`,
      `Write 'noreply@app.example' or 'Acme <noreply@app.example>'.`,
    )
  }
  if (brand !== undefined && !isBrand(brand)) refuse('mail.brand is not a name.', 'Write 1 to 80 characters on one line.')
  if (typeof background !== 'boolean') refuse('mail.background is neither true nor false.', 'Leave it out.')
  if (!background && surroundings.production)
    refuse('mail.background is false in production.', 'Leave it out, or no letter leaves.')
  return { from: sender, brand, background, ...readTransport(options.transport, surroundings) }
}

/** Throws HF_MAIL_MISSING when a page waits for links that nobody is sent. */
export function refuseDeadLinks(
  signIn: { readonly pages: readonly { readonly path: string; readonly link?: string }[] } | undefined,
): void {
  const waiting = signIn?.pages.find(({ link }) => link !== undefined)
  if (waiting === undefined) return
  throw new HoldfastError('HF_MAIL_MISSING', `${waiting.path} takes the links of letters, and there is no mail.`, {
    fix: 'Give the option `mail`, or leave out the option of `signIn` that opens this page.',
  })
}

type Read = Pick<Mail, 'transport' | 'weaker'>

function readTransport(given: MailOptions['transport'], around: MailSurroundings): Read {
  if (given === 'console') return readConsole({ console: true }, around)
  if (typeof given === 'string' || given instanceof Secret) return readSmtp({ smtp: given }, around)
  if (typeof given !== 'object' || given === null) refuse('mail.transport is missing.', WRITE_TRANSPORT)
  if ('send' in given && typeof given.send === 'function') return readOwn(given)
  if ('smtp' in given) return readSmtp(given, around)
  if ('file' in given) return readFile(given, around)
  if ('console' in given) return readConsole(given, around)
  return refuse('mail.transport is not a way for letters.', WRITE_TRANSPORT)
}

function readOwn(transport: MailTransport): Read {
  if (typeof transport.name !== 'string' || transport.name === '')
    refuse('mail.transport has no name.', 'Give it one, for the log.')
  return { transport, weaker: [] }
}

function readSmtp(options: SmtpOptions, { now }: MailSurroundings): Read {
  const name = 'mail.transport'
  refuseUnknown(name, options, ['smtp', 'ca', 'requireTls', 'timeout', 'insecurePlaintext'])
  const { smtp: url, ca, requireTls, timeout, insecurePlaintext } = options
  if (typeof url !== 'string' && !(url instanceof Secret)) refuse(`${name}.smtp is not a URL.`, WRITE_TRANSPORT)
  if (requireTls !== undefined && !requireTls)
    refuse(`${name}.requireTls is not true.`, 'Leave it out, or say why with insecurePlaintext: { reason, until }.')
  if (insecurePlaintext !== undefined) checkInsecure(`${name}.insecurePlaintext`, insecurePlaintext, now)
  const setting = {
    ...{ url, ca },
    requireTls: insecurePlaintext === undefined ? requireTls : false,
    timeout: timeout === undefined ? undefined : milliseconds(`${name}.timeout`, timeout),
  }
  try {
    if (readMailUrl(typeof url === 'string' ? url : url.reveal()).secure && insecurePlaintext !== undefined)
      refuse(`${name}.insecurePlaintext does nothing with smtps://.`, 'Leave it out.')
    return { transport: smtp(setting), weaker: insecurePlaintext === undefined ? [] : [plaintext(insecurePlaintext)] }
  } catch (cause) {
    if (cause instanceof TypeError) return refuse(`mail.transport: ${cause.message}`, undefined, cause)
    if (cause instanceof Error && cause.name === 'MailError')
      throw new HoldfastError('HF_MAIL_UNAVAILABLE', cause.message, { cause })
    throw cause
  }
}

function readFile(options: FileOptions, around: MailSurroundings): Read {
  refuseUnknown('mail.transport', options, ['file', 'insecureInProduction'])
  if (typeof options.file !== 'string' || options.file.trim() === '')
    refuse('mail.transport.file is not a folder.', `Write { file: '.holdfast/mail' }.`)
  return { transport: fileTransport(options.file), weaker: developmentOnly('file', options.insecureInProduction, around) }
}

function readConsole(options: ConsoleOptions, around: MailSurroundings): Read {
  refuseUnknown('mail.transport', options, ['console', 'insecureInProduction'])
  return { transport: consoleTransport(), weaker: developmentOnly('console', options.insecureInProduction, around) }
}

/** On one's own machine there is nobody to send to. Elsewhere letters would lie around, and never arrive. */
function developmentOnly(
  name: string,
  insecure: Insecure | undefined,
  { production, hostname, now }: MailSurroundings,
): Mail['weaker'] {
  const setting = `mail.transport.${name}`
  if (insecure !== undefined) checkInsecure(`${setting}: insecureInProduction`, insecure, now)
  if (!production || isOwnMachine(hostname)) return []
  if (insecure === undefined) {
    throw new HoldfastError(
      'HF_OPTION_INSECURE',
      `${setting} sends no letter to anybody, and leaves the links in it lying around.`,
      {
        fix: `Give a mail server ('smtps://…'), or insecureInProduction: { reason: 'why', until: 'YYYY-MM-DD' }.`,
      },
    )
  }
  return [{ ...UNSENT, setting, reason: insecure.reason }]
}

const UNSENT = {
  id: 'HF-MAIL-1',
  severity: 'high',
  what: 'Letters are written down here instead of being sent: whoever reads them there opens accounts.',
  fix: 'Give `mail.transport` the URL of a mail server.',
} as const

function plaintext({ reason }: Insecure): Mail['weaker'][number] {
  return {
    id: 'HF-MAIL-2',
    severity: 'high',
    what: 'Letters go to the mail server in clear: whoever is between reads the links, and the password of the server.',
    fix: 'Use smtps://, or a server that offers STARTTLS, and take `insecurePlaintext` away.',
    setting: 'mail.transport.insecurePlaintext',
    reason,
  }
}

function isBrand(brand: unknown): boolean {
  return typeof brand === 'string' && brand.trim() !== '' && brand.length <= LONGEST_BRAND && !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(brand)
}

function refuse(what: string, fix: string | undefined, cause?: unknown): never {
  throw new HoldfastError('HF_MAIL_INVALID', what, { fix, cause })
}
