/**
 * Whether a password is in a collection of leaked ones, asked of a service that learns the first 20 of 160 bits of its SHA-1 and no more
 * (k-anonymity). Answers are padded, so that their length does not tell which range was asked for.
 * Source: https://haveibeenpwned.com/API/v3#PwnedPasswords; NIST SP 800-63B-4 section 3.1.1.2, OWASP ASVS 5.0 6.2.12.
 */
import { hash } from 'node:crypto'
import { reveal, type Secret } from '../secret.ts'
import { normalisePassword } from './normalise.ts'

export interface LeakedOptions {
  /** When the service does not answer as it should: `open` lets the password be chosen, `closed` refuses it. There is no default. */
  readonly onFailure: 'open' | 'closed'
  /** Address of the ranges, without the five digits. `https`, or `http` on loopback. @default 'https://api.pwnedpasswords.com/range' */
  readonly url?: string
  /** Milliseconds to wait, 100 to 60000. @default 3000 */
  readonly timeout?: number
  /** @default the guard of `holdfast/outbound`, for the public service alone; for another `url` the one of Node */
  readonly fetch?: Ask
}

/** The part of `fetch` that is used. */
export type Ask = (
  url: string,
  init: { readonly headers: Readonly<Record<string, string>>; readonly redirect: 'error'; readonly signal: AbortSignal },
) => Promise<Response>

/** `known`: `leaked` says whether it is in the collection. Otherwise the service failed, and the policy says what that means. */
export type LeakAnswer = { readonly known: true; readonly leaked: boolean } | { readonly known: false; readonly refuse: boolean }
export type LeakCheck = (password: string | Secret) => Promise<LeakAnswer>

const RANGE = 'https://api.pwnedpasswords.com/range'
const TIMEOUT = 3000
const LARGEST_ANSWER = 1_048_576 // padded answers are about 40 kB
const LINE = /^([0-9A-Fa-f]{35}):(\d{1,12})$/

/** Makes the check. Throws RangeError for options that cannot work. It never rejects. */
export function createLeakCheck({ onFailure, url = RANGE, timeout = TIMEOUT, fetch: ask = fetch }: LeakedOptions): LeakCheck {
  // oxlint-disable-next-line typescript/no-unnecessary-condition -- options come from JavaScript, too
  if (onFailure !== 'open' && onFailure !== 'closed')
    throw new RangeError('passwords.leaked.onFailure is not said. Write "open" or "closed".')
  if (!Number.isInteger(timeout) || timeout < 100 || timeout > 60_000)
    throw new RangeError(`passwords.leaked.timeout is ${timeout}. Give 100 to 60000 milliseconds.`)
  const base = readUrl(url)
  const failed: LeakAnswer = { known: false, refuse: onFailure === 'closed' }

  return async (password) => {
    const normalised = normalisePassword(reveal(password))
    if (!normalised.ok) return failed
    const digest = hash('sha1', normalised.text, 'hex').toUpperCase()
    try {
      const response = await ask(`${base}/${digest.slice(0, 5)}`, {
        headers: { 'add-padding': 'true', accept: 'text/plain' },
        redirect: 'error',
        signal: AbortSignal.timeout(timeout),
      })
      const counts = response.status === 200 ? readRange(await readText(response)) : undefined
      if (counts === undefined) return failed
      return { known: true, leaked: (counts.get(digest.slice(5)) ?? 0) > 0 } // padding has a count of 0
    } catch {
      return failed
    }
  }
}

function readUrl(text: string): string {
  const url = URL.parse(text)
  const local = url?.hostname === '127.0.0.1' || url?.hostname === '[::1]' || url?.hostname === 'localhost'
  const safe = url?.protocol === 'https:' || (url?.protocol === 'http:' && local)
  if (!url || !safe || url.search !== '' || url.hash !== '')
    throw new RangeError('passwords.leaked.url is not an https address without a query. Leave it out for the public service.')
  return url.href.replace(/\/+$/, '')
}

/** The counts by the 35 digits after the first five; `undefined` when a line is something else: half an answer is none. */
function readRange(text: string): ReadonlyMap<string, number> | undefined {
  const counts = new Map<string, number>()
  for (const line of text.split(/\r?\n/)) {
    if (line === '') continue
    const found = LINE.exec(line)
    if (!found) return undefined
    counts.set(found[1]!.toUpperCase(), Number(found[2]))
  }
  return counts.size > 0 ? counts : undefined
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of response.body ?? []) {
    length += chunk.length
    if (length > LARGEST_ANSWER) throw new RangeError('The answer is too long.')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString()
}
