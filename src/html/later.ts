/**
 * Pages whose parts come later: `htmlAsync` waits for all of them, `htmlStream` sends what is there and waits where it must.
 *
 * Every part is escaped exactly as in `html`, after it has come. A part that fails ends the page with its error; nothing after it
 * is sent.
 */
import { templateOf, type Template } from './compile.ts'
import { deeper, isList, type HtmlValue } from './fillers.ts'
import { mint, SafeHtml } from './safe-html.ts'

/** A value, a promise of one, or a list of these; in `htmlStream` another stream as well. */
export type LaterValue =
  | HtmlValue
  | HtmlStream
  | PromiseLike<HtmlValue | HtmlStream | readonly LaterValue[]>
  | readonly LaterValue[]

/** A page that is sent in pieces. Can be read once. */
export class HtmlStream {
  readonly #pieces: AsyncIterable<string>
  #begun = false

  /** For `htmlStream` only: `pieces` are the literal parts and filled values of a template. */
  private constructor(pieces: AsyncIterable<string>) {
    this.#pieces = pieces
  }

  /** The stream of a template, whose literals were read and whose values are filled as they come. */
  static of(template: Template, values: readonly LaterValue[]): HtmlStream {
    return new HtmlStream(piecesOf(template, values))
  }

  /** True for a genuine instance. */
  static is(value: unknown): value is HtmlStream {
    return typeof value === 'object' && value !== null && #pieces in value
  }

  /** The pieces with their marks, read from the field. Throws `TypeError` the second time: it would be an empty page. */
  static piecesOf(stream: HtmlStream): AsyncIterable<string> {
    if (stream.#begun) throw new TypeError('html: a stream can be read once: make one for each place and each answer')
    stream.#begun = true
    return stream.#pieces
  }
}

/**
 * `html` for values that are promises, also inside of lists: all of them are waited for at the same time.
 *
 * @example const page = await htmlAsync`<h1>${title}</h1>${loadNotes()}`
 */
export async function htmlAsync(strings: TemplateStringsArray, ...values: readonly LaterValue[]): Promise<SafeHtml> {
  const template = templateOf(strings, htmlAsync)
  const settled = await Promise.all(values.map((value) => settle(value, 0)))
  return mint(join(template, settled), false)
}

/**
 * `html` for pages that begin before all their values are there: what stands before a promise is sent while it is waited for.
 * All promises run at the same time. Where text stands it also takes another `htmlStream`.
 *
 * @example send(response, htmlStream`<h1>Notes</h1>${loadNotes()}<footer>…</footer>`)
 */
export function htmlStream(strings: TemplateStringsArray, ...values: readonly LaterValue[]): HtmlStream {
  const template = templateOf(strings, htmlStream)
  // A promise that fails while an earlier one is waited for must not end the process; its error comes when its turn does.
  quiet(values)
  return HtmlStream.of(template, values)
}

async function* piecesOf(template: Template, values: readonly LaterValue[]): AsyncGenerator<string> {
  const { literals, fillers, markup } = template
  let ready = literals[0] ?? ''
  for (const [index, fill] of fillers.entries()) {
    for await (const part of partsOf(values[index], markup[index] === true, 0)) {
      if (part === WAITING) {
        if (ready !== '') yield ready
        ready = ''
      } else ready += fill(part)
    }
    ready += literals[index + 1] ?? ''
  }
  if (ready !== '') yield ready
}

/** Says that the next part is not there yet. */
const WAITING = Symbol('waiting')

async function* partsOf(value: LaterValue, markup: boolean, depth: number): AsyncGenerator<HtmlValue | typeof WAITING> {
  if (isPromise(value)) {
    yield WAITING
    yield* partsOf(await value, markup, deeper(depth))
  } else if (HtmlStream.is(value)) {
    if (!markup) throw new TypeError('html: a stream can stand only where text stands')
    for await (const piece of HtmlStream.piecesOf(value)) {
      yield mint(piece, false)
      yield WAITING
    }
  } else if (isLater(value) && markup) {
    for (const item of value) yield* partsOf(item, markup, deeper(depth))
  } else yield await settle(value, depth)
}

function join({ literals, fillers }: Template, values: readonly HtmlValue[]): string {
  let page = literals[0] ?? ''
  for (const [index, fill] of fillers.entries()) page += fill(values[index]) + (literals[index + 1] ?? '')
  return page
}

/** A promise counts as a list does: one that leads to itself never ends either. */
async function settle(value: LaterValue, depth: number): Promise<HtmlValue> {
  if (isPromise(value)) return settle(await value, deeper(depth))
  if (HtmlStream.is(value)) return gathered(value)
  if (!isLater(value)) return value
  refuseDeep(value, depth)
  return Promise.all(value.map((item) => settle(item, depth + 1)))
}

async function gathered(stream: HtmlStream): Promise<SafeHtml> {
  let text = ''
  for await (const piece of HtmlStream.piecesOf(stream)) text += piece
  return mint(text, false)
}

/** Each once: what leads to itself is refused when its turn comes. */
function quiet(values: readonly LaterValue[], seen = new Set<unknown>()): void {
  const due = [...values]
  for (let value = due.pop(); value !== undefined || due.length > 0; value = due.pop()) {
    if ((!isPromise(value) && !isLater(value)) || seen.has(value)) continue
    seen.add(value)
    if (isPromise(value))
      value.then(
        (inside) => quiet([inside], seen),
        () => undefined,
      )
    else for (const item of value) due.push(item)
  }
}

/** Looks before anything is waited for: of a list that holds itself twice there are more parts than anybody could count. */
function refuseDeep(list: readonly LaterValue[], depth: number): void {
  const next = deeper(depth)
  for (const item of list) if (isLater(item)) refuseDeep(item, next)
}

function isLater(value: LaterValue): value is readonly LaterValue[] {
  return isList(value as HtmlValue)
}

function isPromise(value: LaterValue): value is PromiseLike<HtmlValue | HtmlStream | readonly LaterValue[]> {
  return typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function'
}
