/**
 * The only place that sets a credential: policy, hash, version, the end of what the old one opened, and the event, together.
 * Sources: NIST SP 800-63B-4 section 3.1.1, OWASP ASVS 5.0 V6.2; attacks A95, L36, L105.
 */
import { act } from '../engine/act.ts'
import type { Exchange } from '../engine/exchange.ts'
import { checkPassword } from '../crypto/password/policy.ts'
import type { Hasher } from '../crypto/password/hasher.ts'
import type { LeakCheck } from '../crypto/password/leaked.ts'
import { normalisePassword } from '../crypto/password/normalise.ts'
import { Secret } from '../crypto/secret.ts'
import type { Emit } from '../engine/events.ts'
import { kindsOf } from './factors/index.ts'
import { nameOf, readId } from './ids.ts'
import { createHashes } from './hashes/hashes.ts'
import { fanOut, type Happening } from './fan-out.ts'
import { lockUser } from './lock.ts'
import { keepForHistory, wasUsedBefore, type PasswordRules } from './password-rules.ts'
import type { AccountsDatabase, AccountsTransaction, UserRow } from './schema.ts'
import type { Actor, CredentialProblem, Credentials, PasswordSet } from './types.ts'

/** What is left of a password that may be stored: proof that it went through the policy and the hasher. */
export interface Prepared {
  readonly kind: 'password'
  readonly value: string
  /** Whether it may stand beside a second factor alone. */
  readonly short: boolean
}

type Preparation =
  | { readonly ok: true; readonly credential: Prepared }
  | { readonly ok: false; readonly reason: CredentialProblem }

type Adoption = { readonly ok: true; readonly credential: Prepared } | { readonly ok: false; readonly reason: 'hash-unreadable' }

/** Whose it will be: nobody's password may be made of their own name. */
export interface About {
  readonly login: string
  readonly name: string
  /** Whether there is a second factor, so that eight characters do. @default false */
  readonly beside?: boolean
}

/** A password in the place of the one there is. */
export interface Replacement {
  readonly userId: string
  readonly password: Secret
  readonly actor: Actor
  readonly happening: Extract<Happening, 'password-set' | 'password-recovered'>
  /** Whether it may be, asked in the transaction: what shows it is used up there. The user is locked. @default it may */
  readonly admit?: (tx: AccountsTransaction, user: UserRow) => Promise<boolean>
  readonly keepSession?: string | undefined
  readonly exchange?: Exchange | undefined
}

/** The gate as accounts themselves see it; others get `setPassword` alone. */
export interface CredentialGate extends Credentials {
  /** Policy and hash, before a transaction begins. Rejects with `HasherBusy`. */
  prepare(password: Secret, about: About): Promise<Preparation>
  /** The hash that another system made, if it is one that can be verified. The password behind it is not ours to check. */
  adopt(hash: string): Promise<Adoption>
  /** The first credential of a user who is made in this transaction. */
  insert(tx: AccountsTransaction, userId: string, credential: Prepared): Promise<void>
  /** Puts a password in place of the one there is. `not-admitted`: what `admit` said. Rejects with `HasherBusy`. */
  replace(replacement: Replacement): Promise<PasswordSet | { readonly ok: false; readonly reason: 'not-admitted' }>
  /** What no password matches, and which costs as much to try. Rejects with `HasherBusy`. */
  unusable(): Promise<Prepared>
  /** Puts that in place of the password of who has one, so that it opens nothing until there is another. The user is locked before. */
  makeVoid(tx: AccountsTransaction, userId: string, unusable: Prepared): Promise<void>
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
  readonly rules: PasswordRules
  readonly random: (bytes: number) => string
}

/** NIST SP 800-63B-4 section 3.1.1.2: at least 15 characters where the password is the only factor, 8 beside another one. */
export const SHORTEST = { alone: 15, beside: 8 } as const
const MAXIMUM = 256
const PAGE = 100

/** Makes the gate. What it sets is 15 to 256 characters long, no pattern, and not made of the login, the name or the site. */
export function createCredentials(setting: Setting): CredentialGate {
  const { database, hasher, emit, now, siteName, leaks, rules, random } = setting
  const hashes = createHashes(database)

  async function prepare(password: Secret, { login, name, beside = false }: About): Promise<Preparation> {
    const context = [login, login.split('@')[0]!, name, siteName]
    const minimum = beside ? SHORTEST.beside : SHORTEST.alone
    const verdict = checkPassword(password.reveal(), { minimum, maximum: MAXIMUM, context })
    if (!verdict.ok) return verdict
    const problem = await leakOf(password)
    if (problem) return { ok: false, reason: problem }
    return { ok: true, credential: { kind: 'password', value: await hasher.hash(password), short: isShort(password) } }
  }

  async function aboutOf(userId: string) {
    const about = await database.kysely
      .selectFrom('hf_users')
      .select(['login', 'name', 'kind'])
      .where('id', '=', userId)
      .executeTakeFirst()
    return about && { ...about, beside: (await kindsOf(database.kysely, userId)).length > 0 }
  }

  /** Policy, hash and history: all that takes long, before the transaction. */
  async function choose({ userId, password }: Replacement): Promise<Chosen> {
    const about = await aboutOf(userId)
    if (!about) return { ok: false, reason: 'unknown-user' }
    if (about.kind === 'service') return { ok: false, reason: 'service-account' }
    const prepared = await prepare(password, about)
    if (!prepared.ok) return prepared
    return (await wasUsedBefore({ database, hashes, hasher }, rules, { userId, password }))
      ? { ok: false, reason: 'used-before' }
      : prepared
  }

  /** In one transaction: leave, the password, what ends with it, and the letter that says so. */
  async function put(
    credential: Prepared,
    { userId, actor, happening, admit, keepSession, exchange }: Replacement,
  ): Promise<Put> {
    return await act(database, emit, async (tx, tell): Promise<Put> => {
      const user = await lockUser(tx, database.dialect, userId)
      if (!user) return 'unknown-user'
      // The second factor may have gone since it was prepared.
      if (credential.short && (await kindsOf(tx, userId)).length === 0) return 'too-short'
      if (admit && !(await admit(tx, user))) return 'not-admitted'
      await keepForHistory(tx, hashes, rules, userId)
      await write(tx, userId, credential, now())
      const ended = await fanOut(tx, happening, userId, { own: keepSession, now: now() })
      const data = { userId, actor: nameOf(actor) }
      await tell({ type: 'authn_password_change', data }, exchange)
      if (ended.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: happening } }, exchange)
      return 'done'
    })
  }

  async function replace(replacement: Replacement): ReturnType<CredentialGate['replace']> {
    const { userId, actor, exchange } = replacement
    const chosen = await choose(replacement)
    const outcome = chosen.ok ? await put(chosen.credential, replacement) : chosen.reason
    if (outcome === 'done') return { ok: true }
    if (outcome !== 'unknown-user' && outcome !== 'service-account') {
      const data = { userId, actor: nameOf(actor), reason: outcome }
      emit({ type: 'authn_password_change_fail', level: 'info', data }, exchange)
    }
    return { ok: false, reason: outcome }
  }

  async function leakOf(password: Secret): Promise<'leaked' | 'unchecked' | undefined> {
    const answer = await leaks?.(password)
    if (answer === undefined) return undefined
    if (answer.known) return answer.leaked ? 'leaked' : undefined
    emit({ type: 'sys_leak_check_lost', data: { refused: answer.refuse } })
    return answer.refuse ? 'unchecked' : undefined
  }

  return {
    prepare,

    async adopt(hash) {
      const { ok } = await hasher.inspect(hash)
      return ok ? { ok, credential: { kind: 'password', value: hash, short: false } } : { ok, reason: 'hash-unreadable' }
    },

    async insert(tx, userId, { kind, value, short }) {
      const times = { updated_at: now(), set_at: now() }
      await tx
        .insertInto('hf_credentials')
        .values({ user_id: userId, kind, value, version: 1, ...times, short: short ? 1 : 0 })
        .execute()
    },

    replace,

    async unusable() {
      return { kind: 'password', value: await hasher.hash(new Secret(random(32))), short: false }
    },

    async makeVoid(tx, userId, { value }) {
      await tx
        .updateTable('hf_credentials')
        .set((eb) => ({ value, updated_at: now(), set_at: now(), short: 0, version: eb('version', '+', 1) }))
        .where('user_id', '=', userId)
        .where('kind', '=', 'password')
        .execute()
    },

    async setPassword(id, password, actor, { keepSession, exchange } = {}) {
      const set = await replace({ userId: readId(id), password, actor, happening: 'password-set', keepSession, exchange })
      if (!set.ok && set.reason === 'not-admitted') throw new Error('Nothing was asked that could say no.')
      return set as PasswordSet
    },

    async shortest(id) {
      return (await kindsOf(database.kysely, readId(id))).length > 0 ? SHORTEST.beside : SHORTEST.alone
    },

    async wrapImported(actor, progress) {
      const counts = { wrapped: 0, unreadable: 0 }
      const pageAfter = (userId: string) => hashes.importedAfter(userId, PAGE)
      for (let page = await pageAfter(''); page.length > 0; page = await pageAfter(page.at(-1)!.userId)) {
        for (const { userId, value } of page) {
          const around = await hasher.wrap(value)
          if (around === undefined) counts.unreadable += 1
          else if (await hashes.swap(userId, value, around, now())) counts.wrapped += 1
        }
        progress?.(counts.wrapped + counts.unreadable)
      }
      emit({ type: 'authn_password_wrap', data: { ...counts, actor: nameOf(actor) } })
      return counts
    },

    async levelWork() {
      const [found] = await hashes.importedAfter('', 1, true)
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

/** What is refused before the transaction, or what may be written in it. */
type Chosen =
  | { readonly ok: true; readonly credential: Prepared }
  | { readonly ok: false; readonly reason: Extract<PasswordSet, { ok: false }>['reason'] }

type Put = 'done' | 'unknown-user' | 'not-admitted' | 'too-short'

function isShort(password: Secret): boolean {
  const normalised = normalisePassword(password.reveal())
  return normalised.ok && normalised.length < SHORTEST.alone
}

async function write(tx: AccountsTransaction, userId: string, { kind, value, short }: Prepared, now: number): Promise<void> {
  const set = { value, updated_at: now, set_at: now, short: short ? 1 : 0 }
  await tx
    .insertInto('hf_credentials')
    .values({ user_id: userId, kind, version: 1, ...set })
    .onConflict((conflict) =>
      conflict.columns(['user_id', 'kind']).doUpdateSet((eb) => ({ ...set, version: eb('hf_credentials.version', '+', 1) })),
    )
    .execute()
}
