/**
 * Sign-ins that are on their way to a provider and back. What ties the answer to the question is kept on the server, sealed, under the
 * hash of its state; it opens for the same provider and the same browser alone, once, for ten minutes.
 * Stops answers that somebody else began: login CSRF, foreign and replayed states, and answers of one provider that are taken to
 * another (L31, L48, L49, L60; RFC 9700 sections 2.1 and 4.4, GHSA-x445-f3h2-j279).
 */
import type { KeyRing } from '../../../crypto/keyring.ts'
import { sha256 } from '../../../crypto/hash.ts'
import type { Setting, Site } from '../../../engine/control.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { hostCookie } from '../../../engine/host-cookie.ts'
import type { Ties } from './provider.ts'

/** What it is for. */
export type Purpose = 'sign-in' | 'again' | 'link'

export interface Flow extends Ties {
  readonly provider: string
  readonly purpose: Purpose
  /** Where to go on to; was checked. */
  readonly next: string
  /** Public id of the session in which it began; for `again` and `link` it must be the one in which it ends. */
  readonly session: string | undefined
}

export interface Flows {
  /** Makes what ties the answer to the question. */
  begin(flow: Omit<Flow, 'state' | 'nonce' | 'verifier' | 'startedAt'>): Flow
  /** Keeps it until the answer comes. */
  keep(x: Exchange, flow: Flow): Promise<void>
  /** The flow of this state, if this browser began it with this provider; then it is over. Of many at once one gets it. */
  take(x: Exchange, provider: string, state: string): Promise<Flow | undefined>
}

type FlowsSetting = Pick<Setting<unknown>, 'once' | 'random' | 'now'> & {
  readonly site: Pick<Site, 'secure'>
  readonly keys: Pick<KeyRing, 'seal' | 'open'>
}

const LIFE = 600_000
const PURPOSE = 'provider-flow'
const TOKEN = /^[\w-]{43}$/ // 32 bytes as base64url

/** Makes the service. Its cookie names nobody; several flows of one browser share it. */
export function createFlows({ site, once, keys, random, now }: FlowsSetting): Flows {
  // Lax: the way back begins on the provider's page.
  const cookie = hostCookie(site, 'provider', 'lax')
  const keyOf = (state: string) => `${PURPOSE}:${sha256(state)}`

  function browser(x: Exchange): string | undefined {
    const sent = cookie.read(x)
    return sent !== undefined && TOKEN.test(sent) ? sent : undefined
  }

  return {
    begin(flow) {
      const [state, nonce, verifier] = [random(32), random(32), random(32)]
      return { ...flow, state, nonce, verifier, startedAt: now() }
    },

    async keep(x, flow) {
      const held = browser(x) ?? random(32)
      cookie.hold(x, held, LIFE)
      const sealed = keys.seal(PURPOSE, JSON.stringify(flow), [flow.state, held, flow.provider])
      await once.put(keyOf(flow.state), sealed, LIFE, now())
    },

    async take(x, provider, state) {
      const held = browser(x)
      if (held === undefined || !TOKEN.test(state)) return undefined
      const key = keyOf(state)
      const sealed = await once.get(key, now())
      const opened = sealed === undefined ? undefined : keys.open(PURPOSE, sealed, [state, held, provider])
      if (opened?.ok !== true) return undefined
      // Whoever may not have it does not end it for who may; of those who may, the first takes it.
      if ((await once.consumeOnce(key, now())) !== sealed) return undefined
      const flow: Flow = JSON.parse(opened.plaintext.toString())
      return flow
    },
  }
}
