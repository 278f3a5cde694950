/**
 * Writes data into scripts: as an expression, as JSON in a data block, as the inside of a string or of a template literal.
 *
 * Stops data from ending the string or the script it stands in (CWE-79): `</script>`, `<!--`, quotes, backticks, `${` and the two
 * line ends that JSON allows and scripts once did not.
 *
 * Source: OWASP XSS Prevention Cheat Sheet, "Output encoding for JavaScript contexts"; ECMAScript, 12.9.4; RFC 8259, section 7.
 */
import { mintScript, SafeScript } from './safe-types.ts'

/**
 * Data for a script, of any type that JSON has. Text, numbers, booleans and lists of these need no `json`, objects do, so that
 * the compiler still refuses an object where text stands. Throws `TypeError` for what JSON cannot say.
 *
 * @example html`<script type="application/json" id="data">${json({ user, notes })}</script>`
 */
export function json(value: unknown): SafeScript {
  return mintScript(jsonText(value))
}

/** The JavaScript expression for `value`. A name or a number has white space around it, so that `-${-1}` is not `--1`. */
export function expressionText(value: unknown): string {
  // In an object literal "__proto__" sets the prototype; in JSON and in brackets it is a name like others.
  const text = scriptOrJson(value).replaceAll(/(?<!\\)"__proto__":/g, '["__proto__"]:')
  return /^[\w-]/.test(text) ? ` ${text} ` : text
}

/** `SafeScript` as it is, everything else as JSON without a character that HTML knows. */
export function scriptOrJson(value: unknown): string {
  return SafeScript.is(value) ? SafeScript.textOf(value) : jsonText(value)
}

/** The text for the inside of a string of either quotes, of JSON, or of a template literal. */
export function escapeScriptString(text: string): string {
  return text.replaceAll(/[\p{Cc}"'`\\/<>&${}\u2028\u2029]/gu, unicodeEscape)
}

function jsonText(value: unknown): string {
  if (typeof value === 'function' || typeof value === 'symbol' || typeof value === 'bigint') {
    throw new TypeError(`html: a value of type ${typeof value} cannot stand in a script: pass what JSON has`)
  }
  const text = JSON.stringify(value ?? null)
  if (typeof text !== 'string') throw new TypeError('html: this value cannot stand in a script: JSON has no word for it')
  return text.replaceAll(/[<>&\u2028\u2029\x7f]/g, unicodeEscape)
}

function unicodeEscape(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
}
