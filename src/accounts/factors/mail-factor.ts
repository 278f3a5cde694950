/**
 * Codes in letters as a second factor: enrolled by who has none, sent on demand, removed. Nothing is enrolled before a code was read in
 * the mailbox and typed, and nothing is sent to a sign-in that was begun in that same mailbox.
 * Sources: OWASP Multifactor Authentication Cheat Sheet; NIST SP 800-63B-4 section 3.1.3.1; L08, L09, L12.
 */
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import { addressOf } from '../addresses/addresses.ts'
import { fanOut } from '../fan-out.ts'
import type { Gate } from '../gate.ts'
import { readId } from '../ids.ts'
import { lockUser } from '../lock.ts'
import type { MailFactor } from '../mail/door-types.ts'
import type { CodePurpose } from '../mail/codes.ts'
import type { LoginName } from '../users/names.ts'
import type { Pendings } from '../pending.ts'
import type { Post } from '../mail/post.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { Origin, Sessions } from '../types.ts'
import { kindsAsked, whoIsAsked, type Asked } from './asked.ts'
import { challengeOf } from './email.ts'
import type { FactorSetting } from './factor.ts'
import { kindsOf } from './index.ts'
import { countCodes, replaceCodes } from './recovery-codes.ts'
import { removeMailFactor, writeMailFactor } from './write.ts'

interface Setting extends FactorSetting {
  readonly once: Pick<AtomicStore, 'take'>
  readonly post: Post
  readonly pendings: Pick<Pendings, 'read'>
  readonly names: (login: string) => LoginName
  readonly throttle: Throttle
  readonly gate: Gate
  readonly sessions: Pick<Sessions, 'find'>
  readonly emit: Emit
}

const NAME = 'mail-factor'
/** Counted apart from what strangers may ask for: they must not use up what the owner needs to come in. */
const LETTERS: Rate = { limit: 5, period: 3_600_000 }

/** Makes the service. */
export function createMailFactor(setting: Setting): MailFactor {
  const { database, once, codes, post, names, throttle, gate, sessions, emit, now } = setting
  const { kysely, dialect } = database

  async function letter({ userId, holder }: Asked, purpose: CodePurpose, from: Origin) {
    const { allowed, retryAfter } = await once.take(`accounts:letters:factor:${userId}`, LETTERS, now())
    if (!allowed) return { ok: false, reason: 'throttled', retryAfter: Math.max(1, Math.ceil(retryAfter / 1000)) } as const
    const sent = await database.transaction(async (tx) => {
      const mailbox = await addressOf(tx, userId)
      if (mailbox?.verifiedAt === undefined) return undefined
      const code = await codes.issue(tx, {
        purpose,
        challenge: challengeFor(purpose, holder),
        whose: { userId, address: mailbox.text },
      })
      await post.write(tx, 'factor-code', mailbox.text, { code })
      return mailbox
    })
    if (!sent) return { ok: false, reason: 'no-address' } as const
    emit({ type: 'authn_code_sent', data: { userId, door: NAME, to: names(sent.key).mark } }, from.exchange)
    return { ok: true } as const
  }

  return {
    async send(asked, from) {
      const asker = await whoIsAsked(setting, asked)
      if (!asker || !(await kindsAsked(setting, asked, asker)).includes('email')) return { ok: false, reason: 'unavailable' }
      const sent = await letter(asker, 'second-factor', from)
      return sent.ok || sent.reason === 'throttled' ? sent : { ok: false, reason: 'unavailable' }
    },

    async begin(token, from) {
      const asker = await whoIsAsked(setting, { token })
      if (!asker) return { ok: false, reason: 'denied' }
      if (asker.proofs.every(({ amr }) => amr === 'email')) return { ok: false, reason: 'mail-alone' }
      if ((await kindsOf(kysely, asker.userId)).length > 0) return { ok: false, reason: 'stronger' }
      return await letter(asker, 'enrol', from)
    },

    async confirm({ token, code }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return { ok: false, reason: 'denied' }
      const { session, principal } = live
      const { userId } = session
      const admission = await throttle.admit(NAME, names(principal.login).mark, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const challenge = challengeFor('enrol', session.id)
      if ((await codes.match('enrol', challenge, code))?.userId !== userId) {
        await attempt.fail(userId)
        return { ok: false, reason: 'code' }
      }
      const written = await database.transaction(async (tx) => {
        if (!(await lockUser(tx, dialect, userId)) || (await kindsOf(tx, userId)).length > 0) return undefined
        await writeMailFactor(tx, userId, now())
        const recoveryCodes = (await countCodes(tx, userId)) === 0 ? await replaceCodes(tx, userId) : undefined
        return { recoveryCodes, ended: await fanOut(tx, 'factor-enrolled', userId, { own: session.id, now: now() }) }
      })
      if (!written) {
        await attempt.cancel()
        return { ok: false, reason: 'denied' }
      }
      const { recoveryCodes, ended } = written
      emit({ type: 'authn_factor_enrolled', data: { userId, kind: 'email' } }, from.exchange)
      if (recoveryCodes) emit({ type: 'authn_recovery_codes_made', data: { userId } }, from.exchange)
      if (ended.length > 0) {
        emit({ type: 'session_ended', data: { userId, sessions: ended, reason: 'factor-enrolled' } }, from.exchange)
      }
      // The code itself is used up by the gate, with the proof that it is.
      const proof = { door: 'email', amr: 'email', at: now(), credential: { kind: 'email', challenge } } as const
      const passed = await gate.strengthen({ userId, from, attempt, token }, proof)
      return passed.ok ? { ...passed, recoveryCodes } : { ok: false, reason: 'denied' }
    },

    async remove(id, { keepSession, from } = {}) {
      const userId = readId(id)
      return await act(database, emit, async (tx, tell) => {
        if (!(await lockUser(tx, dialect, userId)) || !(await removeMailFactor(tx, userId))) return false
        const sessions = await fanOut(tx, 'factor-removed', userId, { own: keepSession, now: now() })
        await tell({ type: 'authn_factor_removed', data: { userId, kind: 'email', actor: `user:${userId}` } }, from?.exchange)
        if (sessions.length > 0)
          await tell({ type: 'session_ended', data: { userId, sessions, reason: 'factor-removed' } }, from?.exchange)
        return true
      })
    },
  }
}

/** The code that enrols and the one that proves lie apart, so that neither replaces the other. */
function challengeFor(purpose: CodePurpose, holder: string): string {
  return purpose === 'enrol' ? challengeOf(`enrol ${holder}`) : challengeOf(holder)
}
