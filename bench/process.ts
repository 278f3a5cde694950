/** Starts a measured server in a process of its own and asks it for its CPU time and memory. */
import { execFileSync, fork, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { availableParallelism } from 'node:os'
import net, { type AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Framework } from './servers/frameworks.ts'
import type { Kind } from './servers/main.ts'

export interface Usage {
  /** Microseconds of user and system time since the process started. */
  readonly cpu: number
  /** Resident bytes. */
  readonly memory: number
}

export interface Running {
  readonly name: string
  readonly port: number
  readonly cookie: string
  readonly pid: number
  usage(): Promise<Usage>
  stop(): Promise<void>
}

/**
 * Puts this process and the measured one on one processor (Linux), so that waking the other side costs the same for a fast
 * and for a slow server. Elsewhere, and without `taskset`, it does nothing and says so.
 */
export function shareProcessor(pid: number): void {
  pin({ [pid]: 0, [process.pid]: 0 })
}

/** Puts the measured process on a processor, and this one on another: what is done after the answer then meets the next request only if it takes longer than we do. */
export function partProcessors(pid: number): void {
  pin({ [pid]: 0, [process.pid]: Math.min(1, availableParallelism() - 1) })
}

function pin(processors: Readonly<Record<string, number>>): void {
  try {
    for (const [id, processor] of Object.entries(processors))
      execFileSync('taskset', ['-a', '-p', '-c', String(processor), id], { stdio: 'ignore' })
  } catch {
    console.log('(not pinned to processors: figures vary more)')
  }
}

/** Lets this process run anywhere again. */
export function freeProcessor(): void {
  try {
    execFileSync('taskset', ['-a', '-p', '-c', `0-${availableParallelism() - 1}`, String(process.pid)], { stdio: 'ignore' })
  } catch {
    // It was not pinned either.
  }
}

export async function startServer(framework: Framework, kind: Kind): Promise<Running> {
  const port = await freePort()
  const child = fork(join(import.meta.dirname, 'servers/main.ts'), [framework, kind, String(port)])
  const { cookie } = await answer<{ cookie: string }>(child)
  return {
    name: `${framework} ${kind}`,
    port,
    cookie,
    pid: child.pid!,
    async usage() {
      const pending = answer<Usage>(child)
      child.send('cpu')
      return pending
    },
    async stop() {
      const gone = once(child, 'exit')
      child.disconnect()
      await gone
    },
  }
}

function answer<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('The measured server ended.'))
    child.once('exit', ended)
    child.once('message', (message: T) => {
      child.off('exit', ended)
      resolve(message)
    })
  })
}

export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = net.createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
