/** What the kit's own pages read from a request, and what every page of theirs carries. Used by the controls that serve them. */
import type { Origin } from '../accounts/types.ts'
import type { Exchange } from '../engine/exchange.ts'
import { Body, Client, FormToken, Nonce } from '../engine/facts.ts'
import { DeviceToken, KnownDevice } from './browser-cookies.ts'
import { answer, type Reply } from '../engine/reply.ts'
import { prefers } from '../http/accept.ts'
import { parseQuery } from '../http/query.ts'
import type { PageModel } from './pages/index.ts'

/** What was sent, by field. Values that are no text, and fields sent twice, read as empty. */
export interface Sent {
  /** Whether the answer should be JSON: the client sent JSON, or would rather have it than a page. */
  readonly json: boolean
  text(name: string): string
}

const OFFERS = ['text/html', 'application/json']
const NOTHING: unknown = Object.freeze({})

/** The fields of the form, or the members of the JSON object, that the request carries; all are empty when it carries neither. */
export function sentForm(x: Exchange): Sent {
  const body = x.get(Body)
  const fields = body?.value ?? NOTHING
  const form = body === undefined || body.type === 'application/x-www-form-urlencoded'
  return {
    json: !form || prefers(x.header('accept'), OFFERS) === 'application/json',
    text(name) {
      if (typeof fields !== 'object' || fields === null || !Object.hasOwn(fields, name)) return ''
      const value: unknown = Reflect.get(fields, name)
      return typeof value === 'string' ? value : ''
    },
  }
}

const USER_AGENT = 256

/** From where this is asked. Without a client's address all share one bucket of the limits. */
export function originOf(x: Exchange): Origin {
  const client = x.get(Client)
  return {
    address: client?.address ?? 'unknown',
    network: client?.network ?? 'unknown',
    site: client?.site,
    device: x.get(DeviceToken),
    knownDevice: x.get(KnownDevice),
    userAgent: (x.header('user-agent') ?? '').slice(0, USER_AGENT),
    exchange: x,
  }
}

/** What is behind the client's question mark, by name; empty when it is not there, there twice, or cannot be read. */
export function queryText(x: Exchange, name: string): string {
  const query = parseQuery(x.search)
  const value = query.ok ? query.value[name] : undefined
  return typeof value === 'string' ? value : ''
}

/** The nonce and the token of a page of ours. It is made for one reader, so it is never stored. */
export function pageFacts(x: Exchange): Pick<PageModel, 'nonce' | 'csrf'> {
  x.head.set('cache-control', 'no-store')
  const form = x.get(FormToken)
  const token = form?.token()
  return {
    nonce: nonceOf(x),
    csrf: form && token !== undefined ? { name: form.field, token } : undefined,
  }
}

/** Without the control that makes nonces there is no policy that asks for one; the page still has its place for it. */
export function nonceOf(x: Exchange): string {
  return x.get(Nonce)?.() ?? 'none'
}

export function json(value: unknown, status = 200): Reply {
  return answer(status, { 'content-type': 'application/json', 'cache-control': 'no-store' }, JSON.stringify(value))
}
