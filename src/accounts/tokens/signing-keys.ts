/**
 * The keys that sign access tokens: in the database, sealed under the key ring, the same in all processes. There is always one that
 * signs, one that is published before it will, and those whose tokens may still live. Which is which follows from their times alone.
 * Sources: RFC 8725 section 3.1 (one algorithm a key); NIST SP 800-57 part 1 section 5.3 (periods); OWASP Key Management Cheat Sheet.
 */
import { act } from '../../engine/act.ts'
import {
  generateSigningKey,
  readSigningKey,
  type PublicJwk,
  type SigningAlgorithm,
  type SigningKey,
} from '../../crypto/signing-key.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { Emit } from '../../engine/events.ts'
import { nameOf } from '../ids.ts'
import type { AccountsDatabase, SigningKeyRow } from '../schema.ts'
import type { Actor } from '../types.ts'
import type { ListedSigningKey, TokenSetting } from './app-types.ts'

/** A key that can be opened, with its times. */
interface Ready extends SigningKey {
  readonly number: number
  readonly activeAt: number
}

/** What was read last. */
interface Known {
  readonly at: number
  readonly ready: readonly Ready[]
  /** The highest number there is, of those too that cannot be opened. */
  readonly last: number
}

export interface SigningKeys {
  /** The one that signs; made when there is none. */
  current(now: number): Promise<SigningKey>
  /** The one of this id, as long as what it signed may live. */
  find(id: string, now: number): Promise<SigningKey | undefined>
  published(now: number): Promise<readonly PublicJwk[]>
  list(now: number): Promise<readonly ListedSigningKey[]>
  rotate(actor: Actor, options: { readonly revoke?: boolean | undefined }): Promise<ListedSigningKey | undefined>
  /** Makes the next key once there is a first, and deletes those that nothing needs any more; returns how many. */
  sweep(now: number): Promise<number>
}

interface Setting extends Pick<TokenSetting, 'algorithm' | 'rotate'> {
  readonly database: AccountsDatabase
  readonly keys: Pick<KeyRing, 'seal' | 'open'>
  readonly emit: Emit
  readonly now: () => number
}

export const SIGNING_KEY_PURPOSE = 'accounts/signing-key'
/** A key is published at least so long before it signs: longer than anybody keeps the published keys. */
const LEAD = 3_600_000
/** Longer than the longest life of an access token. */
const KEPT = 2 * 3_600_000
/** How long a process believes what it read: what another one rotates is seen within this time. */
const BELIEVED = 1000
const MOST_TRIES = 3

/** Makes the service. Nothing is made before the first token. */
export function createSigningKeys({ database, keys, algorithm, rotate, emit, now }: Setting): SigningKeys {
  const { kysely } = database
  const opened = new Map<string, Promise<SigningKey | undefined>>()
  let known: Known | undefined

  /** `undefined` for one that was sealed under a key which is gone: it signs nothing and vouches for nothing. */
  async function unseal({ id, algorithm: of, value }: SigningKeyRow): Promise<SigningKey | undefined> {
    const found = keys.open(SIGNING_KEY_PURPOSE, value, [id, of])
    if (!found.ok) return undefined
    const key = await readSigningKey(of, found.plaintext)
    return key.id === id ? key : undefined
  }

  async function read(at: number): Promise<Known> {
    const rows = await kysely.selectFrom('hf_signing_keys').selectAll().orderBy('number').execute()
    for (const id of opened.keys()) if (!rows.some((row) => row.id === id)) opened.delete(id)
    const ready: Ready[] = []
    for (const row of rows) {
      const opening = opened.get(row.id) ?? unseal(row)
      opened.set(row.id, opening)
      const key = await opening
      if (key) ready.push({ ...key, number: row.number, activeAt: row.active_at })
    }
    return (known = { at, ready, last: rows.at(-1)?.number ?? 0 })
  }

  async function load(at: number): Promise<Known> {
    return known !== undefined && at >= known.at && at - known.at < BELIEVED ? known : await read(at)
  }

  /** The one after those that were seen: of many processes that saw the same one makes it, and the others find it. */
  async function makeAfter({ last }: Known, activeAt: number, at: number): Promise<Known> {
    const der = generateSigningKey(algorithm)
    const { id } = await readSigningKey(algorithm, der)
    const value = keys.seal(SIGNING_KEY_PURPOSE, der, [id, algorithm])
    const { numInsertedOrUpdatedRows: made } = await kysely
      .insertInto('hf_signing_keys')
      .values({ number: last + 1, id, algorithm, value, created_at: at, active_at: activeAt })
      .onConflict((conflict) => conflict.column('number').doNothing())
      .executeTakeFirstOrThrow()
    if (made === 1n) emit({ type: 'key_created', data: { id, use: 'access-tokens' } })
    return await read(at)
  }

  async function current(at: number): Promise<Ready> {
    let seen = await load(at)
    for (let tried = 0; tried < MOST_TRIES; tried++) {
      // One that another process made a moment later by its clock is good enough where there is none of now.
      const found = currentOf(seen.ready, algorithm, at) ?? seen.ready.find((key) => key.algorithm === algorithm)
      if (found) return found
      seen = await makeAfter(seen, at, at)
    }
    throw new Error('No signing key could be made that this process can open.')
  }

  async function makeNext(at: number): Promise<void> {
    const seen = await load(at)
    const signs = currentOf(seen.ready, algorithm, at)
    if (signs === undefined || seen.ready.some((key) => key.algorithm === algorithm && key.activeAt > at)) return
    await makeAfter(seen, Math.max(signs.activeAt + rotate, at + LEAD), at)
  }

  return {
    current,

    async find(id, at) {
      return (await load(at)).ready.find((key) => key.id === id)
    },

    async published(at) {
      await current(at)
      await makeNext(at)
      return (await load(at)).ready.map(({ jwk }) => jwk)
    },

    async list(at) {
      const rows = await kysely.selectFrom('hf_signing_keys').selectAll().orderBy('number').execute()
      return listed(rows, at)
    },

    async rotate(actor, { revoke }) {
      const at = now()
      const rows = await kysely.selectFrom('hf_signing_keys').selectAll().orderBy('number').execute()
      const next = rows.findLast(({ active_at }) => active_at > at)
      if (next === undefined) return undefined
      const promoted = await act(database, emit, async (tx, tell) => {
        const { numUpdatedRows } = await tx
          .updateTable('hf_signing_keys')
          .set({ active_at: at })
          .where('number', '=', next.number)
          .where('active_at', '>', at)
          .executeTakeFirst()
        if (numUpdatedRows !== 1n) return false
        if (revoke) await tx.deleteFrom('hf_signing_keys').where('number', '<', next.number).execute()
        const data = { id: next.id, use: 'access-tokens', revoked: revoke === true, actor: nameOf(actor) }
        await tell({ type: 'key_rotated', data })
        return true
      })
      known = undefined
      if (!promoted) return undefined
      return { id: next.id, algorithm: next.algorithm, state: 'current', activeAt: at }
    },

    async sweep(at) {
      await makeNext(at)
      const rows = await kysely.selectFrom('hf_signing_keys').selectAll().orderBy('number').execute()
      const successor = rows.findLast(({ active_at }) => active_at <= at - KEPT)
      if (successor === undefined) return 0
      const gone = await kysely.deleteFrom('hf_signing_keys').where('number', '<', successor.number).executeTakeFirst()
      return Number(gone.numDeletedRows)
    },
  }
}

/** The one that began last. */
function currentOf(ready: readonly Ready[], algorithm: SigningAlgorithm, at: number): Ready | undefined {
  return ready.findLast((key) => key.algorithm === algorithm && key.activeAt <= at)
}

function listed(rows: readonly SigningKeyRow[], at: number): ListedSigningKey[] {
  const current = rows.findLast(({ active_at }) => active_at <= at)
  return rows.map((row) => ({
    id: row.id,
    algorithm: row.algorithm,
    state: row === current ? 'current' : row.active_at > at ? 'next' : 'previous',
    activeAt: row.active_at,
  }))
}
