/**
 * Searches of the audit log among many events, `npm run bench audit-search=10000000`: on SQLite and, where a server is set, on
 * PostgreSQL. By each thing, by two at once, by what is everywhere, rare, long ago or nowhere; first and warm.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createSearch } from '../src/observe/audit/search.ts'
import type { AuditFilter } from '../src/observe/audit/types.ts'
import type { Database } from '../src/store/database.ts'
import { sqlite } from '../src/store/sqlite.ts'
import { freshPostgres } from '../test/support/services.ts'
import { fill, START, YEAR } from './audit-rows.ts'
import { median } from './load.ts'

const EVENTS = 10_000_000
/** More than five: PostgreSQL plans a prepared statement anew so often, and then no more. */
const ROUNDS = 9
const DAY = 86_400_000

export async function auditSearch(count = EVENTS): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  try {
    await measure('SQLite', sqlite(join(folder, 'search.sqlite')), count)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  if (process.env['HOLDFAST_TEST_POSTGRES'] === undefined)
    return console.log('(HOLDFAST_TEST_POSTGRES is not set: no search on PostgreSQL)')
  await measure('PostgreSQL', await freshPostgres(), count)
}

function filters(count: number): Readonly<Record<string, AuditFilter>> {
  const middle = START + YEAR / 2
  const [day, month, first] = [
    { from: middle, to: middle + DAY },
    { from: middle, to: middle + 30 * DAY },
    { from: START, to: START + 30 * DAY },
  ]
  const [user, busy, address, crowd] = [{ user: 'user-77' }, { user: 'busy' }, { client: '10.0.7.7' }, { client: '203.0.113.1' }]
  return {
    ...{ nothing: {}, 'a user': user, 'a busy user': busy, 'a user of the oldest': { user: 'once' }, nobody: { user: 'nobody' } },
    ...{ 'an address': address, 'a busy address': crowd, 'no address': { client: '198.51.100.1' } },
    ...{ 'a request': { requestId: `request-${Math.floor(count / 3)}` }, 'no request': { requestId: 'none' } },
    ...{ 'a session': { session: 'session-4711' }, 'no session': { session: 'none' } },
    ...{ 'an API key': { apiKey: 'key-77' }, 'no API key': { apiKey: 'none' } },
    ...{ 'a type': { type: 'authn_login_fail' }, 'a rare type': { type: 'user_deleted' }, 'no type': { type: 'key_created' } },
    ...{ 'a type of long ago': { type: 'authn_setup' }, 'a level': { level: 'critical' } },
    ...{ 'a control': { control: 'csrf' }, 'no control': { control: 'none' } },
    ...{
      'a day': day,
      'the first month': first,
      'the last day': { from: START + YEAR - DAY },
      'no time': { from: START + 2 * YEAR },
    },
    ...{ 'user, type': { ...user, type: 'session_ended' }, 'user, rare type': { ...user, type: 'user_deleted' } },
    ...{
      'user, month': { ...user, ...month },
      'user, first month': { ...user, ...first },
      'user, address': { ...user, ...crowd },
    },
    ...{ 'busy user, rare type': { ...busy, type: 'user_deleted' }, 'busy user, old type': { ...busy, type: 'authn_setup' } },
    ...{ 'busy user, never type': { ...busy, type: 'key_created' }, 'busy user, critical': { ...busy, level: 'critical' } },
    ...{ 'busy user, address': { ...busy, ...address }, 'busy user, busy address': { ...busy, ...crowd } },
    ...{ 'user, session': { ...user, session: 'session-4711' }, 'busy address, rare type': { ...crowd, type: 'user_deleted' } },
    ...{ 'address, type': { ...address, type: 'authn_login_fail' }, 'address, day': { ...address, ...day } },
    ...{ 'busy address, first month': { ...crowd, ...first }, 'type, level': { type: 'session_ended', level: 'critical' } },
    ...{
      'type, never level': { type: 'authn_login_fail', level: 'info' },
      'type, control': { type: 'session_ended', control: 'csrf' },
    },
    ...{ 'level, control': { level: 'critical', control: 'csrf' }, 'type, day': { type: 'authn_login_fail', ...day } },
    ...{ 'rare type, day': { type: 'user_deleted', ...day }, 'type, first month': { type: 'authn_login_fail', ...first } },
    ...{ 'control, month': { control: 'csrf', ...month }, 'level, last day': { level: 'critical', from: START + YEAR - DAY } },
  }
}

async function measure(name: string, database: Database, count: number): Promise<void> {
  const began = performance.now()
  await fill(database, count)
  console.log(`\n${name}: ${count} events made in ${((performance.now() - began) / 1000).toFixed(0)} s; milliseconds`)
  console.log('by                          found    first   median    worst')
  const { search } = createSearch(database)
  const worst = { what: '', time: 0 }
  for (const [what, filter] of Object.entries(filters(count))) {
    const times: number[] = []
    let found = 0
    for (let round = 0; round < ROUNDS; round++) {
      const start = performance.now()
      found = (await search(filter)).events.length
      times.push(performance.now() - start)
    }
    const slowest = Math.max(...times)
    if (slowest > worst.time) Object.assign(worst, { what, time: slowest })
    const figures = [times[0]!, median(times), slowest].map((time) => time.toFixed(1).padStart(8))
    console.log(`${what.padEnd(27)} ${String(found).padStart(5)} ${figures.join(' ')}`)
  }
  console.log(`${name}, worst of all: ${worst.time.toFixed(0)} ms, by ${worst.what}`)
  await database.close()
}
