/** Sizes as people write them: `'2 MiB'`. */
import { invalid } from '../engine/options.ts'

/** Bytes, or a number with a unit: `KiB`, `MiB`, `GiB`. */
export type Size = number | `${number} ${'KiB' | 'MiB' | 'GiB'}`

const UNITS: Readonly<Record<string, number>> = { KiB: 1024, MiB: 1_048_576, GiB: 1_073_741_824 }
const MOST = 2 ** 40

/** Throws HF_OPTION_INVALID, naming `option`, for anything that is not a size of one byte to one TiB. */
export function readSize(option: string, value: Size): number {
  const match = typeof value === 'string' ? /^(\d{1,7}(?:\.\d{1,3})?) (KiB|MiB|GiB)$/.exec(value) : null
  const bytes = typeof value === 'number' ? value : match ? Math.floor(Number(match[1]) * UNITS[match[2]!]!) : Number.NaN
  if (Number.isSafeInteger(bytes) && bytes >= 1 && bytes <= MOST) return bytes
  return invalid(option, value, `Give a number of bytes, or a number with a unit: '500 KiB', '2 MiB', '1 GiB'.`)
}
