/** Limits as people write them, `'5/min'`, read once at start-up and strictly: a limit that is misread is no limit. */
import { invalid, refuseUnknown } from '../../engine/options.ts'
import type { Rate } from '../../store/atomic.ts'

/** How many requests in how long: `'5/min'`, `'10/s'`, `'100/15m'`, `'1000/h'`, `'5000/d'`. */
export type LimitText = `${number}/${string}`

/**
 * Who shares one count: each client network, each signed-in user (each client network where nobody is signed in), or all
 * requests of the process together.
 */
export type Per = 'client' | 'principal' | 'global'

export interface LimitDetails {
  /** How many in how long: `'5/min'`. */
  readonly rate: LimitText
  /** Who shares one count. @default 'client' */
  readonly per?: Per
  /** Counts and says when it would have refused, and lets the request on. @default false */
  readonly dryRun?: boolean
}

export type LimitInput = LimitText | LimitDetails

/** A limit, understood. */
export interface Limit {
  readonly name: string
  readonly rate: Rate
  readonly per: Per
  readonly dryRun: boolean
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }
const PERS: readonly Per[] = ['client', 'principal', 'global']

/** Longest period: 31 days. Longer counts belong in the application's own data. */
const MAX_PERIOD = 31 * 86_400_000

/** A burst of at most `limit`, refilled evenly over `period` milliseconds. Throws HF_OPTION_INVALID, naming `option`. */
export function parseRate(option: string, text: unknown): Rate {
  const match = typeof text === 'string' ? /^([1-9]\d{0,5})\/([1-9]\d{0,3})?(s|m|min|h|d)$/.exec(text) : undefined
  const fix = `Write how many in how long: '5/min', '10/s', '100/15m', '1000/h', '5000/d'; at most 999999 in at most 31 days.`
  if (!match) return invalid(option, text, fix)
  const rate = { limit: Number(match[1]), period: Number(match[2] ?? '1') * UNITS[match[3]!]! }
  return rate.period <= MAX_PERIOD ? rate : invalid(option, text, fix)
}

/** A limit under its name. `dryRun` is that of the whole control. */
export function parseLimit(name: string, input: unknown, dryRun: boolean): Limit {
  const option = `rateLimit.limits.${name}`
  if (!/^[a-z][a-z0-9-]{0,31}$/.test(name)) {
    invalid('A name in rateLimit.limits', name, 'Write up to 32 lower-case letters, digits and "-", beginning with a letter.')
  }
  if (typeof input !== 'object' || input === null) return { name, rate: parseRate(option, input), per: 'client', dryRun }
  refuseUnknown(option, input, ['rate', 'per', 'dryRun'])
  const { rate, per = 'client', dryRun: own = false } = input as LimitDetails
  if (!PERS.includes(per)) invalid(`${option}.per`, per, `Write 'client', 'principal' or 'global'.`)
  if (typeof own !== 'boolean') invalid(`${option}.dryRun`, own, 'Write true or false.')
  return { name, rate: parseRate(`${option}.rate`, rate), per, dryRun: dryRun || own }
}
