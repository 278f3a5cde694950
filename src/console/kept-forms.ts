/**
 * Forms that were refused until a newer or stronger proof, kept for their sender: sealed for the session and the user who sent them, good once,
 * for ten minutes. Nothing here sends them; the page of the door `resume` asks the person.
 * Source: NIST SP 800-38D (associated data); OWASP ASVS 5.0, 7.5.3 (a proof before what is sensitive).
 */
import { sha256 } from '../crypto/hash.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import { slot, type Exchange } from '../engine/exchange.ts'
import { Principal, SessionId } from '../engine/facts.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { MaybePromise } from '../store/database.ts'

export interface KeptForm {
  /** With its query. */
  readonly path: string
  /** In the order in which they were sent; a name may stand there more than once. */
  readonly fields: readonly (readonly [name: string, value: string])[]
}

export interface KeptForms {
  /** The id under which it is kept, or `undefined` when this session keeps too many already. */
  keep(x: Exchange, form: KeptForm): Promise<string | undefined>
  /** Reads it and leaves it there; `undefined` for what is used, too old, not ours, or of another session or user. */
  look(x: Exchange, id: string): Promise<KeptForm | undefined>
  /** The same, and uses it up: of many who try at once one gets it. */
  take(x: Exchange, id: string): Promise<KeptForm | undefined>
}

/** How the door finds it. */
export const KeptForms = slot<KeptForms>('kept-forms')

export interface KeptFormsSetting {
  readonly keys: Pick<KeyRing, 'seal' | 'open'>
  readonly once: Pick<AtomicStore, 'put' | 'get' | 'consumeOnce' | 'incrementIf'>
  readonly random: (bytes: number) => string
  readonly now: () => number
}

const PURPOSE = 'console/kept-form'
/** Longer than a proof takes, with the enrolment of a factor before it. */
const LIFE = 600_000
/** In ten minutes: so that nobody who is signed in fills the store. */
const MOST = 5

export function createKeptForms({ keys, once, random, now }: KeptFormsSetting): KeptForms {
  async function look(x: Exchange, id: string): Promise<KeptForm | undefined> {
    const sealed = id === '' ? undefined : await once.get(keyOf(id), now())
    const owner = ownerOf(x)
    if (sealed === undefined || owner === undefined) return undefined
    const opened = keys.open(PURPOSE, sealed, owner)
    return opened.ok ? (JSON.parse(opened.plaintext.toString()) as KeptForm) : undefined
  }

  return {
    look,
    async keep(x, form) {
      const owner = ownerOf(x)
      if (owner === undefined) return undefined
      const { ok } = await once.incrementIf(`kept-forms:${owner[0]}`, MOST, LIFE, now())
      if (!ok) return undefined
      const id = random(16)
      await once.put(keyOf(id), keys.seal(PURPOSE, JSON.stringify(form), owner), LIFE, now())
      return id
    },
    // Looked at first: whoever else has the id must not be able to use it up.
    async take(x, id) {
      const form = await look(x, id)
      if (form === undefined) return undefined
      const mine: MaybePromise<string | undefined> = once.consumeOnce(keyOf(id), now())
      return (await mine) === undefined ? undefined : form
    },
  }
}

/** The id stands in an address of the browser; what is stored does not say it. */
function keyOf(id: string): string {
  return `kept-form:${sha256(id)}`
}

/** The session by its public id, which outlives the new token of a proof, and as whom it acts. */
function ownerOf(x: Exchange): readonly [session: string, user: string] | undefined {
  const [session, principal] = [x.get(SessionId), x.get(Principal)]
  return session === undefined || !principal ? undefined : [session, principal.id]
}
