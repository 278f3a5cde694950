/**
 * `attributes`: a fragment of attributes for a tag, from an object, where some are there only sometimes.
 *
 * Stops attribute injection (CWE-79): names are checked, values are escaped and quoted, and the names where a value would run or
 * load something follow the same rules as in a template.
 */
import { escapeHtml } from './escape.ts'
import { attributeRule, isAttributeName } from './names.ts'
import { mint, type SafeHtml } from './safe-html.ts'
import { blockedUrl, isSafeUrl } from './url.ts'

/**
 * Returns the attributes as `SafeHtml` for use inside a tag: `true` gives the bare name, `false`, `null` and `undefined` give
 * nothing, text and numbers a quoted value. A URL with another scheme than http, https, mailto or tel becomes `#blocked`.
 * Throws `TypeError` for a malformed name, an event handler, `style` and the like, and for other values.
 *
 * @example html`<input ${attributes({ required: true, 'aria-invalid': error ? 'true' : undefined })}>`
 */
export function attributes(values: Readonly<Record<string, string | number | boolean | null | undefined>>): SafeHtml {
  const parts: string[] = []
  for (const [name, value] of Object.entries(values)) {
    if (!isAttributeName(name)) throw new TypeError('attributes: a name must be a letter, then letters, digits, -, _, : and .')
    const rule = attributeRule('', name.toLowerCase())
    if (typeof rule === 'object') throw new TypeError(`attributes: ${name} is refused: ${rule.refused}`)
    if (rule === 'css' || rule === 'srcset') throw new TypeError(`attributes: ${name} is refused: write it out in the template`)
    if (value === false || value === null || value === undefined) continue
    parts.push(value === true ? name : `${name}="${escapeHtml(textOf(name, value, rule === 'url'))}"`)
  }
  return mint(parts.join(' '), true)
}

function textOf(name: string, value: string | number, url: boolean): string {
  if (typeof value !== 'string' && typeof value !== 'number') {
    throw new TypeError(`attributes: ${name} takes text, a number or a boolean, got a value of type ${typeof value}`)
  }
  const text = String(value)
  return url && !isSafeUrl(text) ? blockedUrl : text
}
