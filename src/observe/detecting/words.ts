/** Lengths of time as sentences say them. */

const UNITS = [
  [86_400_000, 'day'],
  [3_600_000, 'hour'],
  [60_000, 'minute'],
] as const

export function lengthOf(milliseconds: number): string {
  for (const [size, name] of UNITS) if (milliseconds >= 2 * size) return `${Math.round(milliseconds / size)} ${name}s`
  const seconds = Math.max(1, Math.round(milliseconds / 1000))
  return `${seconds} second${seconds === 1 ? '' : 's'}`
}
