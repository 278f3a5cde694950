/**
 * The only place that issues a session. Whatever the door, whoever comes through it is checked here: still active, every proof
 * still valid and used up, a second factor where the user has one, counted, and no session from before left in the browser.
 * A guard that stood at each door would be missing at one (CVE-2024-47000, CVE-2025-53942, CVE-2026-9798); what a door has to
 * bring is asked for by the types.
 */
import { Secret } from '../crypto/secret.ts'
import { act } from '../engine/act.ts'
import type { Emit } from '../engine/events.ts'
import { isSealed } from './break-glass/seals.ts'
import { describeDevice } from '../http/device.ts'
import { isTrusted, spendToken, type SpentToken } from './browsers/tokens.ts'
import type { BrowserLives } from './browsers/types.ts'
import type { Concurrency } from './sessions/concurrent.ts'
import { kindsAfter, kindsOf, type FactorKind } from './factors/index.ts'
import type { Flow, Gate, GivenProof, Passed } from './gate-types.ts'
import type { On } from './addresses/addresses.ts'
import type { Links } from './mail/links.ts'
import type { Post } from './mail/post.ts'
import { keepableUntil } from './profile/leaving.ts'
import { noteProviderSession } from './identities/logouts.ts'
import { lockUser } from './lock.ts'
import type { Pendings } from './pending.ts'
import { passwordDue, type PasswordDue, type PasswordRules } from './password-rules.ts'
import { seeDevice } from './profile/devices.ts'
import { bare, holdProofs, useFactors, type Used } from './proofs.ts'
import type { AccountsDatabase, AccountsTransaction, UserRow } from './schema.ts'
import type { Issuer } from './sessions/issue.ts'
import { areTwoSteps, isSecondStep } from './proof-strength.ts'
import { readProofs, type SessionLengths } from './sessions/row.ts'
import { takeLive } from './sessions/live.ts'
import { endToken } from './sessions/sessions.ts'
import type { NewSession, Proof } from './types.ts'

export type { Flow, Gate, GivenProof, Knocking, Passed } from './gate-types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly issuer: Issuer
  readonly lengths: SessionLengths
  readonly pendings: Pendings
  readonly passwordRules: PasswordRules
  readonly concurrency: Concurrency
  readonly lives: BrowserLives
  readonly links: Pick<Links, 'issue'>
  readonly post: Pick<Post, 'takes' | 'linkTo'>
  readonly random: (bytes: number) => string
  readonly emit: Emit
  readonly now: () => number
}

/** What came of the transaction. */
type Outcome =
  | { readonly kinds: readonly FactorKind[] }
  | { readonly due: PasswordDue; readonly used: Used }
  | { readonly max: number }
  | { readonly leaving: number; readonly page: Secret; readonly used: Used }
  | { readonly issued: NewSession; readonly used: Used; readonly over: readonly string[]; readonly known?: boolean }

const KEEP = 'keep-account'
/** How long the page stands on which one keeps an account, after the proof. */
const KEEP_FOR = 900_000
const DENIED: Passed = { ok: false, reason: 'denied' }

/** Makes the gate. A session it issues holds the doors' proofs and nothing that was in the browser before. */
export function createGate(setting: Setting): Gate {
  const { database, issuer, lengths, pendings, passwordRules, concurrency, lives, links, post, random, emit, now } = setting

  /** The user, locked until the session stands: who disables them or sets their password comes before or after, never between. */
  async function admit(
    tx: AccountsTransaction,
    userId: string,
    proofs: readonly Proof[],
    leaves = false,
  ): Promise<UserRow | undefined> {
    const user = await lockUser(tx, database.dialect, userId)
    // The sealed account is a service, so that nothing else opens it, and what opens it opens nothing else.
    const kind = isSealed({ amr: proofs.map(({ amr }) => amr) }) ? 'service' : 'person'
    if (user?.kind !== kind) return undefined
    return admits(user.status) || (leaves && (await mayKeep(tx, userId))) ? user : undefined
  }

  /** Whether its owner may still keep an account that is being deleted, and there is a page for it. */
  async function mayKeep(on: On, userId: string): Promise<boolean> {
    return post.takes(KEEP) && (await keepableUntil(on, userId)) !== undefined
  }

  /** In place of a session. */
  async function offerToKeep(tx: AccountsTransaction, userId: string, used: Used, at: number): Promise<Outcome | undefined> {
    const leaving = await keepableUntil(tx, userId)
    if (leaving === undefined || leaving <= at) return undefined
    const token = await links.issue(tx, { purpose: KEEP, userId, life: Math.min(KEEP_FOR, leaving - at) })
    return { leaving, page: new Secret(post.linkTo(KEEP, token)), used }
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
    opensFor: ({ status, leaving }) => admits(status) || (leaving !== null && post.takes(KEEP)),

    async complete(flow, proofs) {
      const { from, attempt, userId, replaces } = flow
      const at = now()
      const outcome = await act(database, emit, async (tx, tell): Promise<Outcome | undefined> => {
        const user = await admit(tx, userId, proofs, true)
        if (!user || !(await holdProofs(tx, userId, proofs))) return undefined
        if (flow.spend && !(await flow.spend(tx, tell))) return undefined
        const kinds = await kindsOf(tx, userId)
        const given = await withTrust(tx, flow, proofs, kinds)
        if (kinds.length > 0 && !areTwoSteps(given)) return { kinds }
        const spent = await spendRemembered(tx, userId, given)
        const used = spent && (await useFactors(tx, userId, given, at))
        if (!used) return undefined
        if (!admits(user.status)) return await offerToKeep(tx, userId, used, at)
        const due = await passwordDue(tx, userId, proofs, { rules: passwordRules, alone: kinds.length === 0, now: at })
        if (due) return { due, used }
        const room = await concurrency.makeRoom(tx, user, at, { replaces, browser: spent.browser })
        if (!room.ok) return { max: room.max }
        await noteSignIn(tx, userId, at)
        const known = spent.browser !== undefined || given.some(({ amr }) => amr === 'tdv')
        await seeDevice(tx, { userId, from, known, now: at })
        const issued = await issuer.issue(tx, user, given.map(bare), from, at, { browser: spent.browser, life: flow.life })
        const named = given.find((proof) => proof.credential?.kind === 'identity')?.credential
        if (named?.kind === 'identity') await noteProviderSession(tx, { id: issued.session.id, userId }, named)
        return { issued: { ...issued, ...(spent.next && { remember: spent.next }) }, used, over: room.ended, known }
      })
      if (!outcome) return await refuse(flow)
      if ('max' in outcome) return await turnAway(flow, outcome.max)
      if ('leaving' in outcome) {
        await attempt.cancel()
        report(flow, outcome.used)
        emit({ type: 'user_deletion_offered', data: { userId, door: attempt.door } }, from.exchange)
        if (replaces !== undefined) await endReplaced(replaces, flow)
        return { ok: false, reason: 'leaving', dueAt: outcome.leaving, page: outcome.page }
      }
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
      const outcome = await database.transaction(
        async (tx): Promise<Extract<Outcome, { kinds: unknown } | { issued: unknown }> | undefined> => {
          if (!(await admit(tx, userId, [given])) || !(await holdProofs(tx, userId, [given]))) return undefined
          const kinds = await kindsOf(tx, userId)
          if (kinds.length > 0 && !isSecondStep(given)) return { kinds }
          const used = await useFactors(tx, userId, [given], at, token)
          const taken = used && (await takeLive(tx, database, token, { now: at, lengths, reason: 'rotated', userId }))
          if (!taken) return undefined
          const kept = readProofs(taken.row.proofs).filter(({ amr }) => amr !== proof.amr)
          return { issued: await issuer.reissue(tx, taken.user, taken.row, at, [...kept, proof]), used, over: [] }
        },
      )
      if (!outcome) return await refuse(flow)
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
