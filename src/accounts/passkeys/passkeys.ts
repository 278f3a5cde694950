/**
 * Passkeys and security keys as their owner sees them: enrolled, listed, named, removed. Each counts as a second factor, so the first
 * one ends the sessions of one factor (L08), and who has a factor already adds one with it alone (L22).
 * Sources: WebAuthn Level 3, 7.1; NIST SP 800-63B-4 sections 4.1 and 4.6; OWASP ASVS 5.0 6.5 and 7.4.3; L18, L95.
 */
import { act } from '../../engine/act.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { kindsOf } from '../factors/index.ts'
import { countCodes, replaceCodes } from '../factors/recovery-codes.ts'
import { removeOne, writePasskey } from '../factors/write.ts'
import { fanOut, type Ended } from '../fan-out.ts'
import type { Gate } from '../gate.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { LoginName } from '../users/names.ts'
import { note } from '../profile/note.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Sessions } from '../types.ts'
import { hasOtherWay } from '../ways-in.ts'
import type { Challenges } from './challenges.ts'
import { handleOfUser, passkeysOf, toDescriptor, toPasskey, type PasskeyRow } from './find.ts'
import { readName, type NewPasskeys } from './new-passkeys.ts'
import type { RelyingParty } from './relying-party.ts'
import type { Passkeys } from './types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly challenges: Challenges
  /** Absent while passkeys are off. */
  readonly party: RelyingParty | undefined
  readonly newPasskeys: NewPasskeys
  readonly names: (login: string) => LoginName
  readonly throttle: Throttle
  readonly gate: Gate
  readonly sessions: Pick<Sessions, 'find'>
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

type Written = { readonly recoveryCodes: readonly Secret[] | undefined; readonly ended: Ended }

const NAME = 'enrol-passkey'
const MOST = 20
const HANDLE_BYTES = 32

/** Makes the service. */
export function createPasskeys(setting: Setting): Passkeys {
  const { database, challenges, party, newPasskeys, names, throttle, gate, sessions, random, emit, now } = setting
  const { kysely, dialect } = database

  /** `undefined` when it may not be added: too many, or by somebody who did not prove their factor. */
  async function add(
    row: PasskeyRow,
    handle: string,
    session: { id: string; aal: number },
  ): Promise<Written | 'full' | 'outdated' | undefined> {
    const userId = row.user_id
    return await database.transaction(async (tx) => {
      if (!(await lockUser(tx, dialect, userId))) return undefined
      const kinds = await kindsOf(tx, userId)
      if (kinds.length > 0 && session.aal < 2) return undefined
      if ((await passkeysOf(tx, userId)).length >= MOST) return 'full'
      if (((await handleOfUser(tx, userId)) ?? handle) !== handle) return 'outdated'
      await writePasskey(tx, row, handle)
      const recoveryCodes = (await countCodes(tx, userId)) === 0 ? await replaceCodes(tx, userId) : undefined
      const first = kinds.length === 0
      const ended = first ? await fanOut(tx, 'factor-enrolled', userId, { own: session.id, now: now() }) : []
      if (!first) await note(tx, { userId, about: 'factor-enrolled', now: now() })
      return { recoveryCodes, ended }
    })
  }

  /** The credential is somebody's already: refused, like everything else that cannot be taken. */
  async function addOnce(...given: Parameters<typeof add>): Promise<Written | 'full' | 'outdated' | 'taken' | undefined> {
    try {
      return await add(...given)
    } catch (error) {
      if (isUniqueViolation(error)) return 'taken'
      throw error
    }
  }

  function refused(userId: string, reason: string, exchange: Exchange | undefined) {
    emit({ type: 'authn_passkey_refused', data: { userId, reason } }, exchange)
    return { ok: false, reason: 'refused' } as const
  }

  return {
    on: party !== undefined,

    async list(userId) {
      return (await passkeysOf(kysely, readId(userId))).map(toPasskey)
    },

    async begin({ token, purpose }) {
      const live = await sessions.find(token, now())
      if (!live.ok || party === undefined) return undefined
      const { id: userId, login, name } = live.principal
      // Two at once may show two handles; only the one that is enrolled first is kept, and the other's answer is refused.
      const handle = (await handleOfUser(kysely, userId)) ?? random(HANDLE_BYTES)
      const exclude = (await passkeysOf(kysely, userId)).map(toDescriptor)
      const challenge = await challenges.issue({ ceremony: 'enrol', holder: live.session.id, userId, purpose, handle })
      return await party.askToEnrol(challenge, purpose, { handle, login, name }, exclude)
    },

    async confirm({ token, response, name }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return { ok: false, reason: 'denied' }
      const { session, principal } = live
      const { id: userId } = principal
      const read = readName(name)
      if (!read.ok) return { ok: false, reason: 'name-invalid' }
      const made = await newPasskeys.check({ ceremony: 'enrol', holder: session.id, userId, response })
      if (!made) return refused(userId, 'not-asked', from.exchange)
      const admission = await throttle.admit(NAME, names(principal.login).mark, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const row = newPasskeys.rowOf(made, userId, read.value)
      const written = await addOnce(row, made.handle, session)
      if (written === undefined) {
        await attempt.fail(userId)
        return { ok: false, reason: 'denied' }
      }
      if (typeof written === 'string') {
        await attempt.cancel()
        return written === 'full' ? { ok: false, reason: 'full' } : refused(userId, written, from.exchange)
      }
      const { recoveryCodes, ended } = written
      emit({ type: 'authn_factor_enrolled', data: { userId, kind: 'passkey' } }, from.exchange)
      if (recoveryCodes) emit({ type: 'authn_recovery_codes_made', data: { userId } }, from.exchange)
      if (ended.length > 0)
        emit({ type: 'session_ended', data: { userId, sessions: ended, reason: 'factor-enrolled' } }, from.exchange)
      const proof = newPasskeys.proofOf(made, row.id)
      const passed = await gate.strengthen({ userId, from, attempt, token }, proof)
      return passed.ok ? { ...passed, passkey: toPasskey(row), recoveryCodes } : { ok: false, reason: 'denied' }
    },

    async rename(userId, id, given) {
      const name = readName(given)
      if (!name.ok || name.value === undefined) return 'name-invalid'
      const { numUpdatedRows } = await kysely
        .updateTable('hf_passkeys')
        .set({ name: name.value })
        .where('id', '=', readId(id))
        .where('user_id', '=', readId(userId))
        .executeTakeFirst()
      return numUpdatedRows === 1n ? 'renamed' : 'unknown-passkey'
    },

    async remove(user, passkeyId, actor, { keepSession, exchange } = {}) {
      const [userId, id] = [readId(user), readId(passkeyId)]
      const data = { userId, actor: nameOf(actor) }
      const outcome = await act(database, emit, async (tx, tell) => {
        if (!(await lockUser(tx, dialect, userId))) return 'unknown-passkey'
        const owned = await passkeysOf(tx, userId)
        if (!owned.some((one) => one.id === id)) return 'unknown-passkey'
        if (!(await hasOtherWay(tx, userId, id))) return 'last-way-in'
        await removeOne(tx, userId, { kind: 'passkey', id })
        const sessions = await fanOut(tx, 'factor-removed', userId, { own: keepSession, now: now() })
        await tell({ type: 'authn_factor_removed', data: { ...data, kind: 'passkey', passkey: id } }, exchange)
        if (sessions.length > 0)
          await tell({ type: 'session_ended', data: { ...data, sessions, reason: 'factor-removed' } }, exchange)
        return undefined
      })
      return outcome === undefined ? { ok: true } : { ok: false, reason: outcome }
    },

    async accepted(id) {
      const userId = await handleOfUser(kysely, readId(id))
      if (party === undefined || userId === undefined) return undefined
      const owned = await passkeysOf(kysely, readId(id))
      return { rpId: party.id, userId, allAcceptedCredentialIds: owned.map(({ credential_id }) => credential_id) }
    },
  }
}
