/**
 * Runs on a thread of its own what Node has no native code for: bcrypt, crypt(3) and phpass in JavaScript take up to seconds, in which the
 * server would answer nobody. One thread a computation; the hasher's queue bounds how many there are.
 */
import { Worker } from 'node:worker_threads'
import type { ShaCryptDigest } from './sha-crypt.ts'

export type Task =
  | { readonly kind: 'bcrypt'; readonly password: Uint8Array; readonly salt: string }
  | { readonly kind: 'phpass'; readonly password: Uint8Array; readonly salt: string; readonly rounds: number }
  | {
      readonly kind: 'sha-crypt'
      readonly name: ShaCryptDigest
      readonly password: Uint8Array
      readonly salt: string
      readonly rounds: number
    }

/** Gives the text of the digest. */
export type RunTask = (task: Task) => Promise<string>

/** As the compiled package, or as source: the file of the thread stands beside this one. */
const FILE = new URL(import.meta.url.endsWith('.ts') ? 'worker.ts' : 'worker.js', import.meta.url)

export const runTask: RunTask = (task) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(FILE, { workerData: task, name: 'holdfast-password' })
    let answer: string | undefined
    worker.once('message', (text: string) => void (answer = text))
    worker.once('error', reject)
    worker.once('exit', () =>
      answer === undefined ? reject(new Error('The thread that verifies a password ended early.')) : resolve(answer),
    )
  })

/** Whether `bcryptjs` can be loaded. */
export function hasBcrypt(resolve: (name: string) => string = (name) => import.meta.resolve(name)): boolean {
  try {
    resolve('bcryptjs')
    return true
  } catch {
    return false
  }
}
