/**
 * The only place that sets a credential: policy, hash, version, the end of what the old one opened, and the event, together.
 * Sources: NIST SP 800-63B-4 section 3.1.1, OWASP ASVS 5.0 V6.2; attacks A95, L36, L105.
 */
import { checkPassword } from '../crypto/password/policy.ts'
import type { Hasher } from '../crypto/password/hasher.ts'
import type { LeakCheck } from '../crypto/password/leaked.ts'
import type { Secret } from '../crypto/secret.ts'
import type { Emit } from '../engine/events.ts'
import { nameOf, readId } from './ids.ts'
import { fanOut } from './fan-out.ts'
import { lockUser } from './lock.ts'
import type { AccountsDatabase, AccountsTransaction } from './schema.ts'
import type { CredentialProblem, Credentials } from './types.ts'

/** What is left of a password that may be stored: proof that it went through the policy and the hasher. */
export interface Prepared {
  readonly kind: 'password'
  readonly value: string
}

type Preparation =
  | { readonly ok: true; readonly credential: Prepared }
  | { readonly ok: false; readonly reason: CredentialProblem }

type Adoption = { readonly ok: true; readonly credential: Prepared } | { readonly ok: false; readonly reason: 'hash-unreadable' }

/** Whose it will be: nobody's password may be made of their own name. */
export interface About {
  readonly login: string
  readonly name: string
}

/** The gate as accounts themselves see it; others get `setPassword` alone. */
export interface CredentialGate extends Credentials {
  /** Policy and hash, before a transaction begins. Rejects with `HasherBusy`. */
  prepare(password: Secret, about: About): Promise<Preparation>
  /** The hash that another system made, if it is one that can be verified. The password behind it is not ours to check. */
  adopt(hash: string): Promise<Adoption>
  /** The first credential of a user who is made in this transaction. */
  insert(tx: AccountsTransaction, userId: string, credential: Prepared): Promise<void>
  /** The same password under today's parameters, unless another one was set in the meantime. */
  rehash(userId: string, version: number, password: Secret): Promise<boolean>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly hasher: Hasher
  readonly emit: Emit
  readonly now: () => number
  /** Host name of the application: not a password either. */
  readonly siteName: string
  /** Asks whether a password has leaked. @default nobody is asked */
  readonly leaks?: LeakCheck | undefined
}

/** NIST SP 800-63B-4 section 3.1.1.2: at least 15 characters where the password is the only factor. */
const LENGTHS = { minimum: 15, maximum: 256 }
const PAGE = 100

/** Makes the gate. What it sets is 15 to 256 characters long, no pattern, and not made of the login, the name or the site. */
export function createCredentials({ database, hasher, emit, now, siteName, leaks }: Setting): CredentialGate {
  async function prepare(password: Secret, { login, name }: About): Promise<Preparation> {
    const verdict = checkPassword(password.reveal(), { ...LENGTHS, context: [login, login.split('@')[0]!, name, siteName] })
    if (!verdict.ok) return verdict
    const problem = await leakOf(password)
    if (problem) return { ok: false, reason: problem }
    return { ok: true, credential: { kind: 'password', value: await hasher.hash(password) } }
  }

  async function leakOf(password: Secret): Promise<'leaked' | 'unchecked' | undefined> {
    const answer = await leaks?.(password)
    if (answer === undefined) return undefined
    if (answer.known) return answer.leaked ? 'leaked' : undefined
    emit({ type: 'sys_leak_check_lost', data: { refused: answer.refuse } })
    return answer.refuse ? 'unchecked' : undefined
  }

  /** Of a page of hashes that another system made, in the order of their users. */
  async function importedAfter(userId: string) {
    return await database.kysely
      .selectFrom('hf_credentials')
      .select(['user_id', 'value'])
      .where('kind', '=', 'password')
      .where('value', 'not like', '$argon2id$%')
      .where('value', 'not like', '$hf-wrap$%')
      .where('user_id', '>', userId)
      .orderBy('user_id')
      .limit(PAGE)
      .execute()
  }

  /** Whether the row still held the old hash and holds the wrapped one now. */
  async function wrapOne(userId: string, before: string, value: string): Promise<boolean> {
    const { numUpdatedRows } = await database.kysely
      .updateTable('hf_credentials')
      .set({ value, updated_at: now() })
      .where('user_id', '=', userId)
      .where('kind', '=', 'password')
      .where('value', '=', before)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  }

  return {
    prepare,

    async adopt(hash) {
      const { ok } = await hasher.inspect(hash)
      return ok ? { ok, credential: { kind: 'password', value: hash } } : { ok, reason: 'hash-unreadable' }
    },

    async insert(tx, userId, { kind, value }) {
      await tx.insertInto('hf_credentials').values({ user_id: userId, kind, value, version: 1, updated_at: now() }).execute()
    },

    async setPassword(id, password, actor, { keepSession, exchange } = {}) {
      const userId = readId(id)
      const about = await database.kysely
        .selectFrom('hf_users')
        .select(['login', 'name', 'kind'])
        .where('id', '=', userId)
        .executeTakeFirst()
      if (!about) return { ok: false, reason: 'unknown-user' }
      if (about.kind === 'service') return { ok: false, reason: 'service-account' }
      const prepared = await prepare(password, about)
      const data = { userId, actor: nameOf(actor) }
      if (!prepared.ok) {
        emit({ type: 'authn_password_change_fail', level: 'info', data: { ...data, reason: prepared.reason } }, exchange)
        return prepared
      }
      const ended = await database.transaction(async (tx) => {
        if (!(await lockUser(tx, database.dialect, userId))) return undefined
        await replace(tx, userId, prepared.credential, now())
        return await fanOut(tx, 'password-set', userId, { own: keepSession, now: now() })
      })
      if (!ended) return { ok: false, reason: 'unknown-user' }
      emit({ type: 'authn_password_change', data }, exchange)
      if (ended.length > 0) emit({ type: 'session_ended', data: { ...data, sessions: ended, reason: 'password-set' } }, exchange)
      return { ok: true }
    },

    async wrapImported(actor, progress) {
      const counts = { wrapped: 0, unreadable: 0 }
      for (let page = await importedAfter(''); page.length > 0; page = await importedAfter(page.at(-1)!.user_id)) {
        for (const { user_id: userId, value } of page) {
          const around = await hasher.wrap(value)
          if (around === undefined) counts.unreadable += 1
          else if (await wrapOne(userId, value, around)) counts.wrapped += 1
        }
        progress?.(counts.wrapped + counts.unreadable)
      }
      emit({ type: 'authn_password_wrap', data: { ...counts, actor: nameOf(actor) } })
      return counts
    },

    async levelWork() {
      const found = await database.kysely
        .selectFrom('hf_credentials')
        .select('value')
        .where('kind', '=', 'password')
        .where('value', 'not like', '$argon2id$%')
        .limit(1)
        .executeTakeFirst()
      await hasher.resemble(found?.value)
    },

    async rehash(userId, version, password) {
      const value = await hasher.hash(password)
      const { numUpdatedRows } = await database.kysely
        .updateTable('hf_credentials')
        .set({ value, updated_at: now() })
        .where('user_id', '=', userId)
        .where('kind', '=', 'password')
        .where('version', '=', version)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
  }
}

async function replace(tx: AccountsTransaction, userId: string, { kind, value }: Prepared, now: number): Promise<void> {
  await tx
    .insertInto('hf_credentials')
    .values({ user_id: userId, kind, value, version: 1, updated_at: now })
    .onConflict((conflict) =>
      conflict
        .columns(['user_id', 'kind'])
        .doUpdateSet((eb) => ({ value, version: eb('hf_credentials.version', '+', 1), updated_at: now })),
    )
    .execute()
}
