/**
 * Opens a new session in a browser that was told to remember somebody. Only when somebody goes to a page (a GET that navigates): what
 * a page loads by itself comes many at a time, and would replace one token many times at once; a form is never acted on by a session
 * that was not there when it was rendered. Source: Fetch Metadata Request Headers (W3C) sections 2.1 and 2.2; OWASP ASVS 5.0 7.2.4.
 */
import type { Accounts, NewSession } from '../../accounts/types.ts'
import { browserCookies } from '../../console/browser-cookies.ts'
import { originOf } from '../../console/form.ts'
import type { Site } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { wantsHtml } from '../../http/accept.ts'
import { Remembered } from './slot.ts'

/** Nothing when there is nothing to restore, so that such a request stays synchronous. */
export type Restore = (x: Exchange) => Promise<NewSession | undefined> | undefined

/** Makes it; `undefined` while remembering is off. */
export function createRestore(accounts: Accounts, site: Site): Restore | undefined {
  const { browsers, doors } = accounts
  const life = browsers.lives.remember
  if (life === undefined) return undefined
  const cookies = browserCookies(site)

  async function open(x: Exchange, token: string): Promise<NewSession | undefined> {
    const from = { ...originOf(x), device: cookies.trust.read(x) }
    const result = await doors.remember.signIn({ token }, from)
    if (result.ok) {
      if (result.remember) cookies.remember.hold(x, result.remember.reveal(), life!)
      return result
    }
    if (result.reason === 'second-factor') x.set(Remembered, true)
    if (result.reason === 'denied') cookies.remember.drop(x)
    return undefined
  }

  return (x) => {
    if (!isNavigation(x)) return undefined
    const token = cookies.remember.read(x)
    return token === undefined ? undefined : open(x, token)
  }
}

/** Browsers say so; one that does not asks for HTML by name when it navigates, and for anything when it loads. */
function isNavigation(x: Exchange): boolean {
  if (x.method !== 'GET' || x.upgrade) return false
  const mode = x.header('sec-fetch-mode')
  if (mode === undefined) return wantsHtml(x.header('accept'))
  return mode === 'navigate' && x.header('sec-fetch-dest') === 'document'
}
