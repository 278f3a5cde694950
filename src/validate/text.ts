/**
 * Text from outside, made safe to compare, to store and to show: one form (NFC), bounded, without characters that hide or reorder others.
 * Stops control and bidi smuggling (CWE-1007, CWE-176, CVE-2021-42574), and the time that normalising takes: 50,000 marks on one letter
 * fit into a body of 100 KiB and cost more than a second, so they are counted first.
 * Sources: Unicode UAX #15 (§13, stream-safe text), UAX #9, UTR #36; OWASP Input Validation Cheat Sheet; HTML, "maxlength" (UTF-16 units).
 */

/** What may stand in a text although it is refused everywhere else. */
export type AllowedCharacters = 'control' | 'bidi'

export interface TextRule {
  /** Characters (UTF-16 units, as browsers count them), after NFC. */
  readonly max: number
  /** @default 0 */
  readonly min?: number | undefined
  /** Whether line breaks and tabs may stand in it. CR and CRLF become LF. @default false */
  readonly lines?: boolean | undefined
  /** Whether space around it is taken away. @default true */
  readonly trim?: boolean | undefined
  /** Whether it is brought into NFC. @default true */
  readonly normalise?: boolean | undefined
  readonly allow?: readonly AllowedCharacters[] | undefined
}

export type TextCode = 'type' | 'too-long' | 'too-short' | 'control' | 'bidi' | 'unicode'
export type TextResult = { readonly ok: true; readonly value: string } | { readonly ok: false; readonly code: TextCode }

/** Of decomposed text (Hangul, Vietnamese) up to this many times the length is let through to be composed. */
const DECOMPOSED = 4
/** UAX #15: text with longer runs of marks is no language's; 30 is its own bound. */
const MARKS = /\p{M}{31}/u
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Noncharacter_Code_Point}/u
// oxlint-disable-next-line no-control-regex
const CONTROL_IN_LINES = /[\0-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufff9-\ufffb]|\p{Noncharacter_Code_Point}/u
/** Embeddings, overrides, isolates. The marks of direction (LRM, RLM, ALM) belong to writing in Arabic and Hebrew and stay. */
const BIDI = /[\u202a-\u202e\u2066-\u206f]/
/** Letters nobody sees, made for language tags. They stand in the flags of regions, and nowhere else. */
const TAGS = /[\u{e0000}-\u{e007f}]/u
const REGION_FLAG = /\u{1f3f4}[\u{e0020}-\u{e007e}]{1,8}\u{e007f}/gu
const VISIBLE = /[^\s\p{Default_Ignorable_Code_Point}]/u

/** Reads one text. Nothing is mended in silence but its form: what is refused is said. */
export function readText(input: unknown, rule: TextRule): TextResult {
  const { max, min = 0, lines = false, trim = true, normalise = true, allow = [] } = rule
  if (typeof input !== 'string') return { ok: false, code: 'type' }
  if (input.length > max * DECOMPOSED) return { ok: false, code: 'too-long' }
  if (!input.isWellFormed() || MARKS.test(input)) return { ok: false, code: 'unicode' }
  const broken = lines ? input.replaceAll(/\r\n?/g, '\n') : input
  if (!allow.includes('control') && hasControl(broken, lines)) return { ok: false, code: 'control' }
  if (!allow.includes('bidi') && BIDI.test(broken)) return { ok: false, code: 'bidi' }
  const composed = normalise ? broken.normalize('NFC') : broken
  const value = trim ? composed.trim() : composed
  if (value.length > max) return { ok: false, code: 'too-long' }
  if (value !== '' && value.length < min) return { ok: false, code: 'too-short' }
  return { ok: true, value }
}

function hasControl(text: string, lines: boolean): boolean {
  if ((lines ? CONTROL_IN_LINES : CONTROL).test(text)) return true
  return TAGS.test(text) && TAGS.test(text.replaceAll(REGION_FLAG, ''))
}

/** Whether nothing of it can be seen: empty, spaces, or characters of no width. */
export function isBlank(text: string): boolean {
  return !VISIBLE.test(text)
}

const REFUSED =
  // oxlint-disable-next-line no-control-regex
  /[\0-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u206f\ufff9-\ufffb\u{e0000}-\u{e007f}]|\p{Noncharacter_Code_Point}/gu

/** What was typed, for the page that shows it again: without what was refused, so that sending it once more succeeds. */
export function cleaned(text: string, max: number): string {
  return text
    .slice(0, max * DECOMPOSED)
    .toWellFormed()
    .replaceAll(REFUSED, '')
}
