/** The audit log: events chained and written, verified and found, what a request notices of it, and what a kill leaves. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer } from 'node:http'
import { node } from '../src/adapters/node.ts'
import { generateKey, parseKeyring } from '../src/crypto/keyring.ts'
import { randomToken } from '../src/crypto/random.ts'
import { createBus } from '../src/engine/bus.ts'
import type { SecurityEvent } from '../src/engine/events.ts'
import { createHoldfast } from '../src/index.ts'
import { createAudit } from '../src/observe/audit/log.ts'
import { createHashes } from '../src/observe/audit/merkle.ts'
import { readVerifier } from '../src/observe/audit/note.ts'
import { toRecord } from '../src/observe/audit/record.ts'
import { linkRecord, newHead } from '../src/observe/audit/rows.ts'
import { auditMigrations } from '../src/observe/audit/schema.ts'
import { verifyDatabase } from '../src/observe/audit/verify-database.ts'
import { migrate } from '../src/store/migrate.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { killOnce } from '../test/support/audit-killed.ts'
import { searches } from './audit-search.ts'
import { load, median, quantile } from './load.ts'

const EVENTS = Number(process.env['HOLDFAST_TEST_AUDIT_EVENTS'] ?? 1_000_000)
const FOUND = Number(process.env['HOLDFAST_TEST_AUDIT_ROWS'] ?? 10_000_000)
const KILLS = Number(process.env['HOLDFAST_TEST_AUDIT_KILLS'] ?? 200)

export async function audit(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    chained()
    await written(folder)
    await noticed(folder)
    await killed(join(folder, 'killed'))
    if (FOUND > 0) await searches(folder, FOUND)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Wall clock and CPU time of work that runs on one core. */
async function timed(name: string, count: number, work: () => unknown): Promise<void> {
  const cpu = process.cpuUsage()
  const start = performance.now()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  const [seconds, busy] = [(performance.now() - start) / 1000, (user + system) / 1e6]
  const rate = (time: number) => Math.round(count / time).toLocaleString('en')
  console.log(`${name}: ${seconds.toFixed(2)} s (CPU ${busy.toFixed(2)} s), ${rate(seconds)}/s (${rate(busy)}/s of CPU time)`)
}

function event(index: number): SecurityEvent {
  return {
    type: index % 10 === 0 ? 'authn_login_success' : 'authn_login_fail',
    level: index % 10 === 0 ? 'info' : 'warn',
    control: 'accounts',
    time: Date.now(),
    requestId: `request-${index}-abcdef`,
    client: `192.0.${index % 200}.${index % 250}`,
    method: 'POST',
    path: '/login',
    data: { userId: `user-${(index * 7919) % 20_000}`, door: 'password', login: 'abcdefghijklmnopqrstuv' },
  }
}

function chained(): void {
  const hashes = createHashes()
  const count = Math.min(EVENTS, 500_000)
  let head = newHead(1, 'bench/security')
  console.log('\nThe audit log')
  void timed(`chained in memory, ${count} events`, count, () => {
    const setting = { random: randomToken, writing: Date.now() }
    for (let index = 0; index < count; index++) head = linkRecord(hashes, head, toRecord(event(index)), setting).head
  })
}

async function written(folder: string): Promise<void> {
  const database = sqlite(join(folder, 'written.sqlite'))
  await migrate(database, auditMigrations)
  const bus = createBus(Date.now, console.error)
  const setting = { database, bus, keys: parseKeyring(generateKey()), host: 'app.example', now: Date.now, random: randomToken }
  const { log, ...running } = createAudit({ ...setting, onFault: console.error, queue: 20_000, every: 1000, within: 60_000 })
  await running.start()
  const emit = bus.emitter('accounts')
  await timed(`durable in SQLite, ${EVENTS} events`, EVENTS, async () => {
    for (let index = 0; index < EVENTS;) {
      for (const end = Math.min(index + 10_000, EVENTS); index < end; index++) {
        const { type, data } = event(index)
        emit({ type, data: data! })
      }
      await log.flush()
    }
  })
  const { dropped, publicKeys } = log.status()
  await running.stop()
  await timed(`verified, ${EVENTS} events`, EVENTS, async () => {
    const { ok } = await verifyDatabase(
      database,
      publicKeys.map((text) => readVerifier(text)!),
    )
    if (!ok || dropped > 0) throw new Error('The log does not hold.')
  })
  await database.close()
}

/** Requests that each emit an event, with the log and without it, in turn. */
async function noticed(folder: string): Promise<void> {
  const servers = await Promise.all(
    [undefined, false as const].map(async (option, index) => {
      const data = join(folder, `noticed-${index}`)
      const shared = { origin: 'http://localhost:1', data, mode: 'test', log: 'silent', public: ['/'] } as const
      const holdfast = await createHoldfast({
        ...shared,
        ...(option === false && { audit: false }),
        hosts: false,
        rateLimit: false,
      })
      const listener = node(holdfast, (_, response) => {
        holdfast.emit({ type: 'authn_login_fail', data: { userId: 'ada' } })
        response.end('hello')
      })
      const server = createServer(listener)
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
      return { server, holdfast, port: (server.address() as AddressInfo).port, p50: [] as number[], p99: [] as number[] }
    }),
  )
  for (let round = 0; round < 15; round++) {
    for (const one of servers) {
      const { times, statuses } = await load(one.port, `GET / HTTP/1.1\r\nhost: localhost:1\r\n\r\n`, 2000, 1)
      if (statuses['200'] !== 2000) throw new Error(JSON.stringify(statuses))
      if (round < 3) continue
      one.p50.push(quantile(times, 0.5))
      one.p99.push(quantile(times, 0.99))
    }
  }
  const [on, off] = servers.map(({ p50, p99 }) => [median(p50), median(p99)] as const)
  console.log(
    `a request that emits an event: p50 ${on![0].toFixed(3)} ms with the log, ${off![0].toFixed(3)} ms without, ratio ${(on![0] / off![0]).toFixed(3)}; p99 ${on![1].toFixed(3)} and ${off![1].toFixed(3)} ms`,
  )
  for (const { server, holdfast } of servers) {
    server.close()
    server.closeAllConnections()
    await holdfast.stop()
  }
}

async function killed(data: string): Promise<void> {
  let [acknowledged, lost, broken] = [0, 0, 0]
  for (let round = 0; round < KILLS; round++) {
    const result = await killOnce(data, Math.random() * 400)
    acknowledged += result.acknowledged
    lost += result.lost
    broken += result.breaks.length
  }
  console.log(`killed ${KILLS} times: ${acknowledged} acts acknowledged, ${lost} lost, ${broken} breaks of the chain`)
}
