/** Where events go: the option `log`, read at start-up, and the sinks that it names, each on its own. */
import { invalid, refuseUnknown, wholeNumber } from '../engine/options.ts'
import type { Bus } from '../engine/bus.ts'
import type { Emit, Listener } from '../engine/events.ts'
import type { Finding } from '../engine/finding.ts'
import { fileSink, type Rotation } from '../observe/logs/file.ts'
import { isLogger, loggerSink, type Logger } from '../observe/logs/logger.ts'
import { createSinkHealth, type LogSink, type SinkHealth } from '../observe/logs/sink.ts'
import { streamSink } from '../observe/logs/stream.ts'
import { readSyslog, type SyslogOptions, type SyslogTarget } from '../observe/logs/syslog-options.ts'
import { syslogSink } from '../observe/logs/syslog.ts'

export interface FileLog {
  /** Path of the file; its folder is made. */
  readonly file: string
  /** When it is put aside as `file.1`, and how many of those are kept. @default never */
  readonly rotate?: RotateInput
}

export interface RotateInput {
  /** Bytes, 64 KiB at least. @default 10485760 */
  readonly size?: number
  /** How many full files are kept, 1 to 1000. @default 10 */
  readonly keep?: number
}

export interface SyslogLog {
  readonly syslog: SyslogOptions
}

/** Standard output, nowhere, a file's path, a file that is rotated, a syslog server, a logger such as pino, or a function. */
export type LogTarget = 'stdout' | 'silent' | (string & {}) | FileLog | SyslogLog | Logger | Listener

/** Understood: nothing is opened yet. */
export type ReadLog =
  | { readonly kind: 'stdout' }
  | { readonly kind: 'file'; readonly path: string; readonly rotate: Rotation | undefined }
  | { readonly kind: 'syslog'; readonly target: SyslogTarget }
  | { readonly kind: 'logger'; readonly logger: Logger }
  | { readonly kind: 'function'; readonly listener: Listener }

const HOW = `Write 'stdout', 'silent', a path, { file, rotate }, { syslog: { to } }, a logger with info, warn and error, a function, or a list of these.`
const SMALLEST = 65_536

/** Throws HF_OPTION_INVALID or HF_OPTION_INSECURE for what cannot be meant. */
export function readLogs(option: LogTarget | readonly LogTarget[] | undefined, now: number): readonly ReadLog[] {
  const targets = Array.isArray(option) ? (option as readonly LogTarget[]) : [option ?? 'stdout']
  if (targets.length === 0) invalid('log', 'an empty list', `Write 'silent' for no log at all.`)
  if (targets.length > 1 && targets.includes('silent')) invalid('log', 'silent and something else', 'Leave out one of them.')
  return targets.flatMap((target) => readLog(target as LogTarget, now))
}

function readLog(target: LogTarget, now: number): readonly ReadLog[] {
  if (target === 'silent') return []
  if (target === 'stdout') return [{ kind: 'stdout' }]
  if (typeof target === 'function') return [{ kind: 'function', listener: target }]
  if (typeof target === 'string') return [{ kind: 'file', path: readPath(target), rotate: undefined }]
  if (isLogger(target)) return [{ kind: 'logger', logger: target }]
  if (typeof target !== 'object' || target === null) return invalid('log', target, HOW)
  if ('syslog' in target) {
    refuseUnknown('log', target, ['syslog'])
    return [{ kind: 'syslog', target: readSyslog(target.syslog, now) }]
  }
  if (!('file' in target)) return invalid('log', target, HOW)
  refuseUnknown('log', target, ['file', 'rotate'])
  return [{ kind: 'file', path: readPath(target.file), rotate: target.rotate && readRotation(target.rotate) }]
}

function readPath(path: unknown): string {
  if (typeof path === 'string' && path.trim() !== '' && !path.includes('\0')) return path
  return invalid('log.file', path, 'Write the path of a file.')
}

function readRotation(rotate: RotateInput): Rotation {
  refuseUnknown('log.rotate', rotate, ['size', 'keep'])
  const { size = 10_485_760, keep = 10 } = rotate
  return { size: wholeNumber('log.rotate.size', size, SMALLEST), keep: wholeNumber('log.rotate.keep', keep, 1, 1000) }
}

/** What `check` says of it. */
export function findingsOfLogs(logs: readonly ReadLog[]): readonly Finding[] {
  return logs.flatMap((log) =>
    log.kind === 'syslog' && log.target.weaker
      ? [
          {
            id: 'HF-LOG-1',
            severity: 'medium' as const,
            what: `The log goes to another machine without TLS: ${log.target.weaker.reason}`,
            fix: `Write log.syslog.to: 'tls://…'.`,
          },
        ]
      : [],
  )
}

export interface LogSetting {
  readonly bus: Bus
  readonly now: () => number
  readonly onFault: (error: unknown, requestId: undefined) => void
}

export interface Logs {
  /** How many lines each sink has lost. */
  lost(): readonly (readonly [sink: string, lines: number])[]
  /** Writes what waits, then closes. */
  close(): Promise<void>
}

/** Opens what was read, and listens. A file that cannot be opened is an error; what goes wrong later is an event. */
export function openLogs(logs: readonly ReadLog[], setting: LogSetting): Logs {
  const emit = setting.bus.emitter('log')
  const sinks: LogSink[] = []
  const stops: (() => void)[] = []
  for (const log of logs) {
    if (log.kind === 'function') {
      setting.bus.on(log.listener)
      continue
    }
    const sink = openSink(log, setting, emit)
    sinks.push(sink)
    stops.push(setting.bus.on((event) => sink.write(event)))
  }
  return {
    lost: () => sinks.map(({ name, lost }) => [name, lost] as const),
    async close() {
      for (const stop of stops.splice(0)) stop()
      await Promise.all(sinks.splice(0).map(async (sink) => sink.close()))
    },
  }
}

function openSink(log: Exclude<ReadLog, { kind: 'function' }>, { now, onFault }: LogSetting, emit: Emit): LogSink {
  const health: SinkHealth = createSinkHealth(log.kind, emit)
  if (log.kind === 'stdout') return streamSink(process.stdout, health)
  if (log.kind === 'syslog') return syslogSink(log.target, health)
  if (log.kind === 'logger') return loggerSink(log.logger, health)
  const { path, rotate } = log
  return fileSink(path, { rotate, health, now, onFault: (error) => onFault(error, undefined) })
}
