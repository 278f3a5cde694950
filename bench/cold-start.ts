/** From starting the example to its first answer, the processor time that it takes, and its memory after a load. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { median } from './load.ts'
import { freePort } from './process.ts'

const MAIN = join(import.meta.dirname, '../examples/admin-panel/start.js')
/** As `npm start` gives them. */
const FLAGS = [
  '--conditions=holdfast-source',
  '--disable-warning=ExperimentalWarning',
  '--max-semi-space-size=1',
  '--initial-old-space-size=40',
  '--optimize-for-size',
]

export async function coldStart(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const first = await once_(data)
  const later: Start[] = []
  for (let round = 0; round < 7; round++) later.push(await once_(data))
  const loaded = await once_(data, 5000)
  rmSync(data, { recursive: true, force: true })
  console.log(
    `\nCold start of the example: ${Math.round(first.wall)} ms the first time (certificate, database, keys), ${milliseconds(later, 'wall')} ms after that`,
  )
  console.log(
    `Processor time of that: ${Math.round(first.processor)} ms the first time, ${milliseconds(later, 'processor')} ms after that`,
  )
  console.log(
    `Resident memory of the example: ${mebibytes(later.at(-1)!)} MiB at its first answer, ${mebibytes(loaded)} MiB after 5,000 requests over TLS`,
  )
}

interface Start {
  /** Milliseconds to the first answer. */
  readonly wall: number
  /** Milliseconds of user and system time until then: company on the machine moves them less. */
  readonly processor: number
  /** Resident bytes at the end. */
  readonly memory: number
}

const milliseconds = (starts: readonly Start[], of: 'wall' | 'processor') => Math.round(median(starts.map((start) => start[of])))
const mebibytes = ({ memory }: Start) => Math.round(memory / 1_048_576)

async function once_(data: string, requests = 0): Promise<Start> {
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
  const wall = performance.now() - start
  const processor = processorTime(child.pid!)
  for (let sent = 0; sent < requests; sent += 50) await Promise.all(Array.from({ length: 50 }, get))
  const memory = residentBytes(child.pid!)
  agent.destroy()
  child.kill('SIGTERM')
  await once(child, 'exit')
  return { wall, processor, memory }
}

/** Milliseconds. Linux tells it in /proc, in ticks; elsewhere there is no figure. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ')
    const ticks = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))
    return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticks
  } catch {
    return Number.NaN
  }
}

/** Linux tells it in /proc, too. */
function residentBytes(pid: number): number {
  try {
    return Number(/VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024
  } catch {
    return Number.NaN
  }
}
