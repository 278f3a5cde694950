/** Text that may have come from a client, made harmless for whatever reads lines: terminals, log files, dashboards (CWE-117, CWE-150). */

/**
 * What ends a line, moves a cursor or turns text around: C0 controls and DEL, C1 controls, zero-width and direction marks (Trojan Source,
 * CVE-2021-42574), line and paragraph separators, the byte order mark, and halves of surrogate pairs, which are no characters.
 */
const UNSAFE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

/** The same text with those as `\uXXXX`: in JSON it reads back as what it was, in text it can be seen. */
export function escapeUnsafe(text: string): string {
  return text.replace(UNSAFE, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}

/** The same text in ASCII alone, for readers that know no other. */
export function asciiOnly(text: string): string {
  // oxlint-disable-next-line no-control-regex
  return text.replace(/[^\u0020-\u007e]/g, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
