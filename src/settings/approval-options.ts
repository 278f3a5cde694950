/** The option `approval`, read at start-up, and left in the store for the command, which cannot see it. */
import { ACT, KIT_ACTS } from '../accounts/approvals/acts.ts'
import type { ApprovalPolicy } from '../accounts/types.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { hint } from '../engine/suggest.ts'
import { RESPONSE_ACTS, STARRED_ACTS } from '../services/responding-approvals.ts'
import type { AtomicStore } from '../store/atomic.ts'

/** Which acts need a second person, and how long there is time. */
export interface ApprovalOptions {
  /**
   * Acts of the kit (`'users:make-administrator'`, `'users:delete'`, `'impersonation:write'`, `'break-glass:unseal'`, `'response:*'`), and the
   * application's own, such as `'payout'`, which its routes do with `holdfast.of(request).approved(…)`. Responses that two decide by
   * their nature need not be named.
   */
  readonly acts: readonly string[]
  /** How long a question waits, five minutes to 30 days. @default '1d' */
  readonly life?: Duration
  /** How long an approval can be used, a minute to a day. @default '1h' */
  readonly use?: Duration
}

const MINUTE = 60_000
const DAY = 86_400_000
const MOST_ACTS = 100
const DEFAULT: ApprovalPolicy = { acts: [], starred: STARRED_ACTS, life: DAY, use: 60 * MINUTE }
/** First words that are the kit's own. */
const OURS = /^(?:users|impersonation|break-glass|response)(?::|$)/
const KNOWN: readonly string[] = [...Object.keys(KIT_ACTS), ...RESPONSE_ACTS]

/** What else is set that an act depends on. */
export interface Around {
  readonly impersonationWrite: boolean
  readonly breakGlass: boolean
}

/** Without options only starred responses are asked for. Throws HF_OPTION_INVALID, also for an act that could never be met. */
export function readApproval(options: ApprovalOptions | undefined, around: Around): ApprovalPolicy {
  if (options === undefined) return DEFAULT
  refuseUnknown('approval', options, ['acts', 'life', 'use'])
  const { acts, life: givenLife = '1d', use: givenUse = '1h' } = options
  if (!Array.isArray(acts) || acts.length === 0 || acts.length > MOST_ACTS)
    invalid('approval.acts', acts, `Name the acts that need a second person: ['users:make-administrator', 'payout'].`)
  for (const act of acts as readonly unknown[]) checkAct(act, around)
  const [life, use] = [milliseconds('approval.life', givenLife), milliseconds('approval.use', givenUse)]
  if (life < 5 * MINUTE || life > 30 * DAY) invalid('approval.life', givenLife, `Write five minutes to 30 days: '1d'.`)
  if (use < MINUTE || use > DAY) invalid('approval.use', givenUse, `Write a minute to a day: '1h'.`)
  return { acts: [...acts], starred: STARRED_ACTS, life, use }
}

function checkAct(act: unknown, { impersonationWrite, breakGlass }: Around): void {
  const fix = `Write a name in lower case such as 'payout' or 'payout:large', or a group 'response:*'.`
  if (typeof act !== 'string' || !ACT.test(act)) return invalid('An act of approval.acts', act, fix)
  if (OURS.test(act) && !act.endsWith(':*') && !KNOWN.includes(act))
    return invalid('An act of approval.acts', act, `The kit has no such act. ${hint(act, KNOWN)}`)
  if (act === 'impersonation:write' && !impersonationWrite)
    return invalid(
      'An act of approval.acts',
      act,
      'Nothing can be changed by impersonation here; set impersonation.write, or leave it out.',
    )
  if (act === 'break-glass:unseal' && !breakGlass)
    return invalid('An act of approval.acts', act, 'There is no sealed account here; set signIn.breakGlass, or leave it out.')
}

const KEY = 'application:approval'
const CENTURY = 100 * 365 * DAY

/** Leaves it for the command. */
export async function recordApproval(once: AtomicStore, policy: ApprovalPolicy, now: number): Promise<void> {
  await once.put(KEY, JSON.stringify(policy), CENTURY, now)
}

/** What was left last. */
export async function recordedApproval(once: AtomicStore, now: number): Promise<ApprovalPolicy> {
  const text = await once.get(KEY, now)
  return text === undefined ? DEFAULT : { ...(JSON.parse(text) as ApprovalPolicy), starred: STARRED_ACTS }
}
