/**
 * Structured fields: the few serialisers that our own response fields need. Each throws a TypeError instead of sending
 * something that another parser would read differently. Source: RFC 9651 §3.3 (types) and §4.1 (serialising).
 */
import { describeCode } from './ascii.ts'

export type Item = string | number | boolean

const KEY = /^[a-z*][a-z0-9_.*-]*$/
const MAX_INTEGER = 999_999_999_999_999

/** A String: in quotes, with `"` and `\` escaped. Throws when a character is not printable ASCII. */
export function sfString(text: string): string {
  let escape = false
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e)
      throw new TypeError(`A structured field string is printable ASCII (RFC 9651 §4.1.6); got ${describeCode(code)}.`)
    if (code === 0x22 || code === 0x5c) escape = true
  }
  return escape ? `"${text.replace(/["\\]/g, '\\$&')}"` : `"${text}"`
}

/** An Integer of at most 15 digits. */
export function sfInteger(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) <= MAX_INTEGER) return String(value === 0 ? 0 : value)
  throw new TypeError(`A structured field integer is a whole number of at most 15 digits (RFC 9651 §3.3.1); got ${value}.`)
}

/** A key of a dictionary or parameter: lower-case letters, digits and "_-.*". */
export function sfKey(key: string): string {
  if (KEY.test(key)) return key
  throw new TypeError(`A structured field key is lower-case (RFC 9651 §3.1.2); got ${JSON.stringify(key)}.`)
}

/** An Item with its parameters: `sfItem('default', { q: 100 })` is `"default";q=100`. A parameter `true` is its name alone. */
export function sfItem(value: Item, parameters: Readonly<Record<string, Item>> = {}): string {
  let text = bareItem(value)
  for (const [key, parameter] of Object.entries(parameters)) {
    text += parameter === true ? `;${sfKey(key)}` : `;${sfKey(key)}=${bareItem(parameter)}`
  }
  return text
}

function bareItem(value: Item): string {
  if (typeof value === 'string') return sfString(value)
  if (typeof value === 'boolean') return value ? '?1' : '?0'
  return sfInteger(value)
}
