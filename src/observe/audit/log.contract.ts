/** What the audit log promises on every database: written, found, recorded with its act, blanked, removed in time. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { act } from '../../engine/act.ts'
import type { Database } from '../../store/database.ts'
import { fixture } from './fixture.contract.ts'
import { checkProof, prove } from './proof.ts'
import { redact } from './redact.ts'
import { createRetention } from './retain.ts'
import type { AuditFilter } from './types.ts'

const DAY = 86_400_000

export function logContract(name: string, open: () => Promise<Database>): void {
  describe(`the audit log on ${name}`, () => {
    it('holds every event of the bus, signed and verifiable, and nothing twice', async () => {
      const { write, log, verify, events, audit } = await fixture(await open())
      await write(25)
      const { events: found } = await log.search({ type: 'authn_login_fail' })
      assert.equal(found.length, 25)
      assert.equal(await log.count({}), events.filter(({ type }) => type !== 'sys_audit_checkpoint').length)
      await audit.stop()
      const verdict = await verify()
      assert.deepEqual(verdict.breaks, [])
      assert.ok(verdict.chains.every(({ events: count, signed }) => signed === count))
      assert.equal(log.status().behind, 0)
    })

    it('finds events by each thing they are about, newest first, page by page, each once', async () => {
      const { emit, log, clock, write } = await fixture(await open())
      await write(3)
      emit({ type: 'session_ended', data: { userId: 'ada', session: 's1', actor: 'user:root' } })
      emit({ type: 'authn_token_revoked', level: 'critical', data: { userId: 'bob', keys: ['k1', 'k2'], actor: 'user:ada' } })
      await log.flush()
      const count = (filter: AuditFilter) => log.search(filter).then(({ events }) => events.length)
      assert.equal(await count({ user: 'ada' }), 5, 'what ada did to bob, too')
      assert.equal(await count({ user: 'root' }), 1)
      assert.equal(await count({ session: 's1' }), 1)
      assert.equal(await count({ apiKey: 'k1', user: 'bob' }), 1)
      assert.equal(await count({ level: 'critical' }), 1)
      assert.equal(await count({ control: 'test' }), 5)
      assert.equal(await count({ user: 'ada', type: 'authn_login_fail', from: clock.now - 1000, to: clock.now + 1 }), 2)
      assert.equal(await count({ user: 'nobody' }), 0)
      const seen: string[] = []
      for (let before: string | undefined; ;) {
        const page = await log.search({ user: 'ada' }, { limit: 2, ...(before !== undefined && { before }) })
        seen.push(...page.events.map(({ id }) => id))
        before = page.next
        if (before === undefined) break
      }
      assert.equal(new Set(seen).size, 5)
      assert.equal(seen.length, 5)
    })

    it('finds by time what was written long after it happened', async () => {
      const { emit, log, clock, write, database } = await fixture(await open())
      await write(600)
      const then = clock.now
      const late = { time: then, type: 'user_created', level: 'warn', control: 'test', data: { userId: 'late' } }
      clock.now += DAY
      await write(600)
      await database.kysely
        .insertInto('hf_audit_intake')
        .values({ id: 'x', at: then, body: JSON.stringify(late) })
        .execute()
      emit({ type: 'sys_startup' })
      await log.flush()
      const span = { from: then - 1000, to: then + 1 }
      assert.deepEqual((await log.search({ ...span, user: 'late' })).events.length, 1)
      assert.deepEqual(
        (await log.search(span)).events.map(({ type }) => type),
        ['user_created', 'authn_login_fail', 'authn_login_fail'],
      )
      assert.equal((await log.search({ from: clock.now - 1500 })).events.length, 3)
      assert.equal((await log.search({ to: then - 599_000, type: 'authn_login_fail' })).events.length, 0)
    })

    it('finds by time what was written in time, though a long outage of another process was written behind it', async () => {
      const { emit, log, clock, open: again } = await fixture(await open())
      const other = await again()
      for (let index = 0; index < 1200; index++) emit({ type: 'authn_login_fail', data: { userId: 'ada' } })
      clock.now += DAY
      other.emit({ type: 'authn_login_fail', data: { userId: 'bob' } })
      await other.log.flush()
      await log.flush()
      const { events } = await log.search({ type: 'authn_login_fail', from: clock.now - 1000 })
      assert.deepEqual(
        events.map(({ data }) => data?.['userId']),
        ['bob'],
      )
    })

    it('finds by two things at once, whichever of them is the rarer', async () => {
      const { emit, log } = await fixture(await open())
      for (let index = 0; index < 40; index++) {
        emit({ type: 'authn_login_fail', level: index % 4 === 0 ? 'critical' : 'warn', data: { userId: `user-${index % 3}` } })
        emit({ type: 'malicious_csrf', data: { userId: 'user-0', session: `s${index % 5}` } })
      }
      await log.flush()
      const all = (await log.search({}, { limit: 500 })).events
      const filters: AuditFilter[] = [
        { user: 'user-0', type: 'authn_login_fail' },
        { user: 'user-0', type: 'user_deleted' },
        { user: 'user-1', type: 'malicious_csrf' },
        { user: 'user-0', level: 'critical' },
        { type: 'authn_login_fail', level: 'critical' },
        { type: 'authn_login_fail', level: 'info' },
        { type: 'malicious_csrf', control: 'test' },
        { level: 'critical', control: 'test' },
        { user: 'user-0', session: 's3' },
        { user: 'user-1', session: 's3' },
      ]
      for (const filter of filters) {
        const wanted = all.filter(
          ({ data, ...event }) =>
            (filter.user ?? data?.['userId']) === data?.['userId'] &&
            (filter.session ?? data?.['session']) === data?.['session'] &&
            (['type', 'level', 'control'] as const).every((name) => (filter[name] ?? event[name]) === event[name]),
        )
        const { events } = await log.search(filter, { limit: 500 })
        assert.deepEqual(
          events.map(({ id }) => id),
          wanted.map(({ id }) => id),
          JSON.stringify(filter),
        )
        const [first] = (await log.search(filter, { limit: 1 })).events
        assert.equal(first?.id, wanted[0]?.id, 'the newest')
      }
    })

    it('tells what was written since', async () => {
      const { write, log } = await fixture(await open())
      await write(2)
      const { cursor, events } = await log.tail({}, { limit: 1 })
      assert.equal(events.length, 1)
      await write(3)
      const next = await log.tail({ type: 'authn_login_fail' }, { after: cursor })
      assert.deepEqual(
        next.events.map(({ data }) => data?.['index']),
        [0, 1, 2],
      )
      assert.deepEqual((await log.tail({}, { after: next.cursor })).events, [])
    })

    it('records an act in its transaction, once, and nothing of one that is rolled back', async () => {
      const { emit, log, database, events } = await fixture(await open())
      await act(database, emit, (_, tell) => tell({ type: 'user_created', data: { userId: 'ada' } }))
      const failing = act(database, emit, async (_, tell) => {
        await tell({ type: 'user_created', data: { userId: 'eve' } })
        throw new Error('no')
      })
      await assert.rejects(failing, /no/)
      await log.flush()
      assert.equal(await log.count({ user: 'ada' }), 1)
      assert.equal(await log.count({ user: 'eve' }), 0)
      assert.equal(events.filter(({ type }) => type === 'user_created').length, 1)
    })

    it('chains what a process left in the intake that was killed behind its commit', async () => {
      const { emit, audit: killed, open: again, database, verify } = await fixture(await open())
      await killed.stop()
      await act(database, emit, (_, tell) => tell({ type: 'user_deleted', data: { userId: 'ada' } }))
      assert.equal((await database.kysely.selectFrom('hf_audit_intake').selectAll().execute()).length, 1)
      const { log, audit } = await again()
      await log.flush()
      assert.equal(await log.count({ user: 'ada', type: 'user_deleted' }), 1)
      await audit.stop()
      assert.deepEqual((await verify()).breaks, [])
    })

    it('blanks a part of an event, and holds all the same; who blanked it stands there', async () => {
      const { write, log, verify, database, emit, audit } = await fixture(await open())
      await write(12)
      const [event] = (await log.search({ user: 'ada' })).events
      const redaction = { event: event!.id, parts: ['who', 'what'], reason: 'asked for', actor: 'user:root' } as const
      assert.deepEqual(await redact(database, emit, redaction), { ok: true })
      assert.deepEqual(await redact(database, emit, redaction), { ok: false, reason: 'already-redacted' })
      assert.deepEqual(await redact(database, emit, { ...redaction, event: 'x#1' }), { ok: false, reason: 'unknown-event' })
      await log.flush()
      const rows = await database.kysely.selectFrom('hf_audit').selectAll().execute()
      const gone = rows.find(({ what_digest }) => what_digest !== null)!
      assert.deepEqual([gone.data, gone.user_id, gone.who_salt, gone.what_salt], [null, null, null, null])
      assert.equal(await log.count({ user: 'ada' }), 11)
      const [told] = (await log.search({ type: 'audit_redacted' })).events
      assert.deepEqual(told!.data, { actor: 'user:root', event: event!.id, parts: ['who', 'what'], reason: 'asked for' })
      await audit.stop()
      const verdict = await verify()
      assert.deepEqual([verdict.breaks, verdict.chains.reduce((sum, { redacted }) => sum + redacted, 0)], [[], 1])
    })

    it('removes a class in its time, leaves a tombstone, and holds from there on', async () => {
      const { write, log, verify, database, bus, keys, clock, audit } = await fixture(await open())
      await write(20)
      clock.now += 400 * DAY
      await write(5)
      const retention = createRetention({ database, bus, keys, host: 'app.example', now: () => clock.now, actor: 'test' })
      const removed = await retention.prune({ security: 365 * DAY })
      assert.equal(removed, 20)
      assert.equal(await retention.prune({ security: 365 * DAY }), 0)
      await write(20)
      assert.equal(await log.count({ type: 'authn_login_fail' }), 25)
      assert.equal(await log.count({ type: 'audit_pruned' }), 1)
      await audit.stop()
      const verdict = await verify()
      assert.deepEqual(verdict.breaks, [])
      assert.equal(verdict.chains.find(({ chain }) => chain.endsWith('/security'))!.removed, 20)
      const stone = (await database.kysely.selectFrom('hf_audit_tombstones').selectAll().executeTakeFirst())!
      await database.kysely
        .updateTable('hf_audit_tombstones')
        .set({ hash: stone.range.slice(0, 43) })
        .execute()
      assert.match((await verify()).breaks[0]!.what, /tombstone/)
    })

    it('proves one event by a few hashes, also behind a tombstone, and without showing it', async () => {
      const { write, log, database, bus, keys, clock, verifiers, audit } = await fixture(await open(), { every: 7 })
      await write(21)
      clock.now += 400 * DAY
      await write(30)
      await createRetention({ database, bus, keys, host: 'app.example', now: () => clock.now, actor: 'test' }).prune({
        security: DAY,
      })
      await audit.stop()
      for (const { id } of (await log.search({ type: 'authn_login_fail' })).events) {
        const proof = await prove(database, id, { shows: true })
        assert.ok(proof.ok, id)
        const checked = checkProof(proof.text, verifiers)
        assert.ok(checked.ok && checked.shown.length === 2, JSON.stringify(checked))
        assert.equal(checkProof(proof.text.replace(/^index (\d)/m, 'index 9$1'), verifiers).ok, false)
        assert.equal(checkProof(proof.text, []).ok, false)
        const hidden = await prove(database, id, { shows: false })
        assert.ok(hidden.ok && checkProof(hidden.text, verifiers).ok)
        assert.doesNotMatch(Buffer.from(/extra (\S+)/.exec(hidden.text)![1]!, 'base64').toString(), /ada/)
      }
      assert.deepEqual(await prove(database, 'x#1', { shows: true }), { ok: false, reason: 'unknown-event' })
    })

    it('signs at its start what another process wrote and did not sign', async () => {
      const { write, open: again, verify } = await fixture(await open(), { every: 100_000 })
      await write(5)
      assert.ok((await verify()).chains.every(({ signed }) => signed === 0))
      const second = await again()
      await second.log.flush()
      assert.equal(second.events.filter(({ type }) => type === 'sys_audit_sealed').length, 2)
      const verdict = await verify()
      assert.deepEqual(verdict.breaks, [])
      assert.ok(
        verdict.chains
          .filter(({ chain }) => chain.endsWith('/security'))
          .every(({ events, signed }) => events === signed || events === 0),
      )
    })
  })
}
