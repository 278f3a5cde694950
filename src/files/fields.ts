/** The value of a field beside a file: one line or several of plain text, in one form, no longer than agreed. */
import { readText } from '../validate/text.ts'

export type FieldResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: 'too-large' | 'content' }

/** `cut`: the parser kept only the beginning. Refused: control characters, bidi overrides, bytes that are no UTF-8. */
export function readField(text: string, maxLength: number, cut: boolean): FieldResult {
  if (cut) return { ok: false, reason: 'too-large' }
  // What the decoder of the parser could not read stands there as this sign.
  if (text.includes('\ufffd')) return { ok: false, reason: 'content' }
  const read = readText(text, { max: maxLength, lines: true, trim: false })
  if (read.ok) return read
  return { ok: false, reason: read.code === 'too-long' ? 'too-large' : 'content' }
}
