/** What all places where a log goes have in common: they take events, count what they lose, say so once, and harm nothing else. */
import type { Emit, SecurityEvent } from '../../engine/events.ts'

export interface LogSink {
  /** `stdout`, `file`, `syslog`, `logger`. */
  readonly name: string
  /** Takes one event and never throws: what cannot be written is counted. */
  write(event: SecurityEvent): void
  /** How many lines were lost. */
  readonly lost: number
  close(): void | Promise<void>
}

/** How a sink tells how it is. */
export interface SinkHealth {
  readonly lost: number
  /** Lines are lost because of this. The first time it is an event, which all other listeners hear. */
  lose(why: unknown, count?: number): void
  /** A line was written: if some were lost before, it is an event, too. */
  written(): void
}

export function createSinkHealth(sink: string, emit: Emit): SinkHealth {
  let [total, unsaid, down] = [0, 0, false]
  return {
    get lost() {
      return total
    },
    lose(why, count = 1) {
      total += count
      unsaid += count
      if (down) return
      // Set before it is said: the event comes back to this sink, which loses it as well.
      down = true
      emit({ type: 'sys_log_lost', data: { sink, error: reasonOf(why) } })
    },
    written() {
      if (!down) return
      down = false
      const lost = unsaid
      unsaid = 0
      emit({ type: 'sys_log_back', data: { sink, lost } })
    },
  }
}

/** The system's own word where it has one: `ENOSPC` says more to who reads it than a sentence, and holds no text of others. */
function reasonOf(why: unknown): string {
  if (typeof why === 'string') return why
  const { code, message } = why as NodeJS.ErrnoException
  return typeof code === 'string' ? code : String(message).slice(0, 200)
}
