/**
 * What makes a form good for one sending: a token that the page hides, used up by an atomic verb of the store.
 * Stops double posts and replays: of many that come at once exactly one is done (OWASP ASVS 5.0, 2.3.4; CWE-837).
 */
import { sha256 } from '../crypto/hash.ts'
import type { Carried } from '../engine/carrier.ts'
import { FormToken, Principal } from '../engine/facts.ts'

/** Name of the hidden field. */
export const ONCE_FIELD = '_once'

const PURPOSE = 'form-once'
const SHAPE = /^([\w-]{22})\.([0-9a-z]{1,11})\.([\w.-]{1,120})$/
/** A result that is kept for those who send again: an address of ours. */
const LONGEST_RESULT = 1024

export interface Once {
  readonly form: string
  /** Milliseconds. */
  readonly life: number
}

export type Used =
  | { readonly ok: true; readonly ticket: Ticket }
  | { readonly ok: false; readonly reason: 'missing' | 'forged' | 'expired' }
  | { readonly ok: false; readonly reason: 'sent-already'; readonly result: string | undefined }

/** The one sending that won. */
export interface Ticket {
  /** Remembers where the result is, for those who send it again. */
  done(location: string): Promise<void>
  /** Gives the form back: what it asked for was not done. */
  undo(): Promise<void>
}

/** For whom a page is made: their session; before sign-in their browser. A page that begins a visitor is theirs alone: it is never stored. */
export function visitorOf({ x }: Carried, begin = false): string {
  if (begin) x.head.set('cache-control', 'no-store')
  return x.get(FormToken)?.visitor(begin) ?? x.get(Principal)?.id ?? ''
}

/** A new token for this visitor's page. Nothing is stored before it comes back. */
export function issueOnce(carried: Carried, { form }: Once): string {
  const { guard, x } = carried
  const nonce = guard.forms.random(16)
  const time = x.time.toString(36)
  const mac = guard.forms.keys.sign(PURPOSE, [form, visitorOf(carried, true), nonce, time])
  return `${nonce}.${time}.${mac}`
}

/** Uses a token up, for exactly one of those who send it. */
export async function useOnce(carried: Carried, { form, life }: Once, sent: string | undefined): Promise<Used> {
  const { guard, x } = carried
  const { keys, once, random } = guard.forms
  if (sent === undefined) return { ok: false, reason: 'missing' }
  const [, nonce, time, mac] = SHAPE.exec(sent) ?? []
  if (nonce === undefined || !keys.verify(PURPOSE, [form, visitorOf(carried), nonce, time!], mac!).ok)
    return { ok: false, reason: 'forged' }
  const left = Number.parseInt(time!, 36) + life - x.time
  if (left <= 0) return { ok: false, reason: 'expired' }

  const key = `${PURPOSE}:${sha256(`${form}:${nonce}`)}`
  const owner = random(16)
  if (!(await once.reserve(key, owner, left, x.time)))
    return { ok: false, reason: 'sent-already', result: await once.get(`${key}:result`, x.time) }
  return {
    ok: true,
    ticket: {
      async done(location) {
        if (location.length <= LONGEST_RESULT) await once.put(`${key}:result`, location, left, x.time)
      },
      undo: async () => void (await once.release(key, owner)),
    },
  }
}
