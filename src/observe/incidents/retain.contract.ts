/** What removing incidents in time must do, whichever database is behind them. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setImmediate as turn } from 'node:timers/promises'
import { afterEach, describe, it } from 'node:test'
import { sql } from 'kysely'
import { race } from '../../../test/support/race.ts'
import type { HoldfastOptions } from '../../index.ts'
import type { Database } from '../../store/database.ts'
import { fixture, OTHER, ROOT, WHY, type Fixture, type Open } from '../fixture.contract.ts'
import { INCIDENT_STATES } from './types.ts'

const DAY = 86_400_000
const KEEP = { keep: 400 * DAY, by: ROOT }
const NOTHING = { incidents: 0, responses: 0, evidence: 0 }
const TABLES = ['hf_incidents', 'hf_incident_subjects', 'hf_incident_entries', 'hf_incident_reached', 'hf_responses']
const client = (value: string) => ({ kind: 'client', value }) as const

export function retainContract(name: string, open: Open, skip: string | false = false): void {
  describe(`incidents past their time on ${name}`, { skip }, () => {
    let f: Fixture
    let database: Database
    const start = async (options?: Partial<HoldfastOptions>) => {
      f = await fixture(async () => (database = await open()), options)
    }
    afterEach(() => f.close())

    /** An incident by this client, by its id. */
    async function incident(address: string): Promise<string> {
      await f.signal({ actors: [client(address)] })
      const [one] = await f.holdfast.incidents.list({ subject: client(address) })
      return one!.id
    }
    const close = async (id: string) => assert.ok((await f.holdfast.incidents.setState(id, 'resolved', OTHER, WHY)).ok)
    async function apply(response: string, more: object): Promise<string> {
      const outcome = await f.holdfast.responses.apply(f.ask(response, more))
      assert.ok(outcome.ok, JSON.stringify(outcome))
      return outcome.applied.id
    }
    const files = () => {
      const folder = join(f.folder, 'evidence')
      return existsSync(folder) ? readdirSync(folder) : []
    }
    const kept = async () => (await f.holdfast.incidents.list({ states: INCIDENT_STATES })).map(({ id }) => id)
    const prune = (more: object = {}) => f.holdfast.investigation.prune({ ...KEEP, ...more })
    const told = () => f.events.filter(({ type }) => type === 'incident_pruned' || type === 'incident_evidence_pruned')
    async function rows(): Promise<number> {
      const counts = TABLES.map((table) =>
        sql<{ n: number }>`SELECT count(*) AS n FROM ${sql.table(table)}`.execute(database.kysely),
      )
      return (await Promise.all(counts)).reduce((sum, { rows: [row] }) => sum + Number(row!.n), 0)
    }

    it('go with their timeline, subjects, responses, evidence and those that became part of them, and it is told', async () => {
      await start()
      const id = await incident('203.0.113.9')
      f.clock.now += 1
      const other = await incident('203.0.113.10')
      await f.signal({ actors: [client('203.0.113.9'), client('203.0.113.10')] })
      await apply('snapshot-evidence', { incident: id })
      await apply('block-client', { incident: id, subject: client('203.0.113.9') })
      await close(id)
      f.clock.now += 400 * DAY + 1
      await f.holdfast.responses.sweep(f.clock.now)
      assert.deepEqual(await prune(), NOTHING, 'what was in force until lately keeps it')
      f.clock.now += 401 * DAY
      assert.deepEqual(await prune({ dryRun: true }), { incidents: 2, responses: 2, evidence: 1 })
      assert.deepEqual([(await kept()).toSorted(), told()], [[id, other].toSorted(), []])
      assert.deepEqual(await prune(), { incidents: 2, responses: 2, evidence: 1 })
      assert.deepEqual([await rows(), files()], [0, []])
      const [removed, evidence] = told().map(({ data }) => data!)
      assert.deepEqual([removed!['incidents'], removed!['count'], removed!['responses']], [[id, other], 2, 2])
      assert.deepEqual([evidence!['count'], evidence!['by']], [1, 'system:root'])
      assert.deepEqual(await prune(), NOTHING)
    })

    it('stay while they are open, opened again, or closed lately, and so does what belongs to them', async () => {
      await start()
      const [waits, again] = [await incident('203.0.113.1'), await incident('203.0.113.2')]
      const [late, old] = [await incident('203.0.113.3'), await incident('203.0.113.4')]
      for (const id of [again, old]) await close(id)
      for (const id of [waits, again, late, old]) await apply('snapshot-evidence', { incident: id })
      f.clock.now += 399 * DAY
      await close(late)
      assert.ok((await f.holdfast.incidents.setState(again, 'acknowledged', OTHER, WHY)).ok)
      writeFileSync(join(f.folder, 'evidence', 'notes.txt'), 'mine')
      f.clock.now += 2 * DAY
      assert.deepEqual(await prune(), { incidents: 1, responses: 1, evidence: 1 })
      assert.deepEqual((await kept()).toSorted(), [waits, again, late].toSorted())
      assert.equal(files().filter((file) => [waits, again, late].some((id) => file.startsWith(id))).length, 3)
      assert.ok(files().includes('notes.txt'))
    })

    it('stay while something of them is in force, which is never removed', async () => {
      await start()
      const id = await incident('203.0.113.9')
      const held = await apply('mark-honeytoken', { incident: id, subject: { kind: 'route', value: '/old-export' } })
      const alone = await apply('mark-honeytoken', { subject: { kind: 'route', value: '/older' } })
      const done = await apply('block-client', { subject: client('203.0.113.1'), lasts: 60_000 })
      await close(id)
      f.clock.now += 3 * DAY
      assert.deepEqual(await prune({ keep: DAY }), { incidents: 0, responses: 1, evidence: 0 })
      const left = (await f.holdfast.responses.list()).map((one) => one.id)
      assert.deepEqual([left.toSorted(), left.includes(done)], [[held, alone].toSorted(), false])
      assert.ok((await f.holdfast.responses.undo(held, ROOT, WHY)).ok)
      f.clock.now += 2 * DAY
      assert.deepEqual(await prune({ keep: DAY }), { incidents: 1, responses: 1, evidence: 0 })
      assert.deepEqual(
        (await f.holdfast.responses.list()).map((one) => [one.id, one.state]),
        [[alone, 'active']],
      )
    })

    it('go once, whichever of several processes removes them', async () => {
      await start()
      const others = [f.holdfast, await f.twin(), await f.twin()]
      for (let n = 0; n < 120; n++) await close(await incident(`203.0.113.${n}`))
      const first = (await kept())[0]!
      await apply('snapshot-evidence', { incident: first })
      f.clock.now += 401 * DAY
      const pruned = await race(6, (n) => others[n % 3]!.investigation.prune(KEEP))
      const sum = (of: 'incidents' | 'responses' | 'evidence') => pruned.reduce((total, one) => total + one[of], 0)
      assert.deepEqual([sum('incidents'), sum('responses'), sum('evidence')], [120, 1, 1])
      await f.holdfast.audit!.flush()
      const { events } = await f.holdfast.audit!.search({ type: 'incident_pruned' })
      assert.equal(new Set(events.flatMap(({ data }) => data!['incidents'] as string[])).size, 120)
      assert.deepEqual([await rows(), files()], [0, []])
    })

    it('stay where it cannot be recorded that they go', async () => {
      await start()
      const id = await incident('203.0.113.9')
      await apply('snapshot-evidence', { incident: id })
      await close(id)
      f.clock.now += 401 * DAY
      await f.holdfast.audit!.flush()
      await sql`ALTER TABLE hf_audit_intake RENAME TO hf_gone`.execute(database.kysely)
      await assert.rejects(prune())
      await sql`ALTER TABLE hf_gone RENAME TO hf_audit_intake`.execute(database.kysely)
      assert.deepEqual([await kept(), files().length], [[id], 1])
      await database.kysely.deleteFrom('hf_incidents' as never).execute()
      await sql`ALTER TABLE hf_audit_intake RENAME TO hf_gone`.execute(database.kysely)
      await assert.rejects(prune())
      await sql`ALTER TABLE hf_gone RENAME TO hf_audit_intake`.execute(database.kysely)
      assert.equal(files().length, 1)
    })

    it('go by themselves once an hour, as long as the option says', async (t) => {
      t.mock.timers.enable({ apis: ['setInterval'] })
      await start({ incidents: { keep: '10d' } })
      const minute = async () => {
        t.mock.timers.tick(60_000)
        for (let n = 0; n < 500 && (await kept()).length > 0; n++) await turn()
      }
      await close(await incident('203.0.113.9'))
      f.clock.now += 9 * DAY
      await minute()
      assert.equal((await kept()).length, 1)
      f.clock.now += 2 * DAY
      await minute()
      assert.deepEqual(await kept(), [])
      assert.equal(told()[0]!.data!['by'], 'system:retention')
    })
  })
}
