/** The value of a field beside a file: one line or several of plain text, in one form, no longer than agreed. */
export type FieldResult =
  | { readonly ok: true; readonly value: string }
  | { readonly ok: false; readonly reason: 'too-large' | 'content' }

// oxlint-disable-next-line no-control-regex
const CONTROL = /[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|[\u202a-\u202e\u2066-\u2069\ufffd]/

/** `cut`: the parser kept only the beginning. Refused: control characters, bidi overrides, bytes that are no UTF-8. */
export function readField(text: string, maxLength: number, cut: boolean): FieldResult {
  const value = text.normalize('NFC')
  if (cut || value.length > maxLength) return { ok: false, reason: 'too-large' }
  return CONTROL.test(value) ? { ok: false, reason: 'content' } : { ok: true, value }
}
