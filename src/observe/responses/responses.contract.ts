/** What the service of responses must do, whichever database is behind it. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { setImmediate as turn } from 'node:timers/promises'
import { race } from '../../../test/support/race.ts'
import type { HoldfastOptions } from '../../index.ts'
import { fixture, MINUTE, OTHER, ROOT, WHY, type Fixture, type Open } from '../fixture.contract.ts'
import { createContainments } from './containments.ts'
import type { Asking, Outcome, Planned } from './responder-types.ts'
import type { Refused } from './response.ts'

const ADDRESS = { kind: 'client', value: '203.0.113.9' } as const

/** Its words where it was refused. */
export const reasonOf = (outcome: Outcome | Asking | Planned | Refused): string => (outcome.ok ? 'ok' : outcome.reason)

export function responsesContract(name: string, open: Open, skip: string | false = false): void {
  describe(`responses on ${name}`, { skip }, () => {
    let f: Fixture
    const start = async (options?: Partial<HoldfastOptions>) => (f = await fixture(open, options))
    afterEach(() => f.close())

    it('plans without changing anything', async () => {
      const { holdfast, ask, person } = await start()
      const { id } = await person('ada')
      await person('root', 'admin')
      const planned = await holdfast.responses.plan(ask('end-user-sessions', { subject: { kind: 'user', value: id } }))
      assert.ok(planned.ok)
      assert.match(planned.says, /Ends 1 session of ada/)
      assert.equal(planned.touches, 1)
      assert.ok(planned.final)
      assert.equal((await holdfast.accounts.sessions.list(id, f.clock.now)).length, 1)
      assert.deepEqual(await holdfast.responses.list(), [])
      assert.deepEqual(f.takeEvents(), [])
    })

    it('applies one, keeps who wanted it, why and until when, and undoes it', async () => {
      const { holdfast, ask, clock } = await start()
      const applied = await holdfast.responses.apply(ask('block-client', { subject: ADDRESS, lasts: 5 * MINUTE }))
      assert.ok(applied.ok)
      const { id, state, by, reason, expiresAt } = applied.applied
      assert.deepEqual(
        { state, by, reason, expiresAt },
        { state: 'active', by: ROOT, reason: WHY, expiresAt: clock.now + 5 * MINUTE },
      )
      assert.equal(reasonOf(await holdfast.responses.apply(ask('block-client', { subject: ADDRESS }))), 'already-active')
      assert.equal(reasonOf(await holdfast.responses.undo(id, OTHER, 'x')), 'reason-missing')
      const undone = await holdfast.responses.undo(id, OTHER, 'It was our own.  ')
      assert.ok(undone.ok)
      assert.deepEqual(
        [undone.applied.state, undone.applied.endedBy, undone.applied.endedReason],
        ['undone', 'system:other', 'It was our own.'],
      )
      assert.equal(reasonOf(await holdfast.responses.undo(id, OTHER, WHY)), 'not-active')
      assert.deepEqual(f.takeEvents(), ['response_applied', 'response_undone'])
    })

    it('refuses one for an incident that there is not, before anything is asked or done', async () => {
      const { holdfast, ask, person } = await start()
      const { id } = await person('ada')
      const user = { kind: 'user', value: id } as const
      for (const incident of ['nothing-there', '', 'a\0b'])
        for (const request of [
          ask('block-client', { subject: ADDRESS, incident }),
          ask('end-user-sessions', { subject: user, incident }),
          ask('read-only', { incident }),
        ]) {
          const { plan, ask: askSecond, apply } = holdfast.responses
          const reasons = [await plan(request), await askSecond(request), await apply(request)].map(reasonOf)
          assert.deepEqual(reasons, Array<string>(3).fill('unknown-incident'), `${request.response} ${incident}`)
        }
      assert.equal((await holdfast.accounts.sessions.list(id, f.clock.now)).length, 1)
      assert.deepEqual([await holdfast.responses.list(), f.takeEvents()], [[], []])
    })

    it('belongs to the incident that its own went into', async () => {
      const { holdfast, ask, signal, clock } = await start()
      await signal({ actors: [{ kind: 'client', value: '203.0.113.1' }] })
      clock.now += 1
      await signal({ actors: [{ kind: 'client', value: '203.0.113.2' }] })
      const [part, whole] = await holdfast.incidents.list()
      const actors = ['203.0.113.1', '203.0.113.2'].map((value) => ({ kind: 'client', value }) as const)
      await signal({ actors })
      assert.equal((await holdfast.incidents.byId(part!.id))!.mergedInto, whole!.id)
      const applied = await holdfast.responses.apply(ask('block-client', { subject: ADDRESS, incident: part!.id }))
      assert.ok(applied.ok)
      assert.equal(applied.applied.incident, whole!.id)
      const { timeline } = (await holdfast.incidents.byId(whole!.id))!
      assert.match(timeline.at(-1)!.text, /^block-client applied/)
    })

    it('is in force once, of many who ask at the same moment in several processes', async () => {
      const { holdfast, ask } = await start()
      const other = await f.twin()
      const done = await race(8, (n) =>
        (n % 2 === 0 ? holdfast : other).responses.apply(ask('block-client', { subject: ADDRESS })),
      )
      assert.deepEqual(done.map(reasonOf).toSorted(), [...Array<string>(7).fill('already-active'), 'ok'])
      assert.equal((await holdfast.responses.list()).length, 1)
      assert.deepEqual(f.takeEvents(), ['response_applied'])
    })

    it('ends it by itself, says so once, and lets nothing hold beyond its time whoever sweeps', async () => {
      const { holdfast, ask, clock } = await start()
      await holdfast.responses.apply(ask('block-client', { subject: ADDRESS, lasts: 5 * MINUTE }))
      const other = await f.twin()
      clock.now += 5 * MINUTE
      const swept = await race(6, (n) => (n % 2 === 0 ? holdfast : other).responses.sweep(clock.now))
      assert.equal(
        swept.reduce((sum, one) => sum + one, 0),
        1,
      )
      assert.equal((await holdfast.responses.list())[0]!.state, 'expired')
    })

    it('leaves an administrator who can act, also when the others are held', async () => {
      const { holdfast, ask, person } = await start()
      const [root, eva] = [await person('root', 'admin'), await person('eva', 'admin')]
      const lock = (id: string) => holdfast.responses.apply(ask('lock-account', { subject: { kind: 'user', value: id } }))
      const first = await lock(root.id)
      assert.ok(first.ok)
      assert.equal(reasonOf(await lock(eva.id)), 'last-administrator')
      await holdfast.responses.undo(first.applied.id, OTHER, WHY)
      assert.ok((await lock(eva.id)).ok)
    })

    it('leaves an administrator who can act, of all who are held at the same moment in several processes', async () => {
      const { holdfast, ask, person } = await start()
      const other = await f.twin()
      const admins: string[] = []
      for (const login of ['root', 'eva', 'max']) admins.push((await person(login, 'admin')).id)
      const held = await race(3, (n) =>
        (n % 2 === 0 ? holdfast : other).responses.apply(ask('lock-account', { subject: { kind: 'user', value: admins[n]! } })),
      )
      assert.deepEqual(held.map(reasonOf).toSorted(), ['last-administrator', 'ok', 'ok'])
    })

    it('does it at once where somebody says loudly why they are alone', async () => {
      const { holdfast, ask, events } = await start()
      const done = await holdfast.responses.apply(ask('read-only', { insecureAlone: 'Nobody else is awake.' }))
      assert.ok(done.ok)
      assert.equal(done.applied.state, 'active')
      const told = events.find(({ type }) => type === 'response_applied')
      assert.deepEqual([told?.level, told?.data?.['insecureAlone']], ['critical', 'Nobody else is awake.'])
    })

    it('marks what nobody said to be done as interrupted, once, in its incident too, and believes whoever says so later', async () => {
      const { holdfast, ask, person, signal, clock } = await start()
      const { id } = await person('ada')
      await signal()
      const [incident] = await holdfast.incidents.list()
      const other = await f.twin()
      const slow = Promise.withResolvers<void>()
      const { sessions } = holdfast.accounts
      const { endAll } = sessions
      const endSlowly: typeof endAll = async (...given) => {
        await slow.promise
        return await endAll(...given)
      }
      Object.assign(sessions, { endAll: endSlowly })
      const given = ask('end-user-sessions', { subject: { kind: 'user', value: id }, incident: incident!.id })
      const applying = holdfast.responses.apply(given)
      const one = async () => (await other.responses.list())[0]
      while ((await one()) === undefined) await turn()
      clock.now += 10 * MINUTE
      const swept = await race(6, (n) => (n % 2 === 0 ? holdfast : other).responses.sweep(clock.now))
      assert.equal(
        swept.reduce((sum, many) => sum + many, 0),
        1,
      )
      assert.equal((await one())!.state, 'interrupted')
      const latest = async () => (await holdfast.incidents.byId(incident!.id))!.timeline.at(-1)!.text
      assert.match(await latest(), /^end-user-sessions was begun, and nobody knows whether it was done: Ends 1/)
      slow.resolve()
      assert.ok((await applying).ok)
      const { state, endedAt, endedReason } = (await one())!
      assert.deepEqual([state, endedAt, endedReason], ['done', undefined, undefined])
      assert.match(await latest(), /^end-user-sessions applied/)
      assert.deepEqual(f.takeEvents(), ['incident_opened', 'response_begun', 'response_interrupted', 'response_applied'])
    })

    it('holds in another process from its next request on', async () => {
      const { holdfast, ask, clock } = await start({ processes: 2 })
      const other = await f.twin()
      const asking = { method: 'GET', target: '/', peer: '203.0.113.9', encrypted: false, httpVersion: '1.1', upgrade: false }
      const inbound = {
        ...asking,
        rawHeaders: ['host', 'localhost:3000'],
        header: (key: string) => (key === 'host' ? 'localhost:3000' : undefined),
        stream: undefined,
      }
      const statusAt = async (one: typeof holdfast) => (await one.engine.enter(one.engine.open(inbound)))?.status
      assert.notEqual(await statusAt(other), 429)
      const applied = await holdfast.responses.apply(ask('block-client', { subject: ADDRESS }))
      assert.equal(await statusAt(holdfast), 429)
      // What is not heard is read again after a moment.
      clock.now += 1000
      assert.equal(await statusAt(other), 429)
      assert.ok(applied.ok)
      await other.responses.undo(applied.applied.id, OTHER, WHY)
      clock.now += 1000
      assert.notEqual(await statusAt(holdfast), 429)
    })

    it('goes on holding what it knew when the database does not answer', async () => {
      const { holdfast, ask, clock, faults } = await start()
      await holdfast.responses.apply(ask('block-client', { subject: ADDRESS, lasts: 10 * MINUTE }))
      let down = false
      const rows = await holdfast.responses.list({ state: 'active' })
      const [{ id, hold, appliedAt, expiresAt }] = rows as [(typeof rows)[number]]
      const row = { id, hold: JSON.stringify(hold), applied_at: appliedAt, expires_at: expiresAt }
      const all = () => (down ? Promise.reject(new Error('gone')) : [row])
      const database = { statement: () => ({ all }) } as never
      const broken = createContainments({
        database,
        announcements: undefined,
        keep: 100,
        onFault: (error) => void faults.push(error),
      })
      await broken.refresh(clock.now)
      down = true
      clock.now += MINUTE
      await broken.refresh(clock.now)
      const client = { address: ADDRESS.value, network: ADDRESS.value, site: undefined }
      assert.ok(broken.inForce.blocked(client, clock.now))
      assert.equal(broken.inForce.blocked(client, clock.now + 10 * MINUTE), undefined)
      assert.equal(faults.length, 1)
      faults.length = 0
    })
  })
}
