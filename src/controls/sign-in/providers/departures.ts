/**
 * Signing out at a provider, too, after signing out here: the way there is put down when somebody comes in, so that nothing has to be asked
 * when they leave. It holds the ID token, which says there whose session is meant; it lies sealed, and is used once.
 * Source: OpenID Connect RP-Initiated Logout 1.0 sections 2 and 3.
 */
import { sha256 } from '../../../crypto/hash.ts'
import type { KeyRing } from '../../../crypto/keyring.ts'
import type { Setting } from '../../../engine/control.ts'

/** From where a session came: who it is there, and the session there, where it has a name. */
export interface CameFrom {
  readonly issuer: string
  readonly subject: string
  readonly sid?: string | undefined
}

export interface Departures {
  /** Puts down where to go. `way`: with everything but the state. */
  keep(from: CameFrom, provider: string, way: string): Promise<void>
  /** The provider to which a session of this origin would go. */
  waiting(from: CameFrom): Promise<string | undefined>
  /** Where to send the browser, with a state of its own; of many at once one gets it. */
  begin(from: CameFrom): Promise<string | undefined>
  /** Whether this state was given to somebody who went to this provider; it counts once. */
  arrive(provider: string, state: string): Promise<boolean>
}

interface Kept {
  readonly provider: string
  readonly way: string
}

const PURPOSE = 'provider-departure'
/** A session should not last longer; one that does ends here alone. */
const KEPT = 7 * 86_400_000
/** Whoever goes may be asked there whether they mean it. */
const AWAY = 3_600_000
const STATE = /^[\w-]{43}$/ // 32 bytes as base64url

type DeparturesSetting = Pick<Setting<unknown>, 'once' | 'random' | 'now'> & { readonly keys: Pick<KeyRing, 'seal' | 'open'> }

/** Makes the service. */
export function createDepartures({ once, keys, random, now }: DeparturesSetting): Departures {
  const keyOf = ({ issuer, subject, sid = '' }: CameFrom) => `${PURPOSE}:${sha256(JSON.stringify([issuer, subject, sid]))}`
  const stateKey = (provider: string, state: string) => `${PURPOSE}:state:${sha256(JSON.stringify([provider, state]))}`

  function read(key: string, sealed: string | undefined): Kept | undefined {
    const opened = sealed === undefined ? undefined : keys.open(PURPOSE, sealed, [key])
    if (opened?.ok !== true) return undefined
    const kept: Kept = JSON.parse(opened.plaintext.toString())
    return kept
  }

  return {
    async keep(from, provider, way) {
      const key = keyOf(from)
      const kept: Kept = { provider, way }
      await once.put(key, keys.seal(PURPOSE, JSON.stringify(kept), [key]), KEPT, now())
    },

    async waiting(from) {
      const key = keyOf(from)
      return read(key, await once.get(key, now()))?.provider
    },

    async begin(from) {
      const key = keyOf(from)
      const kept = read(key, await once.consumeOnce(key, now()))
      if (kept === undefined) return undefined
      const state = random(32)
      await once.put(stateKey(kept.provider, state), 'away', AWAY, now())
      const url = new URL(kept.way)
      url.searchParams.set('state', state)
      return url.href
    },

    async arrive(provider, state) {
      return STATE.test(state) && (await once.consumeOnce(stateKey(provider, state), now())) !== undefined
    },
  }
}
