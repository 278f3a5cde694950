/** Starts one of the examples as its reader would, in a process of its own, on a free port with an empty data folder. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SecurityEvent } from '../../src/engine/events.ts'
import { freePort } from './ports.ts'

export type ExampleName = 'admin-panel' | 'express' | 'hono' | 'node'

/** A line of the log. */
export type LogLine = Omit<SecurityEvent, 'time'> & { readonly time: string }

export interface Example {
  readonly origin: string
  readonly port: number
  readonly pid: number
  readonly data: string
  /** What it printed for the operator; `undefined` when there is a user already. */
  readonly setUpCode: string | undefined
  /** Everything that came out so far. */
  stdout(): string
  stderr(): string
  /** Resolves once that stands on standard error; rejects when the process ends without it. */
  said(what: RegExp): Promise<void>
  /** Standard output, line by line. */
  log(): readonly LogLine[]
  /** Nobody reads its standard output from now on. */
  deafen(): void
  /** Sends SIGTERM (or `signal`) and tells how the process ended. */
  stop(signal?: NodeJS.Signals): Promise<Ended>
  /** Stops it, and deletes the data folder that was made for it. */
  [Symbol.asyncDispose](): Promise<void>
}

export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface Output extends Ended {
  readonly stdout: string
  readonly stderr: string
}

export interface Running extends Pick<Example, 'pid' | 'stdout' | 'stderr' | 'said' | 'deafen'> {
  readonly ended: Promise<Output>
  kill(signal: NodeJS.Signals): void
}

export interface ExampleOptions {
  /** Settings beside PORT and HOLDFAST_DATA. */
  readonly settings?: Readonly<Record<string, string>>
  /** A data folder that stays. @default a new one, deleted at the end */
  readonly data?: string
  /** @default a free one: the origin must be known before the server listens */
  readonly port?: number
}

const ROOT = join(import.meta.dirname, '../..')
const SAYS_WITHIN = 20_000

/** Node's arguments before the file: TypeScript from source, as in the scripts of package.json. */
const FLAGS = ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning']

/** Resolves once the example has printed its address; rejects with what it printed when it ends before. */
export async function startExample(
  name: ExampleName,
  { settings = {}, data, port: wanted }: ExampleOptions = {},
): Promise<Example> {
  const port = wanted ?? (await freePort('localhost'))
  const folder = data ?? mkdtempSync(join(tmpdir(), 'holdfast-example-'))
  const started = run(process.execPath, [...FLAGS, join('examples', name, 'main.ts')], {
    PORT: String(port),
    HOLDFAST_DATA: folder,
    ...settings,
  })
  const { stdout, stderr, ended } = started
  await started.said(/https?:\/\/\S+[^]*\n$/)

  async function stop(signal: NodeJS.Signals = 'SIGTERM'): Promise<Ended> {
    started.kill(signal)
    const { code, signal: by } = await ended
    return { code, signal: by }
  }

  return {
    origin: /https?:\/\/[^\s/]+/.exec(stderr())![0],
    port,
    pid: started.pid,
    data: folder,
    setUpCode: /one-time code:\s+(\S+)/.exec(stderr())?.[1],
    stdout,
    stderr,
    said: started.said,
    log: () => linesOf(stdout()),
    deafen: started.deafen,
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      if (data === undefined) rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Runs the admin panel until it ends by itself: for settings that it refuses. */
export function runToItsEnd(words: readonly string[], settings: Readonly<Record<string, string>>): Promise<Output> {
  return run(process.execPath, [...FLAGS, 'examples/admin-panel/main.ts', ...words], settings).ended
}

/** `npm start`, as a reader types it. */
export function npmStart(words: readonly string[], settings: Readonly<Record<string, string>> = {}): Running {
  return run('npm', ['start', ...words], settings)
}

/** A process, listened to from its first word. Settings of whoever runs the tests do not reach it. */
function run(command: string, words: readonly string[], settings: Readonly<Record<string, string>>): Running {
  const own = Object.entries(process.env).filter(([key]) => !/^(?:HOLDFAST_|NODE_|npm_|PORT$)/.test(key))
  const env = { ...Object.fromEntries(own), ...settings }
  const child = spawn(command, words, { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] })
  let [stdout, stderr] = ['', '']
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text))
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text))
  // `close` comes after the last output; `exit` may come before.
  const ended = new Promise<Output>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({ code, signal, stdout, stderr }))
  })

  function said(what: RegExp): Promise<void> {
    if (what.test(stderr)) return Promise.resolve()
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => settle(() => reject(new Error(`Never said ${what}, only: ${stderr}`))), SAYS_WITHIN)
      const listen = () => what.test(stderr) && settle(resolve)
      const settle = (how: () => void) => {
        clearTimeout(timer)
        child.stderr.off('data', listen)
        how()
      }
      child.stderr.on('data', listen)
      void ended.then(({ code }) => settle(() => reject(new Error(`It ended with ${code}: ${stderr}`))))
    })
  }

  return {
    pid: child.pid!,
    stdout: () => stdout,
    stderr: () => stderr,
    said,
    deafen: () => void child.stdout.destroy(),
    ended,
    kill: (signal) => void (child.exitCode === null && child.signalCode === null && child.kill(signal)),
  }
}

function linesOf(text: string): LogLine[] {
  const whole = text.slice(0, text.lastIndexOf('\n') + 1)
  return whole
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as LogLine)
}
