/** The option `recovery` of the sign-in: what there is for who forgot the password, lost the second factor, or is locked out. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults } from '../../engine/options.ts'

export interface RecoveryInput {
  /** How long the link that sets a new password is good for: 5 minutes to a day. @default '30m' */
  readonly life?: Duration
  /** Whether there is a way for who lost the second factor and the recovery codes. @default false (an operator helps) */
  readonly lostFactor?: boolean
  /** How long that takes, with a letter every day: a day to 30 days. @default '72h' */
  readonly delay?: Duration
}

export interface RecoveryOptions {
  /** Milliseconds. */
  readonly life: number
  /** Milliseconds; absent: there is no such way. */
  readonly delay: number | undefined
}

/** What both have in them of the rest of the sign-in. */
interface Base {
  readonly path: string
  readonly mail: boolean
  readonly recovery: boolean | RecoveryInput
}

const HOUR = 3_600_000
const DEFAULTS = { life: '30m', lostFactor: false, delay: '72h' } as const satisfies Required<RecoveryInput>

/** `undefined` when it is off: it is on where there is mail, unless it was said otherwise. */
export function readRecovery(
  given: boolean | RecoveryInput | undefined,
  { mail }: Pick<Base, 'mail'>,
): RecoveryOptions | undefined {
  const input = given ?? mail
  if (input === false) return undefined
  const { life, lostFactor, delay } = withDefaults<Required<RecoveryInput>>(
    'signIn.recovery',
    DEFAULTS,
    input === true ? undefined : input,
  )
  if (typeof lostFactor !== 'boolean') invalid('signIn.recovery.lostFactor', lostFactor, 'Write true or false.')
  if (!lostFactor && typeof input === 'object' && input.delay !== undefined)
    invalid('signIn.recovery.delay', delay, 'Set lostFactor to true: without it there is nothing to delay.')
  return {
    life: within('signIn.recovery.life', life, [HOUR / 12, 24 * HOUR], `'30m'`),
    // Less than a day is no time to notice a letter.
    delay: lostFactor ? within('signIn.recovery.delay', delay, [24 * HOUR, 720 * HOUR], `'72h'`) : undefined,
  }
}

/** The pages, all under that of the sign-in. */
export function recoveryPaths({ path }: Pick<Base, 'path'>) {
  return {
    ask: `${path}/recover`,
    choose: `${path}/recover/password`,
    lostFactor: `${path}/recover/factor`,
    remove: `${path}/recover/factor/remove`,
    cancel: `${path}/recover/factor/cancel`,
    unlock: `${path}/unlock`,
    newPassword: `${path}/new-password`,
  }
}

function within(name: string, value: Duration, [least, most]: readonly [number, number], example: string): number {
  const read = milliseconds(name, value)
  return read >= least && read <= most ? read : invalid(name, value, `Write ${example}, or another time within its bounds.`)
}
