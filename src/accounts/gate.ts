/**
 * The only place that issues a session. Whatever the door, whoever comes through it is checked here: still active, every proof
 * still valid and used up, a second factor where the user has one, counted, and no session from before left in the browser.
 * A guard that stood at each door would be missing at one (CVE-2024-47000, CVE-2025-53942, CVE-2026-9798); what a door has to
 * bring is asked for by the types.
 */
import type { Secret } from '../crypto/secret.ts'
import type { Emit } from '../engine/events.ts'
import { describeDevice } from '../http/device.ts'
import { isTrusted, spendToken, type SpentToken } from './browsers/tokens.ts'
import type { BrowserLives } from './browsers/types.ts'
import type { Concurrency } from './concurrent.ts'
import { kindsAfter, kindsOf, type FactorCredential, type FactorKind } from './factors/index.ts'
import { lockUser } from './lock.ts'
import type { Pendings } from './pending.ts'
import { passwordDue, type PasswordDue, type PasswordRules } from './password-rules.ts'
import { seeDevice } from './profile/devices.ts'
import { bare, holdProofs, useFactors, type Used } from './proofs.ts'
import type { AccountsDatabase, AccountsTransaction, UserRow } from './schema.ts'
import type { Issuer } from './session-issue.ts'
import { areTwoSteps, isSecondStep } from './proof-strength.ts'
import { readProofs, type SessionLengths } from './session-row.ts'
import { endToken, takeLive } from './sessions.ts'
import type { Attempt } from './throttle.ts'
import type { NewSession, Origin, Proof } from './types.ts'

/** A proof as a door hands it in. */
export interface GivenProof extends Proof {
  /**
   * The credential it was checked against. A password that was replaced in the meantime proves nothing (attack A95); a code is
   * used up here, in the transaction that issues the session, so that it can open one only.
   */
  readonly credential?:
    | { readonly kind: 'password'; readonly version: number }
    /** An address of mail that was read; it must still be the verified one. */
    | { readonly kind: 'mailbox'; readonly address: string }
    /** Of another provider: it counts while it is linked to this user. */
    | { readonly kind: 'identity'; readonly issuer: string; readonly subject: string }
    | FactorCredential
    | { readonly kind: 'remember'; readonly hash: string }
}

/** One way through: who, from where, and the leave of the throttle, without which nobody comes here. */
export interface Flow {
  readonly userId: string
  readonly from: Origin
  readonly attempt: Attempt
}

/** Through, or not; why not stands in the events alone. */
export type Passed =
  | ({ readonly ok: true } & NewSession)
  | { readonly ok: false; readonly reason: 'denied' }
  /** All was right, and this user has as many sessions as they may have. Said to nobody who has not proved who they are. */
  | { readonly ok: false; readonly reason: 'too-many-sessions'; readonly max: number }
  /**
   * More is needed. `pending` waits for it; where there is a session already, it is absent. `newPassword`: all was right, and the
   * password has had its time, or is too short to be the only factor.
   */
  | {
      readonly ok: false
      readonly reason: 'second-factor'
      readonly kinds: readonly FactorKind[]
      readonly pending?: Secret
      readonly newPassword?: true
    }

/** The gate that all doors share. */
export interface Gate {
  /** Whether somebody with this status may come in at all. Doors ask before they come, so that a refusal costs the same everywhere. */
  admits(status: UserRow['status']): boolean
  /**
   * Issues a session for these proofs together, asks for a second factor, or says no and counts the failure.
   * `replaces`: the token that the browser held before; it is ended (A91), also when a second factor is still to come (L24).
   */
  complete(
    flow: Flow & {
      readonly replaces?: string | undefined
      /** Uses up what opens this door once, a link or a code of a letter, also when a second factor is still to come. `false`: it was used. */
      readonly spend?: (tx: AccountsTransaction) => Promise<boolean>
    },
    proofs: readonly GivenProof[],
  ): Promise<Passed>
  /** Adds a proof to a living session of the same user, and replaces its token. Who has a second factor proves with that one. */
  strengthen(flow: Flow & { readonly token: string }, proof: GivenProof): Promise<Passed>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly issuer: Issuer
  readonly lengths: SessionLengths
  readonly pendings: Pendings
  readonly passwordRules: PasswordRules
  readonly concurrency: Concurrency
  readonly lives: BrowserLives
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

/** What came of the transaction. */
type Outcome =
  | { readonly kinds: readonly FactorKind[] }
  | { readonly due: PasswordDue; readonly used: Used }
  | { readonly max: number }
  | { readonly issued: NewSession; readonly used: Used; readonly over: readonly string[]; readonly known?: boolean }

const DENIED: Passed = { ok: false, reason: 'denied' }

/** Makes the gate. A session it issues holds the doors' proofs and nothing that was in the browser before. */
export function createGate(setting: Setting): Gate {
  const { database, issuer, lengths, pendings, passwordRules, concurrency, lives, random, emit, now } = setting

  /** The user, locked until the session stands: who disables them or sets their password comes before or after, never between. */
  async function admit(tx: AccountsTransaction, userId: string): Promise<UserRow | undefined> {
    const user = await lockUser(tx, database.dialect, userId)
    return user && admits(user.status) && user.kind === 'person' ? user : undefined
  }

  /** In a transaction of its own: the session before may be another user's, and two users are never locked at once. */
  async function endReplaced(token: string, { from }: Flow): Promise<void> {
    const replaced = await database.transaction((tx) => endToken(tx, database, token, { reason: 'replaced', now: now() }))
    if (!replaced) return
    emit({ type: 'session_ended', data: { userId: replaced.user_id, session: replaced.id, reason: 'replaced' } }, from.exchange)
  }

  /** The first proof was right: it counts as no failure, and as no success either. */
  async function askForMore(flow: Flow, proof: GivenProof, enrolled: readonly FactorKind[]): Promise<Passed> {
    const kinds = kindsAfter(proof, enrolled)
    const { attempt, userId, from } = flow
    await attempt.cancel()
    const pending = await pendings.begin({ userId, mark: attempt.mark ?? '', proof })
    emit({ type: 'authn_second_factor_asked', data: { userId, door: attempt.door, kinds } }, from.exchange)
    return { ok: false, reason: 'second-factor', kinds, pending }
  }

  /** All was right but for the password's age or length: nobody comes in before there is another. */
  async function askForPassword(flow: Flow, proof: GivenProof, due: PasswordDue): Promise<Passed> {
    const { attempt, userId, from } = flow
    await attempt.cancel()
    const pending = await pendings.begin({ userId, mark: attempt.mark ?? '', proof, for: 'new-password' })
    emit({ type: 'authn_password_due', data: { userId, door: attempt.door, reason: due } }, from.exchange)
    return { ok: false, reason: 'second-factor', kinds: [], pending, newPassword: true }
  }

  /** What using up a factor did. */
  function report({ userId, from }: Flow, { kind, left, ended }: Used): void {
    if (kind !== undefined) emit({ type: 'authn_factor_used', data: { userId, kind } }, from.exchange)
    if (left !== undefined) emit({ type: 'authn_recovery_code_used', data: { userId, left } }, from.exchange)
    if (ended.length === 0) return
    emit({ type: 'session_ended', data: { userId, sessions: ended, reason: 'recovery-code-used' } }, from.exchange)
  }

  /** In a browser that is trusted the second step was given before: the gate opens, and nothing is raised by it. */
  async function withTrust(
    tx: AccountsTransaction,
    { userId, from }: Flow,
    proofs: readonly GivenProof[],
    kinds: readonly FactorKind[],
  ): Promise<readonly GivenProof[]> {
    if (kinds.length === 0 || areTwoSteps(proofs)) return proofs
    const trusted = await isTrusted(tx, { userId, device: from.device, lives, now: now() })
    return trusted ? [...proofs, { door: 'trusted-device', amr: 'tdv', at: now() }] : proofs
  }

  /** Uses up the token of a browser that remembers, where one is among the proofs; `undefined` when it holds no more. */
  async function spendRemembered(
    tx: AccountsTransaction,
    userId: string,
    proofs: readonly GivenProof[],
  ): Promise<Partial<SpentToken> | undefined> {
    const credential = proofs.find((proof) => proof.credential?.kind === 'remember')?.credential
    if (credential?.kind !== 'remember') return {}
    return await spendToken(tx, { userId, hash: credential.hash, lives, now: now(), random })
  }

  async function turnAway({ attempt, userId, from }: Flow, max: number): Promise<Passed> {
    await attempt.cancel()
    emit({ type: 'authn_session_limit', data: { userId, door: attempt.door, max } }, from.exchange)
    return { ok: false, reason: 'too-many-sessions', max }
  }

  return {
    admits,

    async complete(flow, proofs) {
      const { from, attempt, userId, replaces } = flow
      const at = now()
      const outcome = await database.transaction(async (tx): Promise<Outcome | undefined> => {
        const user = await admit(tx, userId)
        if (!user || !(await holdProofs(tx, userId, proofs))) return undefined
        if (flow.spend && !(await flow.spend(tx))) return undefined
        const kinds = await kindsOf(tx, userId)
        const given = await withTrust(tx, flow, proofs, kinds)
        if (kinds.length > 0 && !areTwoSteps(given)) return { kinds }
        const spent = await spendRemembered(tx, userId, given)
        const used = spent && (await useFactors(tx, userId, given, at))
        if (!used) return undefined
        const due = await passwordDue(tx, userId, proofs, { rules: passwordRules, alone: kinds.length === 0, now: at })
        if (due) return { due, used }
        const room = await concurrency.makeRoom(tx, user, at, { replaces, browser: spent.browser })
        if (!room.ok) return { max: room.max }
        await noteSignIn(tx, userId, at)
        const known = spent.browser !== undefined || given.some(({ amr }) => amr === 'tdv')
        await seeDevice(tx, { userId, from, known, now: at })
        const issued = await issuer.issue(tx, user, given.map(bare), from, at, spent.browser)
        return { issued: { ...issued, ...(spent.next && { remember: spent.next }) }, used, over: room.ended, known }
      })
      if (!outcome) return await refuse(flow)
      if ('max' in outcome) return await turnAway(flow, outcome.max)
      if ('kinds' in outcome) {
        if (replaces !== undefined) await endReplaced(replaces, flow)
        return await askForMore(flow, proofs[0]!, outcome.kinds)
      }
      if ('due' in outcome) {
        report(flow, outcome.used)
        if (replaces !== undefined) await endReplaced(replaces, flow)
        return await askForPassword(flow, proofs[0]!, outcome.due)
      }
      const { issued, used, over, known } = outcome
      await attempt.succeed()
      const data = { userId, door: attempt.door, session: issued.session.id }
      const device = describeDevice(from.userAgent)
      emit({ type: 'authn_login_success', data: { ...data, device, ...(known && { known }) } }, from.exchange)
      if (attempt.failedBefore) emit({ type: 'authn_login_successafterfail', data }, from.exchange)
      report(flow, used)
      if (over.length > 0) emit({ type: 'session_ended', data: { userId, sessions: over, reason: 'concurrent' } }, from.exchange)
      if (replaces !== undefined) await endReplaced(replaces, flow)
      emit({ type: 'session_created', data: { userId, session: issued.session.id, aal: issued.session.aal } }, from.exchange)
      return { ok: true, ...issued }
    },

    async strengthen(flow, given) {
      const { from, attempt, userId, token } = flow
      const at = now()
      const proof = bare(given)
      const outcome = await database.transaction(async (tx): Promise<Exclude<Outcome, { due: PasswordDue }> | undefined> => {
        if (!(await admit(tx, userId)) || !(await holdProofs(tx, userId, [given]))) return undefined
        const kinds = await kindsOf(tx, userId)
        if (kinds.length > 0 && !isSecondStep(given)) return { kinds }
        const used = await useFactors(tx, userId, [given], at, token)
        const taken = used && (await takeLive(tx, database, token, { now: at, lengths, reason: 'rotated', userId }))
        if (!taken) return undefined
        const kept = readProofs(taken.row.proofs).filter(({ amr }) => amr !== proof.amr)
        return { issued: await issuer.reissue(tx, taken.user, taken.row, at, [...kept, proof]), used, over: [] }
      })
      if (!outcome || 'max' in outcome) return await refuse(flow)
      if ('kinds' in outcome) {
        await attempt.cancel()
        return { ok: false, reason: 'second-factor', kinds: outcome.kinds }
      }
      const { issued, used } = outcome
      await attempt.succeed()
      const data = { userId, door: attempt.door, session: issued.session.id, aal: issued.session.aal }
      emit({ type: 'authn_login_success', data: { ...data, again: true } }, from.exchange)
      report(flow, used)
      emit({ type: 'session_renewed', data }, from.exchange)
      return { ok: true, ...issued }
    },
  }
}

function admits(status: UserRow['status']): boolean {
  return status === 'active'
}

async function noteSignIn(tx: AccountsTransaction, userId: string, at: number): Promise<void> {
  await tx.updateTable('hf_users').set({ last_sign_in_at: at }).where('id', '=', userId).execute()
}

async function refuse({ attempt, userId }: Flow): Promise<Passed> {
  await attempt.fail(userId)
  return DENIED
}
