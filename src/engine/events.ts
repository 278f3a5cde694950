/** The one choke point: whatever happens is one `emit`. Names are the OWASP Logging Vocabulary's where it has a word. */
import { ACCOUNT_EVENTS } from './catalogue/accounts.ts'
import type { Level } from './catalogue/kind.ts'
import { OPERATION_EVENTS } from './catalogue/operation.ts'
import { REQUEST_EVENTS } from './catalogue/requests.ts'
import { SIGN_IN_EVENTS } from './catalogue/sign-in.ts'
import type { Exchange } from './exchange.ts'
import { Client, Principal, RequestId } from './facts.ts'

export type { Level }

/** Every event there is, by what it is about. An event that is not here does not compile. */
export const EVENTS = { ...SIGN_IN_EVENTS, ...ACCOUNT_EVENTS, ...REQUEST_EVENTS, ...OPERATION_EVENTS } as const

export type EventType = keyof typeof EVENTS

export type EventValue = string | number | boolean | null | readonly string[]

/** What a control says. */
export interface Report {
  readonly type: EventType
  /** @default the level of the type */
  readonly level?: Level
  /** Facts that help to understand it. Never a password, token, cookie or body. */
  readonly data?: Readonly<Record<string, EventValue | undefined>>
}

/** What listeners get: the report, stamped with when, where and by whom. */
export interface SecurityEvent extends Report {
  readonly level: Level
  /** Which part spoke: a control's name, `accounts`, `engine`. */
  readonly control: string
  /** Milliseconds since 1970. */
  readonly time: number
  readonly requestId?: string
  /** Canonical address of the client. */
  readonly client?: string
  /** Id of the user. */
  readonly principal?: string
  /** Id of who acts as this user, when it is not they themselves. */
  readonly impersonator?: string
  readonly method?: string
  readonly path?: string
}

/** Says that something happened; `x` is the request it happened in, if it was in one. Never throws, never waits. */
export type Emit = (report: Report, x?: Exchange) => void
export type Listener = (event: SecurityEvent) => void

export interface Bus {
  /** The `emit` of one part. */
  readonly emitter: (control: string) => Emit
  /** Adds a listener; returns how to remove it. */
  readonly on: (listener: Listener) => () => void
}

/** A bus whose listeners cannot harm each other: one that throws loses nothing for the rest. */
export function createBus(now: () => number, onFault: (error: unknown) => void): Bus {
  const listeners = new Set<Listener>()

  function emitter(control: string): Emit {
    return (report, x) => {
      const event = stamp(report, control, now(), x)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onFault(error)
        }
      }
    }
  }

  return {
    emitter,
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
  }
}

function stamp(report: Report, control: string, time: number, x: Exchange | undefined): SecurityEvent {
  const event = { ...report, level: report.level ?? EVENTS[report.type].level, control, time }
  if (x === undefined) return event
  const [requestId, client, principal] = [x.get(RequestId), x.get(Client), x.get(Principal)]
  return {
    ...event,
    ...(requestId !== undefined && { requestId }),
    ...(client !== undefined && { client: client.address }),
    ...(principal && { principal: principal.id }),
    ...(principal?.impersonatedBy && { impersonator: principal.impersonatedBy.id }),
    method: x.method,
    path: x.path,
  }
}
