/**
 * application/x-www-form-urlencoded: bodies of forms and query strings, bounded, without meaning given to names.
 * Stops parameter bombs, prototype pollution by field names, and nested values that appear out of `a[b]` notation.
 * Sources: WHATWG URL §5.1 (parsing; malformed escapes are refused here instead of kept); OWASP "HTTP Parameter Pollution",
 * CWE-1321.
 */
import { hexValue } from './ascii.ts'

/** Values by name, without a prototype. A list only where the name was sent more than once, in the order it was sent. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

export interface FormLimits {
  /** Characters of the whole text. @default 102400 */
  readonly length?: number
  /** Name–value pairs, however they are spelled. @default 200 */
  readonly fields?: number
  /** Characters of a name before decoding. @default 256 */
  readonly keyLength?: number
  /** Characters of a value before decoding. @default 65536 */
  readonly valueLength?: number
}

export type FormReason =
  | 'too-long'
  | 'too-many-fields'
  | 'name-too-long'
  | 'value-too-long'
  | 'bad-percent'
  | 'bad-utf8'
  | 'nul'
  | 'forbidden-name'

export type FormResult = { readonly ok: true; readonly value: Fields } | { readonly ok: false; readonly reason: FormReason }

const PERCENT = 0x25
const PLUS = 0x2b
const NO_LIMITS: FormLimits = {}

const refuse = (reason: FormReason): FormResult => ({ ok: false, reason })

/**
 * Parses "a=1&b=2". Brackets and dots in names are ordinary characters: `a[b]=1` is the field named "a[b]".
 * Refused: more than the limits, malformed escapes, bytes that are no UTF-8, NUL, and the names `__proto__` (also as a part),
 * `constructor` and `prototype`. Names that look like array indexes come first when the result is iterated, as in every object.
 */
export function parseForm(text: string, limits: FormLimits = NO_LIMITS): FormResult {
  const { length = 102_400, fields = 200, keyLength = 256, valueLength = 65_536 } = limits
  if (text.length > length) return refuse('too-long')
  if (!text.isWellFormed()) return refuse('bad-utf8')

  const value: Record<string, string | string[]> = Object.create(null)
  let count = 0
  for (let start = 0; start < text.length;) {
    let end = text.indexOf('&', start)
    if (end === -1) end = text.length
    if (end > start) {
      if (++count > fields) return refuse('too-many-fields')
      const scan = scanPair(text, start, end)
      if (scan === BAD_PERCENT) return refuse('bad-percent')
      if (scan - start > keyLength) return refuse('name-too-long')
      if (end - scan - 1 > valueLength) return refuse('value-too-long')
      const name = decode(text, start, scan)
      const item = decode(text, Math.min(scan + 1, end), end)
      if (name === undefined || item === undefined) return refuse('bad-utf8')
      if (name.includes('\0') || item.includes('\0')) return refuse('nul')
      if (isForbiddenName(name)) return refuse('forbidden-name')
      add(value, name, item)
    }
    start = end + 1
  }
  return { ok: true, value }
}

/** Names that reach a prototype when somebody copies them into an ordinary object. */
export function isForbiddenName(name: string): boolean {
  return name === 'constructor' || name === 'prototype' || name.includes('__proto__')
}

const BAD_PERCENT = -1

/** The index of the pair's first "=" (or its end), or -1 when an escape in it is malformed. */
function scanPair(text: string, start: number, end: number): number {
  let equals = end
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code === 0x3d && equals === end) equals = index
    if (code !== PERCENT) continue
    if (index + 2 >= end || hexValue(text.charCodeAt(index + 1)) < 0 || hexValue(text.charCodeAt(index + 2)) < 0)
      return BAD_PERCENT
    index += 2
  }
  return equals
}

/** The decoded text, or `undefined` when its escapes are no UTF-8. The escapes themselves are known to be well-formed. */
function decode(text: string, start: number, end: number): string | undefined {
  let plus = false
  let percent = false
  for (let index = start; index < end; index++) {
    const code = text.charCodeAt(index)
    if (code === PLUS) plus = true
    else if (code === PERCENT) percent = true
  }
  const raw = text.slice(start, end)
  const spaced = plus ? raw.replaceAll('+', ' ') : raw
  if (!percent) return spaced
  try {
    return decodeURIComponent(spaced)
  } catch {
    return undefined
  }
}

function add(fields: Record<string, string | string[]>, name: string, item: string): void {
  const known = fields[name]
  if (known === undefined) fields[name] = item
  else if (typeof known === 'string') fields[name] = [known, item]
  else known.push(item)
}
