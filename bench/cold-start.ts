/** From starting the example to its first answer, and its memory after a load. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './load.ts'
import { freePort } from './process.ts'

const MAIN = join(import.meta.dirname, '../examples/admin-panel/start.ts')
/** As `npm start` gives them. */
const FLAGS = [
  '--conditions=holdfast-source',
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--optimize-for-size',
]

export async function coldStart(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const first = await once_(data)
  const later: number[] = []
  let memory = 0
  for (let round = 0; round < 5; round++) {
    const run = await once_(data, round === 4 ? 5000 : 0)
    later.push(run.milliseconds)
    memory = run.memory
  }
  rmSync(data, { recursive: true, force: true })
  console.log(
    `\nCold start of the example: ${Math.round(first.milliseconds)} ms the first time (certificate, database, keys), ${Math.round(median(later))} ms after that`,
  )
  console.log(`Resident memory of the example after 5,000 requests over TLS: ${Math.round(memory / 1_048_576)} MiB`)
}

async function once_(data: string, requests = 0): Promise<{ milliseconds: number; memory: number }> {
  const port = await freePort()
  const start = performance.now()
  const environment = { ...process.env, PORT: String(port), HOLDFAST_DATA: data, HOLDFAST_LOG: join(data, 'log') }
  const child = spawn(process.execPath, [...FLAGS, MAIN], {
    env: environment,
    stdio: 'ignore',
  })
  const agent = new https.Agent({ keepAlive: true, maxSockets: 8 })
  const get = () =>
    new Promise<number>((resolve) => {
      const request = https.get(
        { port, host: 'localhost', agent, rejectUnauthorized: false, headers: { host: `localhost:${port}` } },
        (response) => {
          response.resume().on('end', () => resolve(response.statusCode!))
        },
      )
      request.on('error', () => resolve(0))
    })
  while ((await get()) === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  const milliseconds = performance.now() - start
  for (let sent = 0; sent < requests; sent += 50) await Promise.all(Array.from({ length: 50 }, get))
  const memory = residentBytes(child.pid!)
  agent.destroy()
  child.kill('SIGTERM')
  await once(child, 'exit')
  return { milliseconds, memory }
}

/** Linux tells it in /proc; elsewhere there is no figure. */
function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  } catch {
    return Number.NaN
  }
}
