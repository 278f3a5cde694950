/** The thread's side of `thread.ts`: one task in, its text out, and the end. */
import { parentPort, workerData } from 'node:worker_threads'
import { phpassDigest } from './phpass.ts'
import { shaCryptDigest } from './sha-crypt.ts'
import type { Task } from './thread.ts'

async function work(task: Task): Promise<string> {
  if (task.kind === 'phpass') return phpassDigest(task.password, task.salt, task.rounds)
  if (task.kind === 'sha-crypt') return shaCryptDigest(task.name, task.password, task.salt, task.rounds)
  const { hashSync } = await import('bcryptjs')
  return hashSync(Buffer.from(task.password).toString(), task.salt)
}

const text = await work(workerData as Task)
parentPort?.postMessage(text, [])
