/**
 * Second factors as their owner sees them: enrolled, listed, renewed, removed; and as an operator does, who resets what was lost.
 * Nothing counts before a code of it was typed. Each change ends the user's other sessions, as `fan-out.ts` says.
 * Sources: NIST SP 800-63B-4 section 4.1, OWASP ASVS 5.0 6.5 and 7.4.3, OWASP Multifactor Authentication Cheat Sheet; L08, L12.
 */
import { act } from '../../engine/act.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Emit } from '../../engine/events.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { fanOut, type Happening } from '../fan-out.ts'
import type { Gate } from '../gate.ts'
import { nameOf, readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { LoginName } from '../users/names.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Actor, Factors, Session, Sessions } from '../types.ts'
import { createDue } from './due.ts'
import type { FactorSetting } from './factor.ts'
import { kindsOf } from './index.ts'
import { countCodes, replaceCodes } from './recovery-codes.ts'
import { describeSecret, newSecret, openSecret, sealSecret, stepOf, totp } from './totp.ts'
import { removeAll, removeOne, writeTotp } from './write.ts'
import type { Exchange } from '../../engine/exchange.ts'

interface Setting extends FactorSetting {
  readonly once: AtomicStore
  readonly names: (login: string) => LoginName
  readonly throttle: Throttle
  readonly gate: Gate
  readonly sessions: Pick<Sessions, 'find'>
  readonly random: (bytes: number) => string
  readonly emit: Emit
}

const DRAFT_FOR = 900_000
const NAME = 'enrol-factor'

/** Makes the service. */
export function createFactors(setting: Setting): Factors {
  const { database, once, names, throttle, gate, sessions, random, emit, now } = setting
  const { kysely, dialect } = database

  interface Removal {
    readonly userId: string
    readonly happening: Happening
    readonly actor: Actor
    readonly reason?: string
    readonly own?: string | undefined
    readonly exchange?: Exchange | undefined
  }

  /** The app, or at a reset all, in one transaction with what follows from it; whether there was anything. */
  async function removed({ userId, happening, actor, reason, own, exchange }: Removal): Promise<boolean> {
    const all = happening === 'factors-reset'
    return await act(database, emit, async (tx, tell) => {
      if (!(await lockUser(tx, dialect, userId))) return false
      const kinds = all ? (await kindsOf(tx, userId)).filter((kind) => kind !== 'recovery-codes') : ['totp']
      if (!(await (all ? removeAll(tx, userId) : removeOne(tx, userId, { kind: 'totp' })))) return false
      const ended = await fanOut(tx, happening, userId, { own, now: now() })
      const data = { userId, actor: nameOf(actor) }
      await tell({ type: 'authn_factor_removed', data: { ...data, kind: kinds.join(' '), reason } }, exchange)
      if (ended.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: happening } }, exchange)
      return true
    })
  }

  return {
    dueAt: createDue(once),

    async of(id) {
      const userId = readId(id)
      const kinds = await kindsOf(kysely, userId)
      const row = await kysely
        .selectFrom('hf_factors')
        .select('created_at')
        .where('user_id', '=', userId)
        .where('kind', '=', 'totp')
        .executeTakeFirst()
      const recoveryCodesLeft = kinds.length > 0 ? await countCodes(kysely, userId) : 0
      return { kinds, totpSince: row?.created_at, recoveryCodesLeft }
    },

    async begin({ id, userId }, shown) {
      const key = draftKey(id)
      const sealed = (await once.get(key, now())) ?? sealSecret(setting, userId, newSecret(random))
      // Of two at once, both show what was stored.
      await once.compareAndSwap(key, undefined, sealed, DRAFT_FOR, now())
      const stored = (await once.get(key, now())) ?? sealed
      const { text, uri } = describeSecret(openSecret(setting, userId, stored), shown)
      return { secret: new Secret(text), uri: new Secret(uri) }
    },

    async confirm({ token, code: typed }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return { ok: false, reason: 'denied' }
      const { session, principal } = live
      const { userId } = session
      const sealed = await once.get(draftKey(session.id), now())
      if (sealed === undefined) return { ok: false, reason: 'expired' }
      const code = totp.read(typed)
      const step = code === undefined ? undefined : stepOf(openSecret(setting, userId, sealed), code, now(), 0)
      if (step === undefined) return { ok: false, reason: 'code' }
      const admission = await throttle.admit(NAME, names(principal.login).mark, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      if ((await once.consumeOnce(draftKey(session.id), now())) !== sealed) {
        await attempt.cancel()
        return { ok: false, reason: 'expired' }
      }
      const written = await database.transaction(async (tx) => {
        if (!(await lockUser(tx, dialect, userId))) return undefined
        // A factor is replaced only by who has it: never by a session that knows the password alone.
        if (session.aal < 2 && (await kindsOf(tx, userId)).length > 0) return undefined
        // The step of this very code stays unused: the gate uses it up for the proof.
        const version = await writeTotp(tx, userId, { value: sealed, lastStep: step - 1, now: now() })
        const recoveryCodes = (await countCodes(tx, userId)) === 0 ? await replaceCodes(tx, userId) : undefined
        return { version, recoveryCodes, ended: await fanOut(tx, 'factor-enrolled', userId, { own: session.id, now: now() }) }
      })
      if (!written) {
        await attempt.fail(userId)
        return { ok: false, reason: 'denied' }
      }
      const { version, recoveryCodes, ended } = written
      emit({ type: 'authn_factor_enrolled', data: { userId, kind: 'totp' } }, from.exchange)
      if (recoveryCodes) emit({ type: 'authn_recovery_codes_made', data: { userId } }, from.exchange)
      if (ended.length > 0) {
        emit({ type: 'session_ended', data: { userId, sessions: ended, reason: 'factor-enrolled' } }, from.exchange)
      }
      const proof = { door: 'totp', amr: totp.amr, at: now(), credential: { kind: 'totp', version, step } } as const
      const passed = await gate.strengthen({ userId, from, attempt, token }, proof)
      return passed.ok ? { ...passed, recoveryCodes } : { ok: false, reason: 'denied' }
    },

    async renewCodes(id, actor, x) {
      const userId = readId(id)
      const codes = await database.transaction(async (tx) => {
        if (!(await lockUser(tx, dialect, userId)) || (await kindsOf(tx, userId)).length === 0) return undefined
        return await replaceCodes(tx, userId)
      })
      if (codes) emit({ type: 'authn_recovery_codes_made', data: { userId, actor: nameOf(actor) } }, x)
      return codes
    },

    remove(id, actor, { keepSession, exchange } = {}) {
      return removed({ userId: readId(id), happening: 'factor-removed', actor, own: keepSession, exchange })
    },

    reset(id, actor, reason) {
      return removed({ userId: readId(id), happening: 'factors-reset', actor, reason })
    },
  }
}

/** One draft a session: what is shown here cannot be confirmed there. */
function draftKey(sessionId: Session['id']): string {
  return `accounts:factor-draft:${sessionId}`
}
