/**
 * `html`: a tagged template that makes pages in which data stays data.
 *
 * Stops cross-site scripting (CWE-79): every value is escaped for the place it stands in, and a place where escaping is not
 * enough takes no value at all. Only the literal parts, which the author wrote, can be markup.
 *
 * Source: OWASP Cross Site Scripting Prevention Cheat Sheet; OWASP ASVS 5.0, 1.2.1 to 1.2.3.
 */
import { templateOf } from './compile.ts'
import { escapeHtml } from './escape.ts'
import { holdsMark, kindOf, type HtmlValue } from './fillers.ts'
import { mint, NONCE_MARK, type SafeHtml } from './safe-html.ts'
import { mintScript, mintUrl, type SafeScript, type SafeUrl } from './safe-types.ts'
import { isSafeUrl } from './url.ts'

export { attributes } from './attributes.ts'
export { escapeHtml } from './escape.ts'
export type { HtmlValue } from './fillers.ts'
export { htmlAsync, htmlStream, HtmlStream, type LaterValue } from './later.ts'
export { render, toStream, type RenderOptions } from './render.ts'
export { SafeHtml } from './safe-html.ts'
export { SafeScript, SafeUrl } from './safe-types.ts'
export { json } from './script-text.ts'
export { send, toResponse, type SendOptions } from './send.ts'
export { isSafeUrl } from './url.ts'

/**
 * Makes `SafeHtml` from a template. A value is escaped for text, an attribute, a URL, a list of images, a style or a script;
 * `null`, `undefined` and `false` give nothing; `SafeHtml` and lists pass as they are where text stands. Comments are left out.
 * Inside a tag, where an attribute could begin, it takes `attributes({…})` or a constant such as `` html`checked` ``.
 * A URL that begins with a value must be relative or http, https, mailto or tel; otherwise `#blocked` stands there.
 * Throws `TypeError` for objects, functions and symbols, and on first use for a template with a value where escaping is not enough.
 *
 * @example html`<p title="${title}">Hello, ${name}</p>`
 * @example html`<input type="checkbox" ${on ? html`checked` : ''}>`
 */
export function html(strings: TemplateStringsArray, ...values: readonly HtmlValue[]): SafeHtml {
  const template = templateOf(strings, html)
  if (template.constant !== undefined) return template.constant
  const { literals, fillers, plain } = template
  let { marked } = template
  let page = literals[0]!
  for (let index = 0; index < fillers.length; index++) {
    const value = values[index]
    let text
    // Text and numbers where nothing but escaping is to be done are nearly everything: they go the short way.
    if (plain[index] && typeof value === 'string') text = escapeHtml(value)
    else if (plain[index] && typeof value === 'number') text = String(value)
    else {
      text = fillers[index]!(value)
      marked ||= holdsMark(value)
    }
    page += text + literals[index + 1]!
  }
  return mint(page, false, marked)
}

/**
 * Declares `value` to be safe HTML without looking at it: whatever stands in it, the browser will do. `reason` (at least 10
 * characters) says why that is right, for those who read and scan the code. Throws `TypeError` without a reason.
 *
 * @example insecureRawHtml(rendered, 'made by our Markdown renderer, which escapes its input')
 */
export function insecureRawHtml(value: string, reason: string): SafeHtml {
  return mint(declared('insecureRawHtml', value, reason).replaceAll(NONCE_MARK, '\uFFFD'), false, false)
}

/** Declares `value` an address that may stand anywhere, also where code is loaded, whatever its scheme. For `reason` see `insecureRawHtml`. */
export function insecureRawUrl(value: string, reason: string): SafeUrl {
  return mintUrl(declared('insecureRawUrl', value, reason), true)
}

/**
 * Declares `value` an expression of JavaScript. For `reason` see `insecureRawHtml`. Throws `TypeError` for text with `</` or `<!--` in
 * it as well: it would end the element instead of the expression.
 */
export function insecureRawScript(value: string, reason: string): SafeScript {
  const text = declared('insecureRawScript', value, reason)
  if (/<[/!]|<script|\0/i.test(text)) throw new TypeError('insecureRawScript: write < as \\u003c in strings')
  return mintScript(text, true)
}

/** An address with an allowed scheme as `SafeUrl`, or `undefined`. */
export function safeUrl(value: string): SafeUrl | undefined {
  return isSafeUrl(value) ? mintUrl(value, false) : undefined
}

function declared(name: string, value: string, reason: string): string {
  if (typeof value !== 'string') throw new TypeError(`${name}: the value must be a string, got ${kindOf(value)}`)
  if (typeof reason !== 'string' || reason.trim().length < 10) {
    throw new TypeError(`${name}: say in at least 10 characters why this value is safe`)
  }
  return value
}
