/** What incidents must do, whichever database is behind them. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import type { HoldfastOptions } from '../../index.ts'
import { fixture, MINUTE, OTHER, ROOT, WHY, type Fixture, type Open } from '../fixture.contract.ts'
import type { Detected } from '../detected.ts'
import type { IncidentChange } from './types.ts'

const client = (value: string) => ({ kind: 'client', value }) as const
const user = (value: string) => ({ kind: 'user', value }) as const
const by = (value: string): Partial<Detected> => ({ actors: [client(value)] })

export function incidentsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`incidents on ${name}`, { skip }, () => {
    let f: Fixture
    const start = async (options?: Partial<HoldfastOptions>) => (f = await fixture(open, options))
    afterEach(async () => {
      const { faults } = f
      await f.close()
      assert.deepEqual(faults, [])
    })

    it('opens one for a signal, with who, what, how severe, and a timeline', async () => {
      const { holdfast, signal } = await start()
      await signal({ targets: [user('u1'), user('u2')], targetCount: 40 })
      const [incident] = await holdfast.incidents.list()
      assert.deepEqual(
        [incident!.state, incident!.severity, incident!.signals, incident!.actorCount, incident!.targetCount],
        ['new', 'high', 1, 1, 2],
      )
      assert.match(incident!.title, /^credential-stuffing by client 203\.0\.113\.9, against 40 of user$/)
      const details = await holdfast.incidents.byId(incident!.id)
      assert.deepEqual(
        details!.timeline.map(({ kind }) => kind),
        ['opened', 'signal'],
      )
      assert.deepEqual(f.takeEvents(), ['incident_opened'])
    })

    it('groups signals by who acts or whom they aim at, within half an hour', async () => {
      const { holdfast, signal, clock } = await start()
      await signal()
      await signal({ detection: 'sql-probe' })
      await signal({ ...by('203.0.113.10'), targets: [user('u1')] })
      await signal({ ...by('203.0.113.11'), targets: [user('u1')] })
      await signal({ ...by('203.0.113.12'), targets: [{ kind: 'route', value: '/login' }] })
      await signal({ ...by('203.0.113.13'), detection: 'other', targets: [{ kind: 'route', value: '/login' }] })
      const counts = (await holdfast.incidents.list()).map(({ signals }) => signals).toSorted()
      assert.deepEqual(counts, [1, 1, 2, 2])
      clock.now += 31 * MINUTE
      await signal({ time: clock.now })
      assert.equal((await holdfast.incidents.list()).length, 5)
    })

    it('finds that an account that was attacked acts now, and puts together what a signal joins', async () => {
      const { holdfast, signal, clock } = await start()
      await signal({ targets: [user('u1')] })
      clock.now += 1000
      await signal({ ...by('203.0.113.50'), detection: 'mass-read', severity: 'medium' })
      assert.equal((await holdfast.incidents.list()).length, 2)
      const changes: IncidentChange[] = []
      holdfast.incidents.on((change) => changes.push(change))
      await signal({ actors: [client('203.0.113.50'), user('u1')], detection: 'object-sweep', severity: 'low' })
      const [incident, ...others] = await holdfast.incidents.list()
      assert.deepEqual(others, [])
      assert.deepEqual([incident!.signals, incident!.severity, incident!.detections.length], [3, 'high', 3])
      const merged = (await holdfast.incidents.list({ states: ['merged'] }))[0]!
      assert.equal(merged.mergedInto, incident!.id)
      const refused = await holdfast.incidents.setState(merged.id, 'resolved', ROOT, WHY)
      assert.equal(!refused.ok && refused.reason, 'merged')
      assert.deepEqual(
        changes.map(({ kind }) => kind),
        ['grew', 'merged'],
      )
    })

    it('raises the severity, never lowers it, and says so', async () => {
      const { holdfast, signal } = await start()
      await signal({ severity: 'low' })
      await signal({ severity: 'medium' })
      await signal({ severity: 'low' })
      assert.equal((await holdfast.incidents.list())[0]!.severity, 'medium')
      await signal({ severity: 'low', detection: 'a' })
      await signal({ severity: 'low', detection: 'b' })
      assert.equal((await holdfast.incidents.list())[0]!.severity, 'high', 'three ways at once are no accident')
      assert.deepEqual(f.takeEvents(), ['incident_opened', 'incident_raised', 'incident_raised'])
    })

    it('takes signals of one attack that come at once, in two processes, into one incident', async () => {
      const { holdfast, clock } = await start()
      const other = await f.twin()
      const both = [holdfast, other]
      const detected = (id: string): Detected => ({
        ...{ id, detection: 'x', severity: 'low', time: clock.now, dryRun: false, targets: [], targetCount: 0 },
        ...{ actors: [client('203.0.113.9')], why: 'w', automatic: [], offered: [] },
      })
      await race(20, async (n) => {
        both[n % 2]!.incidents.take(detected(String(n)))
        await both[n % 2]!.incidents.settled()
      })
      const found = await holdfast.incidents.list()
      assert.deepEqual(
        found.map(({ signals }) => signals),
        [20],
      )
    })

    it('walks through its states with owner and notes, and opens again', async () => {
      const { holdfast, signal, clock } = await start()
      await signal()
      const { incidents } = holdfast
      const { id } = (await incidents.list())[0]!
      const changes: string[] = []
      incidents.on(({ kind }) => changes.push(kind))
      const step = async (state: 'acknowledged' | 'contained' | 'resolved' | 'false-positive' | 'new', note: string = WHY) => {
        clock.now += MINUTE
        const changed = await incidents.setState(id, state, OTHER, note)
        return changed.ok ? changed.incident.state : changed.reason
      }
      assert.ok((await incidents.setOwner(id, ' Eva ', OTHER)).ok)
      assert.ok((await incidents.note(id, 'Looks like a bot.', OTHER)).ok)
      assert.equal(await step('acknowledged', ''), 'text-missing')
      assert.equal(await step('acknowledged'), 'acknowledged')
      assert.equal(await step('new'), 'state-impossible')
      assert.equal(await step('contained'), 'contained')
      assert.equal(await step('resolved'), 'resolved')
      assert.equal(await step('contained'), 'state-impossible')
      assert.deepEqual(await incidents.list(), [])
      const closed = (await incidents.byId(id))!
      assert.equal(closed.owner, 'Eva')
      assert.deepEqual([closed.containedAt! < closed.closedAt!, closed.timeline.length], [true, 7])
      assert.equal(await step('acknowledged'), 'acknowledged')
      const again = (await incidents.byId(id))!
      assert.deepEqual([again.reopened, again.closedAt, again.containedAt], [1, undefined, undefined])
      assert.equal(await step('false-positive'), 'false-positive')
      assert.deepEqual(changes, ['state-changed', 'state-changed', 'closed', 'reopened', 'closed'])
      await signal({ time: clock.now })
      assert.equal((await incidents.list()).length, 1, 'a closed one takes no more signals')
    })

    it('counts all signals, and keeps a bounded number of entries and subjects', async () => {
      const { holdfast, signal, clock } = await start()
      for (let n = 0; n < 320; n++)
        await signal({
          actors: [client('203.0.113.9'), client(`198.51.100.${n % 256}`)],
          targets: [user(`u${n}`)],
          time: clock.now,
        })
      const [incident] = await holdfast.incidents.list()
      const details = (await holdfast.incidents.byId(incident!.id))!
      assert.equal(details.signals, 320)
      assert.equal(details.timeline.filter(({ kind }) => kind === 'signal').length, 300)
      assert.deepEqual([details.actorCount, details.targetCount], [200, 200])
      assert.ok((await holdfast.incidents.note(details.id, 'People can still write.', OTHER)).ok)
      assert.equal((await holdfast.incidents.byId(details.id))!.timeline.at(-1)!.text, 'People can still write.')
    })

    it('counts what was answered to who acts, after the first signal and until it is closed', async () => {
      const { holdfast, signal, clock } = await start()
      const saw = (status: number, path: string, value = '203.0.113.9') =>
        holdfast.incidents.saw({ subjects: [client(value)], method: 'GET', path, status, time: clock.now })
      saw(200, '/before')
      await signal()
      assert.ok(holdfast.incidents.watching)
      for (let n = 0; n < 3; n++) saw(200, '/notes')
      saw(404, '/admin')
      saw(200, '/notes', '192.0.2.1')
      for (let n = 0; n < 250; n++) saw(404, `/probe/${n}`)
      const { id } = (await holdfast.incidents.list())[0]!
      const { reached } = (await holdfast.incidents.byId(id))!
      assert.deepEqual(
        reached
          .filter(({ path }) => ['/notes', '/admin', '/before'].includes(path))
          .map(({ path, status, count }) => [path, status, count]),
        [
          ['/admin', 404, 1],
          ['/notes', 200, 3],
        ],
      )
      assert.equal(reached.length, 201, 'the rest is one line')
      assert.equal(
        reached.reduce((sum, { count }) => sum + count, 0),
        254,
      )
      await holdfast.incidents.setState(id, 'resolved', OTHER, WHY)
      await holdfast.incidents.sweep(clock.now)
      assert.equal(holdfast.incidents.watching, false)
    })

    it('writes a signal after the answer it came from, and by itself', async () => {
      const { holdfast, clock } = await start()
      holdfast.incidents.take({
        ...{ id: 's', detection: 'x', severity: 'low', time: clock.now, dryRun: false, targets: [], targetCount: 0 },
        ...{ actors: [client('203.0.113.9')], why: 'w', automatic: [], offered: [] },
      })
      assert.deepEqual(await holdfast.incidents.list(), [])
      await new Promise<void>((resolve) => void holdfast.incidents.on(({ kind }) => kind === 'opened' && resolve()))
      assert.equal((await holdfast.incidents.list()).length, 1)
    })

    it('tells listeners, of whom one that throws takes nothing from the others', async () => {
      const { holdfast, signal, faults } = await start()
      const heard: string[] = []
      holdfast.incidents.on(() => {
        throw new Error('a listener broke')
      })
      const stop = holdfast.incidents.on(({ kind }) => heard.push(kind))
      await signal()
      stop()
      await signal()
      assert.deepEqual(heard, ['opened'])
      assert.equal(faults.splice(0).length, 2)
    })
  })
}
