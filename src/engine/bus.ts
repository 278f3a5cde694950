/** The bus: stamps what is reported with when, where and by whom, and tells everybody who listens. */
import type { Transaction } from 'kysely'
import { EVENTS, type Emit, type Listener, type Report, type SecurityEvent } from './events.ts'
import type { Exchange } from './exchange.ts'
import { Client, Principal, RequestId, SessionId } from './facts.ts'

export interface Bus {
  /** The `emit` of one part. */
  readonly emitter: (control: string) => Emit
  /** Adds a listener; returns how to remove it. */
  readonly on: (listener: Listener) => () => void
  /** Names who keeps the record of administrative acts. */
  readonly recordWith: (recorder: Recorder) => void
}

/** Keeps the record of an act in its transaction; rejects where it cannot. */
export type Recorder = (tx: Transaction<any>, event: SecurityEvent) => Promise<void>

/** A bus whose listeners cannot harm each other: one that throws loses nothing for the rest. */
export function createBus(now: () => number, onFault: (error: unknown) => void): Bus {
  const listeners = new Set<Listener>()
  let recorder: Recorder | undefined

  function emitter(control: string): Emit {
    const emit: Emit = (report, x) => {
      const event = stamp(report, control, now(), x)
      for (const listener of listeners) {
        try {
          listener(event)
        } catch (error) {
          onFault(error)
        }
      }
    }
    return Object.assign(emit, {
      record: async (tx: Transaction<any>, report: Report, x?: Exchange) => recorder?.(tx, stamp(report, control, now(), x)),
    })
  }

  return {
    emitter,
    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    recordWith(given) {
      recorder = given
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
    ...(principal && { principal: principal.id, ...meansOf(principal, x.get(SessionId)) }),
    ...(principal?.app !== undefined && {
      app: principal.app,
      data: { ...report.data, app: report.data?.['app'] ?? principal.app },
    }),
    ...(principal?.impersonatedBy && { impersonator: principal.impersonatedBy.id }),
    method: x.method,
    path: x.path,
  }
}

/** By what the principal asks: what somebody did with a stolen session or key is found by that. */
function meansOf({ apiKey, app }: Principal, session: string | undefined): Pick<SecurityEvent, 'session' | 'apiKey'> {
  if (apiKey !== undefined) return { apiKey }
  return session === undefined || app !== undefined ? {} : { session }
}
