/** When the database is gone, full or slow, and when the clock goes back: nothing throws into a request, and the state is honest. */
import assert from 'node:assert/strict'
import { DatabaseSync } from 'node:sqlite'
import { describe, it } from 'node:test'
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { Database, Statement } from '../../store/database.ts'
import { sqlite } from '../../store/sqlite.ts'
import { fixture } from './fixture.contract.ts'

/** A database that can be broken: `gone` fails before anything is written, `deaf` fails behind it. */
function breakable() {
  const database = sqlite()
  const state: { how?: 'gone' | 'deaf' } = {}
  const broken: Database = {
    ...database,
    kysely: database.kysely,
    statement<Row>(text: string): Statement<Row> {
      const statement = database.statement<Row>(text)
      if (!text.startsWith('INSERT INTO hf_audit ')) return statement
      return {
        ...statement,
        async run(...values) {
          if (state.how === 'gone') throw new Error('database or disk is full')
          const done = await statement.run(...values)
          if (state.how === 'deaf') throw new Error('connection lost')
          return done
        },
      }
    },
  }
  return { database: broken, state }
}

const REPORT = { type: 'authn_login_fail', data: { userId: 'ada' } } as const

/** An act whose record takes a page of its own. */
const long = (database: Database, emit: Emit) =>
  act(database, emit, (_, tell) =>
    tell({ type: 'user_created', data: { userId: 'eve', reason: Array.from({ length: 12 }, () => 'x'.repeat(500)) } }),
  )

describe('the writer of the audit log', () => {
  it('keeps what happens while the database is gone, says how far it is behind, and writes all of it later', async () => {
    const { database, state } = breakable()
    const { emit, log, events, clock, verify, audit, faults } = await fixture(database)
    await log.flush()
    state.how = 'gone'
    const since = clock.now
    for (let index = 0; index < 50; index++) emit(REPORT)
    await assert.rejects(log.flush(), /database or disk is full/)
    assert.deepEqual([log.status().behindSince, log.status().error], [since, 'database or disk is full'])
    assert.ok(log.status().behind >= 50)
    await assert.rejects(log.flush())
    assert.equal(events.filter(({ type }) => type === 'sys_audit_behind').length, 1, 'said once')
    assert.equal(faults.length, 1)
    delete state.how
    await log.flush()
    await log.flush()
    assert.equal(await log.count({ user: 'ada' }), 50)
    assert.equal(await log.count({ type: 'sys_audit_back' }), 1)
    assert.deepEqual([log.status().behind, log.status().error, log.status().dropped], [0, undefined, 0])
    await audit.stop()
    assert.deepEqual((await verify()).breaks, [])
  })

  it('does no act that it cannot record on a full disk, says that it is behind, and goes on when there is room', async () => {
    const client = new DatabaseSync(':memory:')
    const database = sqlite({ client })
    const { emit, log, events, verify, audit } = await fixture(database)
    await log.flush()
    const pages = Number(client.prepare('PRAGMA page_count').get()!['page_count'])
    const room = (more: number) => client.exec(`PRAGMA max_page_count = ${pages + more}`)
    room(4)
    for (let index = 0; index < 500; index++) emit(REPORT)
    await assert.rejects(log.flush(), /database or disk is full/)
    const acts = await Promise.allSettled(Array.from({ length: 40 }, () => long(database, emit)))
    const done = acts.filter(({ status }) => status === 'fulfilled').length
    assert.ok(done < acts.length, 'there is no room for all')
    assert.match(log.status().error!, /database or disk is full/)
    assert.ok(log.status().behind > 0)
    room(10_000)
    await log.flush()
    await log.flush()
    assert.equal(await log.count({ type: 'user_created' }), done, 'those that were done, and no other')
    assert.equal(await log.count({ user: 'ada' }), 500)
    assert.deepEqual([log.status().behind, log.status().error, log.status().dropped], [0, undefined, 0])
    assert.equal(events.filter(({ type }) => type === 'sys_audit_behind').length, 1, 'said once')
    await audit.stop()
    assert.deepEqual((await verify()).breaks, [])
    client.close()
  })

  it('writes nothing twice when a write was done and reported as failed', async () => {
    const { database, state } = breakable()
    const { emit, log, verify, audit } = await fixture(database)
    await log.flush()
    state.how = 'deaf'
    for (let index = 0; index < 40; index++) emit(REPORT)
    await assert.rejects(log.flush(), /connection lost/)
    delete state.how
    await log.flush()
    assert.equal(await log.count({ user: 'ada' }), 40)
    await audit.stop()
    assert.deepEqual((await verify()).breaks, [])
  })

  it('goes on in new chains when somebody else wrote into its own, and verification tells', async () => {
    const { database, state } = breakable()
    const { emit, log, verify, audit, database: raw } = await fixture(database)
    emit(REPORT)
    await log.flush()
    state.how = 'gone'
    emit(REPORT)
    await assert.rejects(log.flush())
    const row = (await raw.kysely.selectFrom('hf_audit').selectAll().where('type', '=', REPORT.type).executeTakeFirst())!
    const { n: _, ...rest } = row
    await raw.kysely
      .insertInto('hf_audit')
      .values({ ...rest, seq: row.seq + 1 } as never)
      .execute()
    delete state.how
    await log.flush()
    await audit.stop()
    const { breaks, chains } = await verify()
    assert.equal(breaks[0]?.seq, 1)
    assert.equal(chains.filter(({ chain }) => chain.endsWith('/security')).length, 2)
  })

  it('counts what does not fit, and says it at once and again when it writes', async () => {
    const { database, state } = breakable()
    const { emit, log, events } = await fixture(database, { queue: 100 })
    await log.flush()
    state.how = 'gone'
    for (let index = 0; index < 130; index++) emit(REPORT)
    const { dropped, behind } = log.status()
    assert.equal(behind, 100)
    assert.ok(dropped >= 30)
    assert.equal(events.filter(({ type }) => type === 'sys_audit_dropped').length, 1)
    delete state.how
    await log.flush()
    await log.flush()
    const { events: told } = await log.search({ type: 'sys_audit_dropped' })
    assert.equal(told[0]?.data?.['count'], dropped)
    emit(REPORT)
    await log.flush()
    assert.equal((await log.search({ type: 'sys_audit_dropped' })).events.length, 1, 'nothing more is said')
  })

  it('goes on when the clock goes back, and says by how much', async () => {
    const { emit, log, clock, verify, audit, events } = await fixture(sqlite())
    emit(REPORT)
    clock.now -= 3_600_000
    emit(REPORT)
    emit(REPORT)
    await log.flush()
    assert.deepEqual(
      events.filter(({ type }) => type === 'sys_clock_back').map(({ data }) => data),
      [{ by: 3_600_000 }],
    )
    assert.equal(await log.count({ user: 'ada', from: clock.now, to: clock.now + 1 }), 2)
    await audit.stop()
    assert.deepEqual((await verify()).breaks, [])
  })

  it('signs after so many events, and after so long', async () => {
    const { emit, log, clock, events } = await fixture(sqlite(), { every: 20, within: 60_000 })
    await log.flush()
    const signed = () =>
      events.filter(({ type, data }) => type === 'sys_audit_checkpoint' && /security/.test(String(data?.['chain']))).length
    for (let index = 0; index < 19; index++) emit(REPORT)
    await log.flush()
    assert.equal(signed(), 0)
    emit(REPORT)
    await log.flush()
    assert.equal(signed(), 1)
    emit(REPORT)
    await log.flush()
    clock.now += 60_000
    await log.flush()
    assert.equal(signed(), 2)
  })

  it('holds no control characters, nothing endless, and no secret that was handed to it', async () => {
    const { emit, log, verify, audit } = await fixture(sqlite())
    emit({
      type: 'authz_fail',
      data: {
        userId: 'a\nb',
        reason: 'x\u0000y\ud800',
        long: 'z'.repeat(100_000),
        list: Array.from({ length: 5000 }, String),
      },
    })
    await log.flush()
    const [event] = (await log.search({ type: 'authz_fail' })).events
    assert.ok(JSON.stringify(event).length < 9000)
    await audit.stop()
    assert.deepEqual((await verify()).breaks, [])
  })
})
