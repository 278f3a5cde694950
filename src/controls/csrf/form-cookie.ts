/**
 * Before sign-in there is no session to bind a token to; with `tokens: 'always'` a cookie that lasts for an hour stands in.
 * It names nobody, and it is set only when a form is rendered.
 */
import type { Site } from '../../engine/control.ts'
import { slot, type Exchange } from '../../engine/exchange.ts'
import { readCookie, serializeCookie, type CookieAttributes } from '../../http/cookie.ts'

export interface FormCookie {
  /** What the browser sent, or what this answer gives it. */
  readonly read: (x: Exchange) => string | undefined
  /** Gives the browser a value, for one more hour. */
  readonly begin: (x: Exchange) => string
}

const LIFE = 3600
const VALUE = /^[\w-]{43}$/
const Begun = slot<string>('form-cookie')

/** The prefix `__Host-` keeps a sibling domain from planting a value of its own together with a token for it. */
export function formCookie(site: Pick<Site, 'secure'>, random: (bytes: number) => string): FormCookie {
  const name = site.secure ? '__Host-hf_form' : 'hf_form_localhost'
  const attributes: CookieAttributes = { path: '/', secure: site.secure, httpOnly: true, sameSite: 'lax', maxAge: LIFE }

  function read(x: Exchange): string | undefined {
    const begun = x.get(Begun)
    if (begun !== undefined) return begun
    const sent = readCookie(x.header('cookie'), name)
    return sent.ok && VALUE.test(sent.value) ? sent.value : undefined
  }

  function begin(x: Exchange): string {
    const value = read(x) ?? random(32)
    if (x.get(Begun) === undefined) x.cookies.push(serializeCookie(name, value, attributes))
    x.set(Begun, value)
    return value
  }

  return { read, begin }
}
