/**
 * The Content-Disposition field of a download, and what becomes of a name that a client chose.
 * Stops names that lead out of a folder, end a header line, hide their true ending with a bidi override, or mean a device (attack A101).
 * Sources: RFC 6266, RFC 8187; OWASP File Upload Cheat Sheet; CWE-22, CWE-113.
 */
const LONGEST = 120
// oxlint-disable-next-line no-control-regex
const UNSEEN = /[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\uffff]|\p{Cs}/gu
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\.|$)/i

/** A name to show and to save under: no folder, nothing unseen, no device of Windows, no leading dot; `file` when nothing is left. */
export function sanitiseFileName(name: string): string {
  const last = name.normalize('NFC').split(/[/\\]/).at(-1)!
  const seen = last
    .replaceAll(UNSEEN, '')
    .replaceAll(/[<>:"|?*]/g, '_')
    .replace(/^[. ]+/, '')
    .replace(/[. ]+$/, '')
  const short = shorten(seen)
  if (short === '') return 'file'
  return DEVICE.test(short) ? `_${short}` : short
}

/** Cut in the middle, so that the ending stays. */
function shorten(name: string): string {
  const letters = Array.from(name)
  if (letters.length <= LONGEST) return name
  const ending = /\.[A-Za-z0-9]{1,10}$/.exec(name)?.[0] ?? ''
  return letters.slice(0, LONGEST - ending.length).join('') + ending
}

/** `attachment` with the name in ASCII for old clients and, where that is not all of it, in UTF-8 (RFC 6266 §4.3). */
export function attachment(name: string): string {
  const clean = sanitiseFileName(name)
  const ascii = clean.replaceAll(/[^\x20-\x7e]/g, '_').replaceAll(/["\\%]/g, '_')
  const plain = `attachment; filename="${ascii}"`
  return ascii === clean ? plain : `${plain}; filename*=UTF-8''${encode(clean)}`
}

/** RFC 8187 §3.2.1: `encodeURIComponent` leaves four characters as they are that `attr-char` does not have. */
function encode(text: string): string {
  return encodeURIComponent(text).replaceAll(/['()*]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`)
}
