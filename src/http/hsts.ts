/**
 * Strict-Transport-Security: user agents come back over TLS only.
 * Stops downgrade and cookie theft on the first plain request after the first visit. Send it on encrypted responses only.
 * Sources: RFC 6797 §6.1 and §7.2; preload rules of hstspreload.org; OWASP HSTS Cheat Sheet.
 */

export interface HstsOptions {
  /** Seconds, a whole number. 0 makes user agents forget. */
  readonly maxAge: number
  /** @default false */
  readonly includeSubDomains?: boolean
  /** Asks to be built into user agents, which is hard to take back: needs a year and all subdomains. @default false */
  readonly preload?: boolean
}

const YEAR = 31_536_000
const TEN_YEARS = 10 * YEAR

/** The field value. Throws a TypeError for a max-age that is no number of seconds, and when the preload rules are not met. */
export function compileHsts({ maxAge, includeSubDomains = false, preload = false }: HstsOptions): string {
  if (!Number.isInteger(maxAge) || maxAge < 0)
    throw new TypeError(`HSTS: maxAge must be whole seconds, 0 or more; got ${maxAge}.`)
  if (maxAge > TEN_YEARS) throw new TypeError(`HSTS: maxAge ${maxAge} is above ten years. It is in seconds: one year is ${YEAR}.`)
  if (preload && maxAge < YEAR) throw new TypeError(`HSTS: preload needs maxAge of at least ${YEAR} (one year); got ${maxAge}.`)
  if (preload && !includeSubDomains) throw new TypeError('HSTS: preload needs includeSubDomains: true.')
  return `max-age=${maxAge}${includeSubDomains ? '; includeSubDomains' : ''}${preload ? '; preload' : ''}`
}
