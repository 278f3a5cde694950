/**
 * What every atomic store accepts, checked once for all of them: a caller's mistake is the same RangeError on each store, and
 * nothing unbounded reaches a table, an index or a script.
 */

/** Characters (UTF-16 units) of a key. A longer one comes from a caller that forgot to hash what a client sent. */
export const MAX_KEY = 512
/** Characters of a value. */
export const MAX_VALUE = 65_536
/** A hundred years: what lasts longer is stored for as long. Keeps every sum inside the exact integers of a double. */
export const MAX_TTL = 100 * 365 * 86_400_000
/** The year 2155: up to here, and a ttl further, microseconds since 1970 are exact integers. */
const MAX_NOW = Math.floor(Number.MAX_SAFE_INTEGER / 1000) - MAX_TTL

export function checkKey(key: string): void {
  if (typeof key !== 'string') throw new TypeError(`A key must be a string, got ${typeof key}.`)
  if (key.length === 0) throw new RangeError('A key must not be empty: everybody would share it.')
  if (key.length > MAX_KEY) {
    throw new RangeError(
      `A key may have ${MAX_KEY} characters, got ${key.length}. Hash what a client sent before using it as a key.`,
    )
  }
}

export function checkValue(value: string): void {
  if (typeof value !== 'string') throw new TypeError(`A value must be a string, got ${typeof value}.`)
  if (value.length > MAX_VALUE) throw new RangeError(`A value may have ${MAX_VALUE} characters, got ${value.length}.`)
}

/** Milliseconds since 1970, whole. Refuses what is no time: with NaN every comparison fails and nothing would ever expire. */
export function instant(now: number): number {
  if (!(now >= 0 && now <= MAX_NOW)) throw new RangeError(`now must be milliseconds since 1970, got ${now}.`)
  return Math.floor(now)
}

/** The instant from which a value stored now for `ttl` milliseconds is gone. */
export function expiry(now: number, ttl: number): number {
  if (!(ttl > 0)) throw new RangeError(`ttl must be more than 0 milliseconds, got ${ttl}. Delete what is to end now.`)
  return Math.ceil(instant(now) + Math.min(ttl, MAX_TTL))
}

export function checkLimit(limit: number): void {
  if (!Number.isSafeInteger(limit) || limit < 0) throw new RangeError(`limit must be a whole number from 0, got ${limit}.`)
}

/** A count as the stores write it: decimal digits. `undefined` when the text is something else. */
export function parseCount(text: string): number | undefined {
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : undefined
}
