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
  if (asker === undefined || reason === '') return nobodyAsks(act)
  const asked = await approvals.ask(asker, act, params, reason)
  if (!asked.ok) return refused(`approval-${asked.reason}`, `It cannot be asked for: ${asked.reason}.`)
  return waits({ ...asked.approval, until: asked.approval.expiresAt })
}

export function nobodyAsks(act: string): Outcome {
  return refused('approval-required', `This needs a second person (${act}). Say who you are and why: --as LOGIN --reason TEXT.`)
}

/** Nothing was done: it was asked, or it waits already. */
export function waits(approval: { readonly id: string; readonly until: number }): Outcome {
  const text = `Nothing was done. It waits for a second person until ${instant(approval.until)}:\n  holdfast approvals approve ${approval.id} --as LOGIN\nThen give the same command again.`
  return refused('approval-pending', text, { approval })
}
