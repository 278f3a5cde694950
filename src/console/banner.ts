/** The banner that stands on the application's pages while somebody acts as one of its users: so that nobody forgets as whom they look. */
import { slot } from '../engine/exchange.ts'
import { html, type SafeHtml } from '../html/html.ts'
import { timeOf } from './time.ts'

/** Where the button of the banner goes. Given with each request in which somebody acts as another. */
export const StopActing = slot<string>('stop-acting')

/** Where the way out is, for the banner of the sealed account. */
export const SignOutPath = slot<string>('sign-out-path')

/** What a banner is made of. */
export interface BannerModel {
  /** As whom. */
  readonly as: string
  /** Who does. */
  readonly by: string
  readonly until: number
  /** Where the button goes. */
  readonly stopPath: string
  /** The hidden field against cross-site request forgery. */
  readonly formField: SafeHtml
}

/** Says on every page that this is the sealed account, until when, and how to leave it. */
export function breakGlassBanner({
  until,
  signOutPath,
  formField,
}: {
  readonly until: number
  readonly signOutPath: string
  readonly formField: SafeHtml
}): SafeHtml {
  return html`<div class="break-glass alert error" role="status">
    <form method="post" action="${signOutPath}">
      ${formField}<span>This is the sealed account, until ${timeOf(until)}. Everybody who administers was told.</span>
      <button class="btn small" type="submit">Sign out</button>
    </form>
  </div>`
}

/** The banner for the application's own layout. In the kit's layout it looks like a notice; `class="impersonation"` is for a style of your own. */
export function impersonationBanner({ as, by, until, stopPath, formField }: BannerModel): SafeHtml {
  return html`<div class="impersonation alert info" role="status">
    <form method="post" action="${stopPath}">
      ${formField}<span>${by}, you act as <b>${as}</b> until ${timeOf(until)}.</span>
      <button class="btn small" type="submit">Stop</button>
    </form>
  </div>`
}
