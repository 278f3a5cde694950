/** How long a session lasts. Read by the session control and by accounts, which keeps the sessions. */
import type { ConcurrentPolicy } from '../../accounts/types.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, wholeNumber, withDefaults, type InsecureOff } from '../../engine/options.ts'

export interface SessionInput {
  /** It ends when it was not used for so long. At least two minutes, since use is noted once a minute. @default '30m' */
  readonly idle?: Duration
  /** It ends so long after sign-in, however busy it is. @default '12h' */
  readonly absolute?: Duration
  /** How many sessions one user may have at once. @default as many as they like */
  readonly concurrent?: ConcurrentInput | undefined
  /** Binds sessions to the device, in browsers that can (Device Bound Session Credentials); others go on as before. @default false */
  readonly deviceBound?: 'if-available' | false
}

export interface ConcurrentInput {
  /** For everybody whose roles are not named in `roles`. @default as many as they like */
  readonly max?: number | undefined
  /** What a sign-in over the limit does: it ends the session that began first, or it is refused. @default 'end-oldest' */
  readonly over?: 'end-oldest' | 'refuse'
  /** By role; of several the smallest: `{ admin: 1 }`. @default none */
  readonly roles?: Readonly<Record<string, number>>
}

/** Lengths in milliseconds. */
export interface SessionOptions {
  readonly idle: number
  readonly absolute: number
  readonly concurrent: ConcurrentPolicy | undefined
  readonly deviceBound: boolean
}

const DEFAULTS: Required<SessionInput> = { idle: '30m', absolute: '12h', concurrent: undefined, deviceBound: false }
const LEAST_IDLE = 120_000
const DAY = 86_400_000

/**
 * Throws HF_OPTION_INVALID for lengths that cannot work: idle under two minutes, or longer than the absolute end.
 * With the control off the defaults hold: accounts keep sessions in any case.
 */
export function readSessionOptions(input?: SessionInput | InsecureOff | false): SessionOptions {
  const off = input === false || (typeof input === 'object' && input !== null && 'insecureOff' in input)
  const given = withDefaults<SessionInput>('session', DEFAULTS, off ? undefined : input)
  const idle = milliseconds('session.idle', given.idle!)
  const absolute = milliseconds('session.absolute', given.absolute!)
  if (idle < LEAST_IDLE) invalid('session.idle', given.idle, `Give at least '2m': use is noted once a minute.`)
  if (absolute < idle) invalid('session.absolute', given.absolute, 'Give at least as long as session.idle.')
  const { deviceBound } = given
  if (deviceBound !== false && deviceBound !== 'if-available')
    invalid('session.deviceBound', deviceBound, "Write 'if-available' or false.")
  return { idle, absolute, concurrent: readConcurrent(given.concurrent), deviceBound: deviceBound !== false }
}

function readConcurrent(input: ConcurrentInput | undefined): ConcurrentPolicy | undefined {
  if (input === undefined) return undefined
  const name = 'session.concurrent'
  const { max, over, roles } = withDefaults<ConcurrentPolicy>(name, { max: undefined, over: 'end-oldest', roles: {} }, input)
  if (max === undefined && Object.keys(roles).length === 0) invalid(name, input, 'Give `max`, or `roles` with a number each.')
  if (max !== undefined) wholeNumber(`${name}.max`, max, 1, 1000)
  if (over !== 'end-oldest' && over !== 'refuse') invalid(`${name}.over`, over, "Write 'end-oldest' or 'refuse'.")
  return { max, over, roles }
}

/** OWASP ASVS 5.0, 7.3.1 and 7.3.2: both ends are set by risk; a stolen session should not last for days. */
export function* checkSessionOptions({ idle, absolute }: SessionOptions): Generator<Finding> {
  if (idle > DAY / 2) {
    const what = `A session that nobody uses lasts ${hours(idle)}.`
    yield { id: 'HF-SESSION-1', severity: 'medium', what, fix: `Set session.idle to '30m', for administrators less.` }
  }
  if (absolute > 7 * DAY) {
    const what = `A session, also a stolen one, lasts ${hours(absolute)}.`
    yield { id: 'HF-SESSION-2', severity: 'medium', what, fix: `Set session.absolute to '12h'.` }
  }
}

function hours(length: number): string {
  return `${Math.round(length / 3_600_000)} h`
}
