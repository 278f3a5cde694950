/** Options at start-up: unknown names are refused with the nearest known one; weaker settings say why and until when. */
import { HoldfastError } from './errors.ts'
import { hint } from './suggest.ts'

/** What a weaker setting must bring: why, and the day it ends. It stands in `check` and in the log until then. */
export interface Insecure {
  /** Why it cannot be done securely yet, in a sentence. */
  readonly reason: string
  /** The last day on which it may be used, as `YYYY-MM-DD`. Afterwards the process does not start. */
  readonly until: string
}

/** Turns a control off, loudly. */
export interface InsecureOff {
  readonly insecureOff: Insecure
}

/** Lays `input` over `defaults`. Throws HF_OPTION_UNKNOWN for a key that `defaults` does not have. */
export function withDefaults<Options extends object>(
  name: string,
  defaults: Options,
  input: Partial<Options> | undefined,
): Options {
  if (input === undefined) return { ...defaults }
  if (typeof input !== 'object' || input === null || Array.isArray(input)) {
    throw new HoldfastError('HF_OPTION_INVALID', `${name} is ${describe(input)}.`, { fix: 'Give an object of options.' })
  }
  refuseUnknown(name, input, Object.keys(defaults))
  const given = Object.entries(input).filter(([, value]) => value !== undefined)
  return { ...defaults, ...(Object.fromEntries(given) as Partial<Options>) }
}

export function refuseUnknown(name: string, input: object, known: readonly string[]): void {
  for (const key of Object.keys(input)) {
    if (known.includes(key)) continue
    throw new HoldfastError('HF_OPTION_UNKNOWN', `${name === '' ? key : `${name}.${key}`} is not an option.`, {
      fix: hint(key, known),
    })
  }
}

/** Throws HF_OPTION_INVALID, naming the option, what was got and what to write. */
export function invalid(option: string, got: unknown, fix: string, cause?: unknown): never {
  throw new HoldfastError('HF_OPTION_INVALID', `${option} is ${describe(got)}.`, { fix, cause })
}

/** A whole number between `least` and `most`, or HF_OPTION_INVALID. */
export function wholeNumber(option: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): number {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  return invalid(option, value, `Give a whole number from ${least} to ${most}.`)
}

/** Throws HF_OPTION_INSECURE unless there is a reason of substance and a date that has not passed. */
export function checkInsecure(option: string, value: Insecure, now: number): void {
  const { reason, until } = value ?? {}
  const end = typeof until === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(until) ? Date.parse(`${until}T23:59:59.999Z`) : Number.NaN
  const fix = `Give { reason: 'why', until: 'YYYY-MM-DD' }.`
  if (typeof reason !== 'string' || reason.trim().length < 10) {
    throw new HoldfastError('HF_OPTION_INSECURE', `${option} weakens security without saying why.`, { fix })
  }
  if (Number.isNaN(end)) throw new HoldfastError('HF_OPTION_INSECURE', `${option} weakens security without a last day.`, { fix })
  if (end < now) {
    throw new HoldfastError('HF_OPTION_INSECURE', `${option} was allowed until ${until}, which has passed.`, {
      fix: 'Remove it, or decide anew and write a later day.',
    })
  }
}

function describe(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 80 ? `${value.slice(0, 80)}…` : value)
  if (typeof value === 'number' || typeof value === 'boolean' || value === undefined || value === null) return String(value)
  return Array.isArray(value) ? 'a list' : `of type ${typeof value}`
}
