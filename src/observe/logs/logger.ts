/** The log through a logger that the application has: pino, or another with the same three methods. */
import type { SecurityEvent } from '../../engine/events.ts'
import { escapeUnsafe } from '../safe-text.ts'
import type { LogSink, SinkHealth } from './sink.ts'

/** What pino, and loggers like it, have: an object of facts, then a text. */
export interface Logger {
  info(facts: object, message: string): unknown
  warn(facts: object, message: string): unknown
  error(facts: object, message: string): unknown
}

const METHODS = { info: 'info', warn: 'warn', critical: 'error' } as const
const LONGEST = 512

export function isLogger(value: unknown): value is Logger {
  if (typeof value !== 'object' || value === null) return false
  return ['info', 'warn', 'error'].every((name) => typeof (value as Record<string, unknown>)[name] === 'function')
}

/** Its own time and level stand in each line; ours are `at` and `severity`. The text is the event's type, which no client chooses. */
export function loggerSink(logger: Logger, health: SinkHealth): LogSink {
  return {
    name: 'logger',
    get lost() {
      return health.lost
    },
    write(event) {
      try {
        logger[METHODS[event.level]](factsOf(event), event.type)
        health.written()
      } catch (error) {
        health.lose(error)
      }
    },
    close() {},
  }
}

/** Every text is safe to print as it is: how the logger shows it (as JSON, or coloured for people) is not ours to know. */
function factsOf({ level, time, data, ...rest }: SecurityEvent): object {
  const facts = { at: new Date(time).toISOString(), severity: level, ...rest, ...(data && { data }) }
  return clean(facts) as object
}

function clean(value: unknown): unknown {
  if (typeof value === 'string') return escapeUnsafe(value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value)
  if (Array.isArray(value)) return value.slice(0, 100).map(clean)
  if (typeof value !== 'object' || value === null) return value
  // What shows itself in its own way (a secret) is shown in that way.
  if ('toJSON' in value && typeof value.toJSON === 'function') return clean(value.toJSON())
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [escapeUnsafe(name), clean(inner)]))
}
