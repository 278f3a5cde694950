/**
 * The application says in code who may come, where its pages are and what its keys are, which the command cannot see. So it leaves that in
 * the store when it starts, and `holdfast users invite` can write a letter that the application then sends, with a link that works.
 */
import { createSecretKey } from 'node:crypto'
import type { SignUpPolicy } from '../accounts/types.ts'
import type { LinkTargets } from '../accounts/mail/post.ts'
import { hmac } from '../crypto/hmac.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { AtomicStore } from '../store/atomic.ts'

/** What a letter of the command needs. */
export interface RecordedLetters {
  readonly targets: LinkTargets
  readonly signUp: SignUpPolicy
  /** See `fingerprintsOf`. */
  readonly keys: readonly string[]
}

const KEY = 'application:letters'
const CENTURY = 100 * 365 * 86_400_000

/** Leaves it; nothing where no letters are sent. */
export async function recordLetters(once: AtomicStore, letters: RecordedLetters | undefined, now: number): Promise<void> {
  if (letters === undefined) await once.delete(KEY)
  else await once.put(KEY, JSON.stringify(letters), CENTURY, now)
}

/** What was left last. */
export async function recordedLetters(once: AtomicStore, now: number): Promise<RecordedLetters | undefined> {
  const text = await once.get(KEY, now)
  return text === undefined ? undefined : (JSON.parse(text) as RecordedLetters)
}

/** Of each key, so that keys of one name are told apart, and nothing of the key: what one process seals the other has to open. */
export function fingerprintsOf(keys: Pick<KeyRing, 'subkey' | 'ids'>): readonly string[] {
  return keys.ids.map((id) => hmac(createSecretKey(keys.subkey('application/letters', id)!), 'fingerprint').slice(0, 22))
}
