/** What detections look at: security events, and what requests came to. Both are plain data, so that a replay is the same as the thing. */
import type { SecurityEvent } from '../../engine/events.ts'
import { parseAddress } from '../../http/ip.ts'
import { network } from '../../http/ip-network.ts'
import { inOnePiece } from '../../store/memory-rates.ts'
import type { Subject } from '../detected.ts'
import type { Claim } from './claims.ts'

/** One request and its answer, after it left. Nothing of it is stored or logged. */
export interface AnswerSignal {
  readonly type: 'answer'
  readonly time: number
  readonly requestId?: string | undefined
  /** Canonical address; `unknown` when there is none. */
  readonly client: string
  /** The address, or the /64 of an IPv6 one. */
  readonly network: string
  readonly principal?: string | undefined
  readonly method: string
  /** The canonical path; empty where it could not be read. */
  readonly path: string
  /** Exactly as it was sent. */
  readonly target: string
  readonly status: number
  readonly agent: string
  /** Nobody was signed in, and was sent to the sign-in page or told 401, without a session's cookie that could have run out. */
  readonly turnedAway: boolean
  /** The session it came with: which browser and network began it. */
  readonly session?: { readonly id: string; readonly agent: string; readonly network: string } | undefined
  /** Whether `read` of a header is one that only tools of attack send. */
  readonly oddHeaders?: boolean | undefined
  /** The parsed body, if there was one. */
  readonly body?: unknown
  /** A password was wrong: whose, and a cut keyed hash of it. */
  readonly failed?: { readonly login: string; readonly password: string } | undefined
  /** What the request looks like; worked out once, by the first who asks. */
  claim?: Claim | null
}

const MOST_HELD = 512
const LONGEST_ROUTE = 200

export type EventSignal = SecurityEvent
export type Signal = EventSignal | AnswerSignal

/** The key under which one client is counted: an IPv4 address or an IPv6 /64. */
export function networkOf({ client }: Pick<Signal, 'client'>, bits6 = 64): string {
  if (client === undefined || !client.includes(':')) return client ?? 'unknown'
  const address = parseAddress(client)
  if (address === undefined) return client
  return address.family === 4 ? address.text : network(address, bits6)
}

/** The wider network: /24 of IPv4, /48 of IPv6. */
export function widerNetworkOf(signal: Pick<Signal, 'client'>): string {
  const { client } = signal
  if (client?.includes(':')) return networkOf(signal, 48)
  const end = client?.lastIndexOf('.') ?? -1
  return end === -1 ? (client ?? 'unknown') : `${client!.slice(0, end)}.0/24`
}

export function clientOf({ client }: Pick<Signal, 'client'>): Subject {
  return { kind: 'client', value: client ?? 'unknown' }
}

/** The path that was asked for, as what was aimed at. */
export function routeOf(signal: Signal): Subject | undefined {
  const { path } = signal
  if (path === undefined) return undefined
  // It was cut out of the request's target, and holds on to all of it as long as it is kept.
  const isShort = signal.type === 'answer' && signal.target.length <= MOST_HELD
  return { kind: 'route', value: isShort ? path : inOnePiece(path.slice(0, LONGEST_ROUTE)) }
}

/** A text among the event's facts; `undefined` when there is none. */
export function fact({ data }: EventSignal, name: string): string | undefined {
  const value = data?.[name]
  return typeof value === 'string' ? value : undefined
}

/** The keyed hash of the name that somebody typed. */
export function loginOf(event: EventSignal): string | undefined {
  return fact(event, 'login')
}

/** Whom the event is about: the user where it is known, or else the keyed hash of what was typed. */
export function accountOf(event: EventSignal): Subject | undefined {
  const userId = fact(event, 'userId')
  if (userId !== undefined) return { kind: 'user', value: userId }
  const login = loginOf(event)
  return login === undefined ? undefined : { kind: 'login', value: login }
}

/** The user whom the event is about. */
export function userOf(event: EventSignal): Subject[] {
  const userId = fact(event, 'userId')
  return userId === undefined ? [] : [{ kind: 'user', value: userId }]
}

/** Who asked: the user, where somebody was signed in, and the client. */
export function askersOf(signal: Pick<Signal, 'client' | 'principal'>): Subject[] {
  const user: Subject[] = signal.principal === undefined ? [] : [{ kind: 'user', value: signal.principal }]
  return [...user, clientOf(signal)]
}

/** The hashed name of a sign-in that failed before any second factor; `undefined` for all other events. */
export function failedLogin(event: EventSignal): string | undefined {
  return (event.type === 'authn_login_fail' || event.type === 'authn_login_lock') && !isFactorDoor(event)
    ? loginOf(event)
    : undefined
}

const FACTOR_DOORS: ReadonlySet<unknown> = new Set(['second-factor', 'mail-factor', 'enrol-factor', 'enrol-passkey'])

/** Whether it is about a second factor, and not about the way in before it. */
export function isFactorDoor({ data }: EventSignal): boolean {
  return FACTOR_DOORS.has(data?.['door'])
}
