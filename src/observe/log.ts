/** Writes each event as one JSON line, to a stream or a file. What a client sent can never begin a line of its own. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Listener, SecurityEvent } from '../engine/events.ts'
import { jsonLine } from './json-line.ts'

/** Where lines go. */
export interface LineSink {
  write(line: string): void
  close(): void
}

/** A listener for the bus. Field order is fixed: time, level, type, then who and where, then the facts. */
export function createLog(sink: LineSink): Listener {
  return (event) => sink.write(`${line(event)}\n`)
}

/** One event as one line of JSON: control characters, bidi marks and line separators are escaped (CWE-117). */
export function line({
  time,
  level,
  type,
  control,
  requestId,
  client,
  principal,
  impersonator,
  method,
  path,
  data,
}: SecurityEvent): string {
  const record = {
    time: new Date(time).toISOString(),
    level,
    type,
    control,
    requestId,
    client,
    principal,
    impersonator,
    method,
    path,
    ...(data && { data }),
  }
  return jsonLine(record)
}

/** Standard output. When its reader goes away the application goes on: Node would end it for an error that nobody listens to. */
export function standardOutput(): LineSink {
  // Once for the process, and not taken away at the end: what was written last fails after that.
  if (!process.stdout.listeners('error').includes(goOn)) process.stdout.on('error', goOn)
  return { write: (text) => void process.stdout.write(text), close() {} }
}

function goOn(): void {}

/** A file that is only ever appended to, readable by its owner alone. */
export function fileSink(path: string): LineSink {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const file = openSync(path, 'a', 0o600)
  return { write: (text) => void writeSync(file, text), close: () => closeSync(file) }
}
