/** The frame of every page: the kit's layout and style, our navigation, a few lines of CSS of our own. */
import type { Principal } from 'holdfast'
import { layout } from 'holdfast/console'
import { attributes, html, type SafeHtml } from 'holdfast/html'

/** What every page needs of the request. */
export interface Frame {
  readonly nonce: string
  readonly principal: Principal | null
  /** The hidden field that proves that a form came from a page of ours. */
  readonly formField: SafeHtml
  /** A field that people never see; see `watch.ts`. */
  readonly decoy: SafeHtml
  readonly path: string
  /** Says that somebody acts as who is signed in, or that the sealed account is open. */
  readonly banner: SafeHtml | undefined
}

export const BRAND = 'Field notes'

const OWN_HEAD = html`<link rel="icon" href="/static/mark.svg" type="image/svg+xml" /><link
    rel="stylesheet"
    href="/static/app.css"
  />`

export function page(frame: Frame, title: string, body: SafeHtml): SafeHtml {
  return layout({
    title,
    nonce: frame.nonce,
    brand: BRAND,
    ...navigation(frame),
    head: OWN_HEAD,
    body: html`${frame.banner}${body}`,
  })
}

function navigation({ principal, path }: Frame): { readonly nav: SafeHtml; readonly who: SafeHtml } {
  function link(href: string, text: string): SafeHtml {
    const current = path === href ? 'page' : path.startsWith(`${href}/`) ? 'true' : undefined
    return html`<a href="${href}" ${attributes({ 'aria-current': current })}>${text}</a>`
  }
  if (principal === null) return { nav: link('/', 'Home'), who: link('/login', 'Sign in') }
  const admin = principal.roles.includes('admin') && link('/admin', 'Administration')
  return {
    nav: html`${link('/', 'Home')}${link('/dashboard', 'Notes')}${admin}${link('/account/profile', 'Your account')}`,
    who: html`<span>${principal.login}</span>${link('/logout', 'Sign out')}`,
  }
}

/** The title says first that something is wrong, because it is the first thing a screen reader says. */
export function titled(title: string, ...forms: readonly { readonly failed: boolean }[]): string {
  return forms.some(({ failed }) => failed) ? `Error: ${title}` : title
}

/** Something that was done, said to everybody. */
export function done(notice: string | undefined): SafeHtml | undefined {
  return notice === undefined ? undefined : html`<div class="alert ok" role="status"><p>${notice}</p></div>`
}
