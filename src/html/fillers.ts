/**
 * What stands at a place for a value: one function a kind of place.
 *
 * Stops cross-site scripting (CWE-79): a value is escaped for its place, replaced by something harmless, or refused with `TypeError`.
 */
import { blockedCss, escapeCssString, isCssValue } from './css.ts'
import { escapeHtml } from './escape.ts'
import { SafeHtml } from './safe-html.ts'
import { SafeScript, SafeUrl } from './safe-types.ts'
import type { Place } from './scan.ts'
import { escapeScriptString, expressionText, scriptOrJson } from './script-text.ts'
import { descriptorText, srcsetPart, srcsetText } from './srcset.ts'
import { blockedCodeUrl, blockedUrl, isOwnPath, isSafeUrl } from './url.ts'

/**
 * What `html` takes as a value: nothing (`null`, `undefined`, `false`), text, numbers, `SafeHtml` and its kin, and lists of these.
 * Objects for a script go through `json`.
 */
export type HtmlValue =
  | SafeHtml
  | SafeUrl
  | SafeScript
  | string
  | number
  | bigint
  | boolean
  | null
  | undefined
  | readonly HtmlValue[]

/** Gives the text that stands for a value at one kind of place. */
export type Filler = (value: HtmlValue) => string

/** How each place is filled. */
export const fillerOf: Readonly<Record<Place, Filler>> = {
  text: (value) => (typeof value === 'string' ? escapeHtml(value) : fillText(value, 0)),
  'plain-text': (value) => escapeHtml(plainText(value, 'plain text')),
  value: fillValue,
  url: (value) => fillUrl(value, isSafeUrl, blockedUrl),
  'code-url': (value) => fillUrl(value, isOwnPath, blockedCodeUrl),
  attributes: fillAttributes,
  nothing: () => '',
  srcset: (value) => escapeHtml(srcsetText(plainText(value, 'a list of images'))),
  'srcset-part': (value) => escapeHtml(srcsetPart(plainText(value, 'a URL'))),
  'srcset-descriptor': (value) => descriptorText(plainText(value, 'a size')),
  css: fillCss,
  'css-string': (value) => escapeCssString(plainText(value, 'a string of a style')),
  script: (value) => expressionText(scriptValue(value)),
  json: (value) => scriptOrJson(scriptValue(value)),
  'script-string': (value) => escapeScriptString(plainText(value, 'a string of a script')),
}

/** A list inside a list inside … is a bug, perhaps a circle: refuse instead of overflowing the stack. */
const deepestList = 16

/** The depth of what is inside of a list. Throws `TypeError` where that is too deep. */
export function deeper(depth: number): number {
  if (depth === deepestList) throw new TypeError(`html: lists are nested more than ${deepestList} deep`)
  return depth + 1
}

function fillValue(value: HtmlValue): string {
  if (typeof value === 'string') return escapeHtml(value)
  // The text of a number has nothing to escape.
  return typeof value === 'number' ? String(value) : escapeHtml(plainText(value, 'the value of an attribute'))
}

function fillText(value: HtmlValue, depth: number): string {
  if (SafeHtml.is(value)) return SafeHtml.textOf(value)
  if (!isList(value)) return escapeHtml(plainText(value, 'text'))
  const next = deeper(depth)
  let text = ''
  for (const item of value) text += fillText(item, next)
  return text
}

function fillUrl(value: HtmlValue, isHarmless: (url: string) => boolean, blocked: string): string {
  if (SafeUrl.is(value) && (SafeUrl.isDeclared(value) || isHarmless === isSafeUrl)) return escapeHtml(SafeUrl.textOf(value))
  const url = plainText(value, 'a URL')
  return isHarmless(url) ? escapeHtml(url) : blocked
}

/** The only value that changes what it is: a marker in place of what is refused, so that the declaration is dropped. */
function fillCss(value: HtmlValue): string {
  const text = plainText(value, 'a value of a style')
  return isCssValue(text) ? text : blockedCss
}

function scriptValue(value: HtmlValue): HtmlValue {
  if (SafeHtml.is(value)) throw new TypeError('html: markup cannot stand in a script: pass data')
  return SafeUrl.is(value) ? SafeUrl.textOf(value) : value
}

function fillAttributes(value: HtmlValue): string {
  if (value === '' || value === null || value === undefined || value === false) return ''
  if (SafeHtml.is(value) && SafeHtml.standsInTag(value)) return SafeHtml.textOf(value)
  throw new TypeError('html: inside a tag only attributes({…}) or a constant such as html`checked` may stand')
}

/** The text of a plain value; the message of a refusal names its kind and never its content. */
function plainText(value: HtmlValue, place: string): string {
  if (typeof value === 'string') return value
  if (value === null || value === undefined || value === false) return ''
  if (typeof value === 'number' || typeof value === 'bigint' || value === true) return String(value)
  if (SafeUrl.is(value)) return SafeUrl.textOf(value)
  throw new TypeError(`html: ${kindOf(value)} cannot stand as ${place}: pass text, a number or nothing`)
}

/** Whether a nonce may have to be written into the markup among these, so that pages without one are not searched for places. */
export function holdsMark(value: HtmlValue): boolean {
  if (SafeHtml.is(value)) return SafeHtml.isMarked(value)
  return isList(value) && value.some(holdsMark)
}

export function isList(value: HtmlValue): value is readonly HtmlValue[] {
  return Array.isArray(value)
}

/** What kind of value it is, for messages that must not show it. */
export function kindOf(value: unknown): string {
  if (SafeHtml.is(value)) return 'markup'
  if (SafeScript.is(value)) return 'a script'
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'null' : `a value of type ${typeof value}`
}
