/** What a desk is: the pages of one matter for somebody who is signed in. A new one is a file of this shape and a line in `index.ts`. */
import type { Accounts } from '../../../accounts/types.ts'
import type { NavLink, PageModel } from '../../../console/pages/index.ts'
import type { Setting, Verdict } from '../../../engine/control.ts'
import type { Emit } from '../../../engine/events.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { sentForm } from '../../../console/form.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import type { Operation } from '../../../http/openapi.ts'
import type { CurrentSession } from '../../session/slot.ts'
import type { ConsoleOptions } from '../options.ts'

/** What every desk is given. */
export interface DeskSetting {
  readonly options: ConsoleOptions
  readonly accounts: Accounts
  readonly emit: Emit
  readonly setting: Pick<Setting<unknown>, 'site' | 'keys' | 'once' | 'limits' | 'random' | 'now' | 'production' | 'use'>
  /** The fields that every page of theirs has. */
  facts(x: Exchange, current: CurrentSession): Omit<PageModel, 'login'> & { readonly login: string }
}

/** Answers what stands at its path and under it; `undefined` for addresses that are none of its. */
export type Serve = (x: Exchange, current: CurrentSession) => Promise<Verdict> | Verdict

export interface ConsoleDesk {
  readonly name: NonNullable<NavLink['name']>
  /** Where it stands, under `options.path`, and what the top bar calls it, if it names it; `undefined` when it is not there. */
  at(options: ConsoleOptions): { readonly path: string; readonly label?: string } | undefined
  /** What programs may do at it, for the description of the API. */
  operations?(options: ConsoleOptions): readonly Operation[]
  start(setting: DeskSetting): Serve
}

export const NOT_FOUND = deny(404, 'not-found')
export const READ_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD' } })
export const WRITE_ONLY = deny(405, 'method-not-allowed', { head: { allow: 'POST' } })
export const WRONG_METHOD = deny(405, 'method-not-allowed', { head: { allow: 'GET, HEAD, POST' } })

/** How new a proof must be for what outlives the session, in milliseconds. */
export const RECENT = 600_000

/** Whether the proof is recent enough for what outlives the session. */
export function isRecent(x: Exchange, { principal }: CurrentSession): boolean {
  return x.time - principal.provedAt <= RECENT
}

const PROVE = deny(401, 'recent-proof-required', { reason: 'what outlives the session' })
const STRONGER = deny(403, 'stronger-proof-required', { reason: 'what outlives the session' })

/** What is answered to who has not proved who they are in the last ten minutes, by the second factor where they have one. */
export async function guardProof(
  x: Exchange,
  current: CurrentSession,
  { accounts, options, back }: Pick<DeskSetting, 'accounts' | 'options'> & { readonly back: string },
): Promise<Reply | undefined> {
  const { principal } = current
  if (principal.aal < 2 && (await accounts.factors.of(principal.id)).kinds.length > 0) return STRONGER
  if (isRecent(x, current)) return undefined
  return sentForm(x).json ? PROVE : seeOther(`${options.againPath}?next=${encodeURIComponent(back)}`)
}
