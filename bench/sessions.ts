/** Session look-ups with ten sessions and with a million. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createHoldfast, Secret } from '../src/index.ts'
import type { Database } from '../src/store/database.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { median } from './load.ts'

const MANY = Number(process.env['HOLDFAST_TEST_SESSIONS'] ?? 1_000_000)

export async function sessions(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    const few = await open(join(folder, 'few.sqlite'), 0)
    const many = await open(join(folder, 'many.sqlite'), MANY)
    const [a, b]: [number[], number[]] = [[], []]
    for (let round = 0; round < 9; round++) {
      a.push(few.time())
      b.push(many.time())
    }
    console.log(
      `\nSession look-up, microseconds: ${median(a).toFixed(2)} with 10, ${median(b).toFixed(2)} with ${MANY + 10}; ratio ${(median(b) / median(a)).toFixed(2)}`,
    )
    await few.stop()
    await many.stop()
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function open(path: string, more: number) {
  const database = sqlite(path)
  // As one of several processes nothing is remembered: every look-up asks the database.
  const holdfast = await createHoldfast({
    origin: 'http://localhost:1',
    data: join(path, '..'),
    database,
    log: 'silent',
    processes: 2,
  })
  const password = new Secret('a walrus sings at four')
  const created = await holdfast.accounts.users.create(
    { login: 'ada', password, roles: ['member'] },
    { kind: 'system', id: 'bench' },
  )
  if (!created.ok) throw new Error(created.reason)
  const tokens: string[] = []
  for (let index = 0; index < 10; index++) {
    const result = await holdfast.accounts.doors.password.signIn(
      { login: 'ada', password },
      { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'bench' },
    )
    if (!result.ok) throw new Error(result.reason)
    tokens.push(result.token.reveal())
  }
  if (more > 0) multiply(database, more)
  return {
    time() {
      const [rounds, now] = [20_000, Date.now()]
      const start = process.hrtime.bigint()
      for (let index = 0; index < rounds; index++) void holdfast.accounts.sessions.find(tokens[index % tokens.length]!, now)
      return Number(process.hrtime.bigint() - start) / rounds / 1000
    },
    async stop() {
      await holdfast.stop()
      await database.close()
    },
  }
}

/** Copies one session under other hashes, inside the database. */
function multiply(database: Database, more: number): void {
  const names = database.statement<{ name: string }>('select name from pragma_table_info(?)').all('hf_sessions') as {
    name: string
  }[]
  const rest = names.map(({ name }) => name).filter((name) => name !== 'hash' && name !== 'id')
  void database
    .statement(
      `insert into hf_sessions (hash, id, ${rest.join(', ')})
       with recursive count(n) as (select 1 union all select n + 1 from count where n < ${more})
       select hex(randomblob(32)), hex(randomblob(16)), ${rest.map((name) => `one.${name}`).join(', ')}
       from count, (select * from hf_sessions limit 1) one`,
    )
    .run()
}
