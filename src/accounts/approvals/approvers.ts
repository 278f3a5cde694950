/** Who may be the second person, and to whom it is written that one is wanted. Source: NIST SP 800-53 AC-3(2). */
import { permits } from '../../engine/policy.ts'
import { addressOf } from '../addresses/addresses.ts'
import { kindsOf } from '../factors/index.ts'
import { readId } from '../ids.ts'
import type { Post } from '../mail/post.ts'
import { latestProof } from '../proof-strength.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import { readProofs, type SessionLengths } from '../sessions/row.ts'
import { hashOfToken } from '../sessions/token.ts'
import type { Decider, DecisionProblem } from './types.ts'

/** What a role needs to be the second person. */
export const DECIDE = 'approvals:decide'
/** How new the proof of a second person must be, in milliseconds. */
const RECENT = 600_000
const MOST_LETTERS = 50
const PAGE = 500

export interface ApproverSetting {
  readonly roles: Roles
  readonly lengths: SessionLengths
  readonly post: Post
  readonly now: () => number
}

/** A person, of a session of their own, who proved lately who they are; or whom the operator at the command names. */
export async function approverOf(
  tx: AccountsTransaction,
  by: Decider,
  { lengths, now }: ApproverSetting,
): Promise<UserRow | Extract<DecisionProblem, 'not-permitted' | 'proof'>> {
  if ('operator' in by) return (await userOf(tx, by.operator)) ?? 'not-permitted'
  const hash = hashOfToken(by.session) ?? ''
  const at = now()
  const session = await tx
    .selectFrom('hf_sessions')
    .selectAll()
    .where('hash', '=', hash)
    .where('ended_at', 'is', null)
    .where('expires_at', '>', at)
    .where('created_at', '>', at - lengths.absolute)
    .where('seen_at', '>', at - lengths.idle)
    .executeTakeFirst()
  if (!session || session.as_user_id !== null) return 'not-permitted'
  const user = await userOf(tx, session.user_id)
  if (!user) return 'not-permitted'
  const proofs = readProofs(session.proofs)
  const weak = session.aal < 2 && (await kindsOf(tx, user.id)).length > 0
  return weak || at - latestProof(proofs) > RECENT ? 'proof' : user
}

async function userOf(tx: AccountsTransaction, id: string): Promise<UserRow | undefined> {
  return await tx.selectFrom('hf_users').selectAll().where('id', '=', readId(id)).executeTakeFirst()
}

/** An active person whose roles permit it; never a service, and so never the sealed account. */
export function mayDecide(user: Pick<UserRow, 'status' | 'kind' | 'roles'> | undefined, roles: Roles): boolean {
  if (user?.status !== 'active' || user.kind !== 'person') return false
  return permits(roles.granted(user.roles).permissions, DECIDE)
}

/** Writes to those who may decide, in the transaction of the question. */
export async function tellApprovers(
  tx: AccountsTransaction,
  { askedBy, by, act, until }: { readonly askedBy: string; readonly by: string; readonly act: string; readonly until: number },
  { roles, post }: ApproverSetting,
): Promise<void> {
  if (!post.sends) return
  const when = `${new Date(until).toISOString().slice(0, 16).replace('T', ' ')} UTC`
  let written = 0
  for (let after = ''; written < MOST_LETTERS;) {
    const page = await tx
      .selectFrom('hf_users')
      .selectAll()
      .where('id', '>', after)
      .where('status', '=', 'active')
      .where('kind', '=', 'person')
      .orderBy('id')
      .limit(PAGE)
      .execute()
    for (const user of page.filter((one) => mayDecide(one, roles) && `user:${one.id}` !== askedBy)) {
      const address = await addressOf(tx, user.id)
      if (address?.verifiedAt === undefined || written >= MOST_LETTERS) continue
      written += 1
      await post.write(tx, 'approval-asked', address.text, { by, act, until: when, link: post.approvalsPage })
    }
    if (page.length < PAGE) return
    after = page.at(-1)!.id
  }
}
