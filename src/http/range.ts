/**
 * The Range field: which part of a file is asked for. One range is served; several are answered with the whole, as RFC 9110 §14.2 allows:
 * many small or overlapping ranges make a server send far more than the file has (CVE-2011-3192).
 */
export type RangeResult = 'whole' | 'unsatisfiable' | { readonly start: number; readonly end: number }

/** Both ends are of bytes that are sent. `size` is the whole length. A malformed field asks for nothing: the whole is sent. */
export function readRange(field: string | undefined, size: number): RangeResult {
  const match = field === undefined ? null : /^bytes=(\d{0,15})-(\d{0,15})$/.exec(field)
  if (match === null) return 'whole'
  const [, first = '', last = ''] = match
  if (first === '' && last === '') return 'whole'
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return 'whole'
  return start >= size ? 'unsatisfiable' : { start, end }
}
