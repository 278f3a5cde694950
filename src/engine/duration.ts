/** Lengths of time as people write them: `'30s'`, `'5m'`, `'12h'`, `'7d'`. */
import { HoldfastError } from './errors.ts'

/** A number of milliseconds, or a number with a unit: `ms`, `s`, `m`, `h`, `d`. */
export type Duration = number | `${number}${'ms' | 's' | 'm' | 'h' | 'd'}`

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds. Throws HF_OPTION_INVALID, naming `option`, for anything that is not a length of time of at least 1 ms. */
export function milliseconds(option: string, value: Duration): number {
  const match = typeof value === 'string' ? /^(\d{1,9}(?:\.\d{1,3})?)(ms|s|m|h|d)$/.exec(value) : undefined
  const result = typeof value === 'number' ? value : match ? Number(match[1]) * UNITS[match[2]!]! : Number.NaN
  if (Number.isFinite(result) && result >= 1) return result
  throw new HoldfastError('HF_OPTION_INVALID', `${option} is ${JSON.stringify(value)}, which is not a length of time.`, {
    fix: `Write milliseconds as a number, or a number with a unit: '30s', '5m', '12h', '7d'.`,
  })
}
