/**
 * The log in a file that is only ever appended to, readable by its owner alone; full ones are put aside under numbers.
 * Source: OWASP Logging Cheat Sheet ("Protection"), CWE-732; a disk that fills up is CWE-400.
 */
import { closeSync, fstatSync, mkdirSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { line } from './line.ts'
import type { LogSink, SinkHealth } from './sink.ts'

export interface Rotation {
  /** Bytes after which a new file is begun. */
  readonly size: number
  /** How many full ones are kept: `log.1` is the youngest. */
  readonly keep: number
}

export interface FileSetting {
  readonly rotate?: Rotation | undefined
  readonly health: SinkHealth
  readonly now: () => number
  /** Told when files cannot be put aside; the log goes on in the one that is full. */
  readonly onFault: (error: unknown) => void
}

/** Milliseconds between two looks whether somebody else (logrotate, another process) has moved the file. */
const LOOK_EVERY = 1000

/** Opens the file, or throws. */
export function fileSink(path: string, { rotate, health, now, onFault }: FileSetting): LogSink {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  let file = openSync(path, 'a', 0o600)
  let { size } = fstatSync(file)
  let lookedAt = now()
  let torn = false
  let stuck = false

  function reopen(): void {
    const next = openSync(path, 'a', 0o600)
    closeSync(file)
    file = next
    size = fstatSync(file).size
  }

  function followMove(): void {
    if (Math.abs(now() - lookedAt) < LOOK_EVERY) return
    lookedAt = now()
    if (inodeOf(path) !== fstatSync(file).ino) reopen()
  }

  function putAside({ keep }: Rotation): void {
    // Another process that has this file open may have been faster: then there is a new one already.
    if (inodeOf(path) !== fstatSync(file).ino) return reopen()
    try {
      rmSync(`${path}.${keep}`, { force: true })
      for (let number = keep - 1; number > 0; number--) moveIfThere(`${path}.${number}`, `${path}.${number + 1}`)
      renameSync(path, `${path}.1`)
      stuck = false
    } catch (error) {
      if (!stuck) onFault(error)
      stuck = true
      return
    }
    reopen()
  }

  function append(text: string): void {
    // What stands at the end may be half a line, from when the disk was full.
    const bytes = Buffer.from(torn ? `\n${text}` : text)
    const written = writeSync(file, bytes)
    size += written
    torn = written < bytes.length && written > 0
    if (written < bytes.length) throw Object.assign(new Error('The line was written in part.'), { code: 'ENOSPC' })
  }

  return {
    name: 'file',
    get lost() {
      return health.lost
    },
    write(event) {
      try {
        const text = `${line(event)}\n`
        followMove()
        if (rotate && size > 0 && size + text.length > rotate.size) putAside(rotate)
        append(text)
        health.written()
      } catch (error) {
        health.lose(error)
      }
    },
    close: () => closeSync(file),
  }
}

function inodeOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.ino
}

function moveIfThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}
