/**
 * The text or the stream of a page, with the nonce of its answer in every tag of a script or a style.
 *
 * Only tags that stand in the literal part of a template get it: a script that came in as a value does not run.
 *
 * Source: Content Security Policy Level 3, "nonce-source"; OWASP Content Security Policy Cheat Sheet.
 */
import { escapeHtml } from './escape.ts'
import { HtmlStream } from './later.ts'
import { SafeHtml, withNonce } from './safe-html.ts'

export interface RenderOptions {
  /**
   * The nonce of this answer's Content-Security-Policy; a tag that has one keeps its own.
   *
   * @default none: scripts and styles stay without
   */
  readonly nonce?: string | undefined
}

/**
 * The text of a page.
 *
 * @example response.end(render(page, { nonce: holdfast.of(request).nonce }))
 */
export function render(page: SafeHtml, { nonce }: RenderOptions = {}): string {
  if (!SafeHtml.is(page)) throw new TypeError('render: the page must be made by html`…`')
  const text = SafeHtml.textOf(page)
  return SafeHtml.isMarked(page) ? withNonce(text, attributeOf(nonce)) : text
}

/** The bytes of a page, in pieces as they come. It is read no faster than it is sent. */
export function toStream(page: SafeHtml | HtmlStream, options: RenderOptions = {}): ReadableStream<Uint8Array> {
  return ReadableStream.from(bytesOf(page, options))
}

/** The pieces of a page as bytes. */
export async function* bytesOf(page: SafeHtml | HtmlStream, options: RenderOptions): AsyncGenerator<Uint8Array> {
  const encoder = new TextEncoder()
  const attribute = attributeOf(options.nonce)
  if (!HtmlStream.is(page)) yield encoder.encode(render(page, options))
  else for await (const piece of HtmlStream.piecesOf(page)) yield encoder.encode(withNonce(piece, attribute))
}

function attributeOf(nonce: string | undefined): string {
  return nonce === undefined || nonce === '' ? '' : ` nonce="${escapeHtml(nonce)}"`
}
