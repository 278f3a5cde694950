/**
 * Verbs that do what needs a second person: `--as` says who asks, because "cli" would be both, and `--reason` why. The first call asks; once somebody
 * else approved, the same call does it. Whoever has the terminal has the database: this keeps honest people from slips, and names them.
 */
import type { Accounts, Actor, ApprovalParams } from '../accounts/types.ts'
import { shown } from './arguments.ts'
import { refused, Refusal, type Call, type Option, type Outcome } from './command.ts'
import { instant } from './table.ts'

/** What such a verb takes. */
export const SECOND_PERSON: Readonly<Record<'as' | 'reason', Option>> = {
  as: { type: 'string', value: 'LOGIN', what: 'Who you are, where this needs a second person' },
  reason: { type: 'string', value: 'TEXT', what: 'Why, for who approves it and for the log' },
}

/** Whose approval is used; nothing where nobody was named. */
export async function askerOf(call: Call, { users }: Accounts): Promise<{ readonly asker?: Actor }> {
  const login = call.option('as')
  if (login === undefined) return {}
  const user = await users.byLogin(login)
  if (user?.status !== 'active' || user.kind !== 'person')
    throw new Refusal(1, `--as names ${shown(login)}, and there is no such active user.`)
  return { asker: { kind: 'user', id: user.id } }
}

/** What is said in place of "done": it was asked, or it waits already. */
export async function askInstead(
  call: Call,
  { approvals }: Accounts,
  { asker, act, params }: { readonly asker?: Actor; readonly act: string; readonly params: ApprovalParams },
): Promise<Outcome> {
  const reason = call.option('reason')?.trim() ?? ''
  if (asker === undefined || reason === '') {
    const text = `This needs a second person (${act}). Say who you are and why: --as LOGIN --reason TEXT.`
    return refused('approval-required', text)
  }
  const asked = await approvals.ask(asker, act, params, reason)
  if (!asked.ok) return refused(`approval-${asked.reason}`, `It cannot be asked for: ${asked.reason}.`)
  const { id, expiresAt } = asked.approval
  const text = `Nothing was done. It waits for a second person until ${instant(expiresAt)}:\n  holdfast approvals approve ${id} --as LOGIN\nThen give the same command again.`
  return { code: 1, text, json: { error: { reason: 'approval-pending', message: text }, approval: asked.approval } }
}
