/** What an act is called, and exactly what of it is bound: the same question gives the same hash, another one never does. */
import { sha256 } from '../../crypto/hash.ts'
import { permits } from '../../engine/policy.ts'
import type { ApprovalParams, ApprovalPolicy } from './types.ts'

/** Acts of the kit that can be marked. Those of `response:` are named by the responses. */
export const KIT_ACTS = {
  'users:make-administrator': 'Giving somebody a role that permits everything, or inviting somebody to one.',
  'users:delete': 'Deleting a user for good.',
  'impersonation:write': 'Acting as a user where things can be changed by it.',
  'break-glass:unseal': 'Opening the sealed account.',
} as const

export type KitAct = keyof typeof KIT_ACTS

/** An act, or a group of them. */
export const ACT = /^[a-z][a-z0-9-]{0,31}(?::[a-z][a-z0-9-]{0,31})?(?::\*)?$/
const NAME = /^[A-Za-z][A-Za-z0-9_-]{0,31}$/
const MOST_PARAMS = 20
const LONGEST_VALUE = 500

/** Whether this act is marked. */
export function isMarked(policy: ApprovalPolicy | undefined, act: string): boolean {
  return policy !== undefined && permits(new Set(policy.acts), act)
}

/** Whether it can be asked for: it is marked, or needs a second person at times by itself. */
export function canBeAsked(policy: ApprovalPolicy | undefined, act: string): boolean {
  return isMarked(policy, act) || policy?.starred?.includes(act) === true
}

/** JSON with sorted members; `undefined` for what could not be shown to the second person as it is. */
export function canonicalParams(params: ApprovalParams): string | undefined {
  const entries = Object.entries(params).toSorted(([one], [other]) => (one < other ? -1 : 1))
  const fits = entries.length <= MOST_PARAMS && entries.every(([name, value]) => NAME.test(name) && isShown(value))
  return fits ? JSON.stringify(Object.fromEntries(entries)) : undefined
}

/** Nothing that is not seen, and nothing that turns the text around it: what is approved is what is read. */
function isShown(value: unknown): boolean {
  if (typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  return (
    typeof value === 'string' &&
    value.length <= LONGEST_VALUE &&
    value.isWellFormed() &&
    !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(value)
  )
}

/** The act and its parameters together. */
export function hashOfAct(act: string, canonical: string): string {
  return sha256(`${act}\n${canonical}`)
}
