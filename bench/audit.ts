/** The audit log: events chained, written and verified, and what a request notices of it. All of it on one core. */
import { hash } from 'node:crypto'
import { createWriteStream, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateKey, parseKeyring } from '../src/crypto/keyring.ts'
import { randomToken } from '../src/crypto/random.ts'
import { createBus } from '../src/engine/bus.ts'
import type { SecurityEvent } from '../src/engine/events.ts'
import { createAudit } from '../src/observe/audit/log.ts'
import { createHashes } from '../src/observe/audit/merkle.ts'
import { readVerifier } from '../src/observe/audit/note.ts'
import { readLines } from '../src/observe/audit/read-all.ts'
import { toRecord } from '../src/observe/audit/record.ts'
import { linkRecord, newHead } from '../src/observe/audit/rows.ts'
import { auditMigrations } from '../src/observe/audit/schema.ts'
import { verifyDatabase } from '../src/observe/audit/verify/database.ts'
import { verifyFiles } from '../src/observe/audit/verify/lines.ts'
import type { Verdict } from '../src/observe/audit/verify/verifier.ts'
import { migrate } from '../src/store/migrate.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { noticed } from './audit-noticed.ts'

const EVENTS = 1_000_000

export async function audit(events = EVENTS): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    chained(events)
    await written(folder, events)
    await noticed()
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

function chained(count: number): void {
  const hashes = createHashes()
  let head = newHead(1, 'bench/security')
  console.log('\nThe audit log')
  void timed(`chained in memory, ${count} events`, count, () => {
    const setting = { random: randomToken, writing: Date.now() }
    for (let index = 0; index < count; index++) head = linkRecord(hashes, head, toRecord(event(index)), setting).head
  })
}

async function written(folder: string, count: number): Promise<void> {
  const database = sqlite(join(folder, 'written.sqlite'))
  await migrate(database, auditMigrations)
  const bus = createBus(Date.now, console.error)
  const setting = { database, bus, keys: parseKeyring(generateKey()), host: 'app.example', now: Date.now, random: randomToken }
  const { log, ...running } = createAudit({ ...setting, onFault: console.error, queue: 20_000, every: 1000, within: 60_000 })
  await running.start()
  const emit = bus.emitter('accounts')
  await timed(`durable in SQLite, ${count} events`, count, async () => {
    for (let index = 0; index < count;) {
      for (const end = Math.min(index + 10_000, count); index < end; index++) {
        const { type, data } = event(index)
        emit({ type, data: data! })
      }
      await log.flush()
    }
  })
  const { dropped, publicKeys } = log.status()
  await running.stop()
  if (dropped > 0) throw new Error('The log does not hold.')
  const verifiers = publicKeys.map((text) => readVerifier(text)!)
  const path = join(folder, 'written.jsonl')
  const file = createWriteStream(path)
  for await (const lines of readLines(database)) if (lines.length > 0) file.write(`${lines.join('\n')}\n`)
  await new Promise((resolve) => file.end(resolve))
  for (let round = 0; round < 2; round++) {
    await timed(`verified in SQLite, ${count} events`, count, async () => hold(await verifyDatabase(database, verifiers)))
    await timed(`verified from lines, ${count} events`, count, async () => hold(await verifyFiles(path, verifiers)))
  }
  bareHashes(count)
  await database.close()
}

function hold({ ok }: Verdict): void {
  if (!ok) throw new Error('The log does not hold.')
}

/** The share of it that no program of ours can make less: five digests an event, of who, what, leaf, link and node. */
function bareHashes(count: number): void {
  const pair = Buffer.alloc(65)
  const [part, leaf] = ['x'.repeat(90), 'x'.repeat(190)]
  void timed(`its digests alone, ${count * 5}`, count, () => {
    for (let index = 0; index < count; index++) {
      hash('sha256', part, 'base64url')
      hash('sha256', part, 'base64url')
      hash('sha256', leaf, 'binary')
      hash('sha256', pair, 'base64url')
      hash('sha256', pair, 'binary')
    }
  })
}
