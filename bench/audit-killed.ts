/** Kills a process under load, `npm run bench audit-killed=200`; on SQLite and, where a server is set, on PostgreSQL. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freshPostgres } from '../test/support/services.ts'
import { killOnce } from '../test/support/audit-killed.ts'

const KILLS = 200
/** Milliseconds after its first act, at most. */
const LONGEST = 400

export async function auditKilled(kills = KILLS): Promise<void> {
  await killed('SQLite', kills)
  if (process.env['HOLDFAST_TEST_POSTGRES'] === undefined)
    return console.log('(HOLDFAST_TEST_POSTGRES is not set: nobody is killed on PostgreSQL)')
  const server = await freshPostgres()
  await killed('PostgreSQL', kills, server.url)
  await server.close()
}

async function killed(name: string, kills: number, server?: string): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-killed-'))
  let [acknowledged, lost, broken] = [0, 0, 0]
  try {
    for (let round = 0; round < kills; round++) {
      const result = await killOnce(data, Math.random() * LONGEST, server)
      acknowledged += result.acknowledged
      lost += result.lost
      broken += result.breaks.length
    }
  } finally {
    rmSync(data, { recursive: true, force: true })
  }
  console.log(`${name}, killed ${kills} times: ${acknowledged} acts acknowledged, ${lost} lost, ${broken} breaks of the chain`)
}
