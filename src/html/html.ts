/**
 * `html`: a tagged template that makes pages in which data stays data.
 *
 * Stops cross-site scripting (CWE-79): every value is escaped for the place it stands in, and a place where escaping is not
 * enough takes no value at all. Only the literal parts, which the author wrote, can be markup.
 *
 * Source: OWASP Cross Site Scripting Prevention Cheat Sheet; OWASP ASVS 5.0, 1.2.1 to 1.2.3.
 */
import { escapeHtml } from './escape.ts'
import { mint, SafeHtml } from './safe-html.ts'
import { scan, type Place } from './scan.ts'
import { blockedCodeUrl, blockedUrl, isOwnPath, isSafeUrl } from './url.ts'

export { attributes } from './attributes.ts'
export { escapeHtml } from './escape.ts'
export { SafeHtml } from './safe-html.ts'
export { isSafeUrl } from './url.ts'

/** What `html` takes as a value: nothing (`null`, `undefined`, `false`), text, numbers, `SafeHtml`, and lists of these. */
export type HtmlValue = SafeHtml | string | number | bigint | boolean | null | undefined | readonly HtmlValue[]

/** Gives the text that stands for a value at one kind of place. */
type Filler = (value: HtmlValue) => string

interface Template {
  readonly literals: readonly string[]
  readonly fillers: readonly Filler[]
  /** The page, when the template has no values. */
  readonly constant: SafeHtml | undefined
}

/** How each place is filled. */
const fillerOf: Readonly<Record<Place, Filler>> = {
  text: (value) => (typeof value === 'string' ? escapeHtml(value) : fillText(value, 0)),
  'plain-text': (value) => escapeHtml(plainText(value, 'plain text')),
  value: (value) => escapeHtml(typeof value === 'string' ? value : plainText(value, 'the value of an attribute')),
  url: (value) => fillUrl(value, isSafeUrl, blockedUrl),
  'code-url': (value) => fillUrl(value, isOwnPath, blockedCodeUrl),
  attributes: fillAttributes,
}

/** A list inside a list inside … is a bug, perhaps a circle: refuse instead of overflowing the stack. */
const deepestList = 16

/** One attribute or several, as an author writes them: names, each alone or with a double-quoted value. */
const attributeText = /^[a-z][\w:.-]*(?:="[^"<>]*")?(?:[ \n]+[a-z][\w:.-]*(?:="[^"<>]*")?)*$/i

/** What was found out about each template literal, a refusal too: literals live as long as the code, and so does this. */
const templates = new WeakMap<TemplateStringsArray, Template | string>()

/**
 * Makes `SafeHtml` from a template. A value is escaped where text, a quoted attribute value or a URL stands;
 * `null`, `undefined` and `false` give nothing; `SafeHtml` and lists pass as they are where text stands.
 * Inside a tag, where an attribute could begin, it takes `attributes({…})` or a constant such as `` html`checked` ``.
 * A URL that begins with a value must be relative or http, https, mailto or tel; otherwise `#blocked` stands there.
 * Throws `TypeError` for objects, functions and symbols, and on first use for a template with a value where escaping is not enough.
 *
 * @example html`<p title="${title}">Hello, ${name}</p>`
 * @example html`<input type="checkbox" ${on ? html`checked` : ''}>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  const template = templateOf(strings)
  if (template.constant !== undefined) return template.constant
  const { literals, fillers } = template
  let page = literals[0] ?? ''
  let next = 0
  for (const fill of fillers) page += fill(values[next++]) + literals[next]
  return mint(page, false)
}

/**
 * Declares `value` to be safe HTML without looking at it: whatever stands in it, the browser will do. `reason` (at least 10
 * characters) says why that is right, for those who read and scan the code. Throws `TypeError` without a reason.
 *
 * @example insecureRawHtml(rendered, 'made by our Markdown renderer, which escapes its input')
 */
export function insecureRawHtml(value: string, reason: string): SafeHtml {
  if (typeof value !== 'string') throw new TypeError(`insecureRawHtml: the value must be a string, got ${kindOf(value)}`)
  if (typeof reason !== 'string' || reason.trim().length < 10) {
    throw new TypeError('insecureRawHtml: say in at least 10 characters why this value is safe')
  }
  return mint(value, false)
}

function templateOf(strings: TemplateStringsArray): Template {
  let template = templates.get(strings)
  if (template === undefined) {
    template = compile(strings)
    templates.set(strings, template)
  }
  if (typeof template === 'string') throw new TypeError(template)
  return template
}

/** Returns the template, or why it is refused; a refusal is kept as well, so that a bad template is not read again and again. */
function compile(strings: TemplateStringsArray): Template | string {
  // A call such as html([input]) must not turn input into markup: only a literal has frozen strings with `raw`.
  if (!Array.isArray(strings) || !Array.isArray(strings.raw) || !Object.isFrozen(strings)) {
    throw new TypeError('html is a tag: write html`…`, do not call it')
  }
  if (strings.some((literal: string | undefined) => literal === undefined))
    return 'html: the template has an invalid escape sequence'
  try {
    const fillers = scan(strings).map((place) => fillerOf[place])
    const text = strings[0] ?? ''
    const constant = fillers.length === 0 ? mint(text, attributeText.test(text)) : undefined
    return { literals: strings, fillers, constant }
  } catch (error) {
    if (error instanceof TypeError) return error.message
    throw error
  }
}

function fillText(value: HtmlValue, depth: number): string {
  if (SafeHtml.is(value)) return SafeHtml.textOf(value)
  if (!isList(value)) return escapeHtml(plainText(value, 'text'))
  if (depth === deepestList) throw new TypeError(`html: lists are nested more than ${deepestList} deep`)
  let text = ''
  for (const item of value) text += fillText(item, depth + 1)
  return text
}

function fillUrl(value: HtmlValue, isHarmless: (url: string) => boolean, blocked: string): string {
  const url = plainText(value, 'a URL')
  return isHarmless(url) ? escapeHtml(url) : blocked
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
  throw new TypeError(`html: ${kindOf(value)} cannot stand as ${place}: pass text, a number or nothing`)
}

function isList(value: HtmlValue): value is readonly HtmlValue[] {
  return Array.isArray(value)
}

function kindOf(value: unknown): string {
  if (SafeHtml.is(value)) return 'markup'
  if (Array.isArray(value)) return 'a list'
  return value === null ? 'null' : `a value of type ${typeof value}`
}
