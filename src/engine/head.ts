/** The response head: lines that are the same on every answer, compiled once, and those that this answer adds or overrules. */

/** One line. `null` takes away what the application or the framework set. */
export type HeadLine = readonly [name: string, value: string | null]

/** Compiled at start-up: adding it to an answer costs one concatenation. */
export interface FixedHead {
  readonly lines: ReadonlyMap<string, string | null>
  /** As it goes on the wire, each line with its end. */
  readonly text: string
}

// oxlint-disable-next-line no-control-regex
const UNSAFE = /[^\t\x20-\x7e\x80-\xff]/

/** Throws TypeError for a value that would end its line: whatever stands after it would be a header of its own (CWE-113). */
export function headLine(name: string, value: string): string {
  if (UNSAFE.test(value)) throw new TypeError(`The header ${name} has a value that cannot be sent.`)
  return `${name}: ${value}\r\n`
}

/** Names must be in lower case. */
export function compileHead(lines: readonly HeadLine[]): FixedHead {
  const text = lines.map(([name, value]) => (value === null ? '' : headLine(name, value))).join('')
  return { lines: new Map(lines), text }
}

/** All lines of an answer, those of the exchange over the fixed ones. */
export function* wholeHead(fixed: FixedHead | undefined, own: ReadonlyMap<string, string | null>): Generator<HeadLine> {
  for (const line of fixed?.lines ?? []) if (!own.has(line[0])) yield line
  yield* own
}

/** The same as text, with the lines that take something away left out. */
export function headText(fixed: FixedHead | undefined, own: ReadonlyMap<string, string | null>): string {
  let text = fixed?.text ?? ''
  for (const [name, value] of own) {
    // Overruling a fixed line is rare; then the text is made line by line.
    if (fixed?.lines.has(name))
      return [...wholeHead(fixed, own)].map(([key, one]) => (one === null ? '' : headLine(key, one))).join('')
    if (value !== null) text += headLine(name, value)
  }
  return text
}
