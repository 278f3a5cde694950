/**
 * The document around every page that is made on the server: it works without JavaScript and under a strict
 * Content-Security-Policy, because it has no script, no inline style attribute and no image from elsewhere.
 */
import { html, type SafeHtml } from '../html/html.ts'
import { styleElement } from './style.ts'

/** What a document is made of. */
export interface Layout {
  /** What the page is about; stands before the brand in the title of the window. */
  readonly title: string
  /** The nonce of this response's Content-Security-Policy. */
  readonly nonce: string
  /** The content of `<main>`. */
  readonly body: SafeHtml
  /** Name of the application. @default 'Holdfast' */
  readonly brand?: string | undefined
  /** Where the brand in the top bar leads. @default '/' */
  readonly home?: string | undefined
  /** Links of the top bar. Six and more get a line of their own. */
  readonly nav?: SafeHtml | undefined
  /** Who is signed in, in a `span`, and the way out or in: stays together at the end of the first line. */
  readonly who?: SafeHtml | undefined
  /** More for `<head>`: the application's own style sheet. */
  readonly head?: SafeHtml | undefined
  /** One card in the middle of the window, with the brand above it and no top bar. @default false */
  readonly narrow?: boolean | undefined
}

const mark = html`<svg viewBox="0 0 24 24" aria-hidden="true">
  <rect width="24" height="24" rx="6.5" fill="#12545f" />
  <path
    d="M12 4.2v8.3M12 12.5c0 3-2.6 3.6-4 6.4M12 12.5c0 3 2.6 3.6 4 6.4M12 12.5c-.2 2.6-.2 4.3 0 7M12 11c-1.2 3-4.6 2.4-6.6 4.9M12 11c1.2 3 4.6 2.4 6.6 4.9"
    fill="none"
    stroke="#d9f3ee"
    stroke-width="1.7"
    stroke-linecap="round"
  />
  <circle cx="12" cy="4.9" r="1.5" fill="#d9f3ee" />
</svg>`

/**
 * Returns the whole document. Throws `TypeError` for a nonce that is not base64: without it the page would have no style.
 *
 * @example layout({ title: 'Notes', nonce, body: html`<h1>Notes</h1>`, brand: 'Acme', nav: html`<a href="/notes">Notes</a>` })
 */
export function layout({ title, nonce, body, brand = 'Holdfast', home = '/', nav, who, head, narrow = false }: Layout): SafeHtml {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · ${brand}</title>
        ${styleElement(nonce)}${head}
      </head>
      ${narrow ? centred(body, brand) : full(body, { brand, home, nav, who })}
    </html> `
}

function centred(body: SafeHtml, brand: string): SafeHtml {
  return html`<body class="centred">
    <header class="brand">${mark}${brand}</header>
    <main id="main">${body}</main>
  </body>`
}

function full(body: SafeHtml, { brand, home, nav, who }: Pick<Layout, 'brand' | 'home' | 'nav' | 'who'>): SafeHtml {
  return html`<body>
    <a class="skip" href="#main">Skip to content</a>
    <header class="top">
      <a class="brand" href="${home}">${mark}${brand}</a>${nav && html`<nav aria-label="Main">${nav}</nav>`}${who && html`<div class="who">${who}</div>`}
    </header>
    <main class="page" id="main" tabindex="-1">${body}</main>
  </body>`
}
