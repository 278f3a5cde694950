/**
 * Reads each template literal once, when it is first used: where its values stand, and what is written differently.
 *
 * A template is known by its array of strings, which the language keeps for as long as the code that holds it.
 */
import { fillerOf, type Filler } from './fillers.ts'
import { mint, NONCE_MARK, type SafeHtml } from './safe-html.ts'
import { scan, TemplateRefusal } from './scan.ts'
import type { Edit } from './scanner.ts'

export interface Template {
  readonly literals: readonly string[]
  readonly fillers: readonly Filler[]
  /** For each value: whether text is escaped there and nothing else. */
  readonly plain: readonly boolean[]
  /** For each value: whether markup may stand there. */
  readonly markup: readonly boolean[]
  /** Whether a nonce belongs into one of the literals. */
  readonly marked: boolean
  /** The page, when the template has no values. */
  readonly constant: SafeHtml | undefined
}

/** One attribute or several, as an author writes them: names, each alone or with a double-quoted value. */
const attributeText = /^[a-z][\w:.-]*(?:="[^"<>]*")?(?:[ \n]+[a-z][\w:.-]*(?:="[^"<>]*")?)*$/i

/** What was found out about each template literal, a refusal too: literals live as long as the code, and so does this. */
const templates = new WeakMap<TemplateStringsArray, Template | string>()

/** The one that was asked for last: the row of a table is asked for as often as there are rows. It is what `templates` has, sooner. */
const recent: { strings: TemplateStringsArray | undefined; template: Template | undefined } = {
  strings: undefined,
  template: undefined,
}

/** The template of a literal; `tag` is the function that was called, whose caller is named in a refusal. */
export function templateOf(strings: TemplateStringsArray, tag: (...values: never[]) => unknown): Template {
  if (strings === recent.strings && recent.template) return recent.template
  let template = templates.get(strings)
  if (template === undefined) {
    template = compile(strings, tag)
    templates.set(strings, template)
  }
  if (typeof template === 'string') throw new TypeError(template)
  recent.strings = strings
  recent.template = template
  return template
}

/** Returns the template, or why it is refused; a refusal is kept as well, so that a bad template is not read again and again. */
function compile(strings: TemplateStringsArray, tag: (...values: never[]) => unknown): Template | string {
  // A call such as html([input]) must not turn input into markup: only a literal has frozen strings with `raw`.
  if (!Array.isArray(strings) || !Array.isArray(strings.raw) || !Object.isFrozen(strings)) {
    throw new TypeError('html is a tag: write html`…`, do not call it')
  }
  if (strings.some((literal: string | undefined) => literal === undefined))
    return 'html: the template has an invalid escape sequence'
  try {
    const { places, edits } = scan(strings)
    const literals = edited(strings, edits)
    const text = literals[0] ?? ''
    const marked = literals.some((literal) => literal.includes(NONCE_MARK))
    const constant = places.length === 0 ? mint(text, attributeText.test(text), marked) : undefined
    const fillers = places.map((place) => fillerOf[place])
    const plain = places.map((place) => place === 'text' || place === 'plain-text' || place === 'value')
    return { literals, fillers, plain, markup: places.map((place) => place === 'text'), marked, constant }
  } catch (error) {
    if (error instanceof TemplateRefusal) return `${error.message}${positionOf(strings, error.value, tag)}`
    throw error
  }
}

function edited(strings: readonly string[], edits: readonly Edit[]): readonly string[] {
  // A copy in any case: the elements of a frozen array are read more slowly.
  const literals = [...strings]
  // From the end, so that what is written does not move what is still to be written.
  for (const { literal, at, remove, insert } of edits.toSorted((a, b) => b.at - a.at)) {
    const text = literals[literal] ?? ''
    literals[literal] = text.slice(0, at) + insert + text.slice(at + remove)
  }
  return literals
}

/** Where the template stands in its file, and the value it is about. A value that is written over several lines moves the line. */
function positionOf(strings: TemplateStringsArray, value: number, tag: (...values: never[]) => unknown): string {
  const holder: { stack?: string } = {}
  Error.captureStackTrace(holder, tag)
  const [, file, line, column] = /([^\s(]+):(\d+):(\d+)\)?(?:\n|$)/.exec(holder.stack ?? '') ?? []
  if (file === undefined) return ''
  const lines = strings.raw.slice(0, value).join('').split('\n').length - 1
  const where = value < strings.length ? `value ${value}` : 'end'
  return ` [${file}:${Number(line) + lines}, ${where} of the template that begins at ${line}:${column}]`
}
