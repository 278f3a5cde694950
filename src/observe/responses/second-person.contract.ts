/** Responses that two decide: asked for, approved and used up as everything else that needs a second person, and told in the incident. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import type { HoldfastOptions } from '../../index.ts'
import { fixture, MINUTE, OTHER, ROOT, WHY, type Fixture, type Open } from '../fixture.contract.ts'
import type { Asking, ResponseRequest } from './responder-types.ts'
import { reasonOf } from './responses.contract.ts'

const DAY = 1440 * MINUTE
const ADDRESS = { kind: 'client', value: '203.0.113.9' } as const

export function secondPersonContract(name: string, open: Open, skip: string | false = false): void {
  describe(`responses that two decide on ${name}`, { skip }, () => {
    let f: Fixture
    const start = async (options?: Partial<HoldfastOptions>) => (f = await fixture(open, options))
    afterEach(() => f.close())

    /** Two who administer, a member, and an incident. */
    async function world(options?: Partial<HoldfastOptions>) {
      const { holdfast, person, ask, signal } = await start(options)
      const [root, eva, ada] = [await person('root', 'admin'), await person('eva', 'admin'), await person('ada')]
      await signal()
      const incident = (await holdfast.incidents.list())[0]!.id
      const by = { kind: 'user', id: root.id } as const
      const wanted = (response: string, more: Partial<ResponseRequest> = {}) => ask(response, { by, incident, ...more })
      const told = async () =>
        (await holdfast.incidents.byId(incident))!.timeline
          .filter(({ kind }) => kind === 'response')
          .map(({ text, by: who }) => [text, who])
      f.takeEvents()
      return { holdfast, root, eva, ada, by, wanted, told }
    }

    const idOf = (asked: Asking): string => {
      if (!asked.ok) throw new Error(asked.says)
      return asked.approval.id
    }

    it('are asked for, approved by another who may, done once by who asked, and told so in the incident', async () => {
      const { holdfast, root, eva, ada, wanted, told } = await world()
      const { responses, approvals } = holdfast
      const request = wanted('end-all-sessions')
      assert.equal(reasonOf(await responses.apply(request)), 'approval-required')
      const id = idOf(await responses.ask(request))
      assert.equal(idOf(await responses.ask(request)), id, 'the same question is the one that waits')
      assert.equal(reasonOf(await responses.apply(request)), 'approval-pending')
      assert.equal((await holdfast.accounts.sessions.list(ada.id, f.clock.now)).length, 1)
      const word = async (session: string) => {
        const decided = await approvals.approve(id, { session })
        return decided.ok ? 'ok' : decided.reason
      }
      assert.equal(await word(root.token), 'same-person')
      assert.equal(await word(ada.token), 'not-permitted')
      assert.equal(await word(eva.token), 'ok')
      const other = await f.twin()
      // What two processes write down in one millisecond stands in either order.
      f.clock.now += 1
      const done = await race(8, (n) => (n % 2 === 0 ? holdfast : other).responses.apply(request))
      // Who comes after the sessions ended is told so; who comes before, that the yes is used.
      const lost = done.map(reasonOf).filter((reason) => reason !== 'ok')
      for (const reason of lost) assert.match(reason, /^(?:approval-required|nothing-to-do)$/)
      assert.equal(done.filter(({ ok }) => ok).length, 1)
      const [applied] = await responses.list()
      assert.deepEqual([applied!.state, applied!.second, applied!.changed], ['done', `user:${eva.id}`, 3])
      assert.equal((await holdfast.accounts.sessions.list(ada.id, f.clock.now)).length, 0)
      const [asked, given, act] = await told()
      assert.deepEqual(asked, [
        `end-all-sessions on everybody asked for, to be approved by a second person: ${WHY}`,
        `user:${root.id}`,
      ])
      assert.deepEqual(given, ['end-all-sessions on everybody approved.', `user:${eva.id}`])
      assert.deepEqual(act, [
        `end-all-sessions applied: Ends 3 sessions of 3 users. Approved by user:${eva.id}.`,
        `user:${root.id}`,
      ])
    })

    it('are in force once, of many at the same moment, and keep the yes when they are not done', async () => {
      const { holdfast, eva, wanted } = await world({ approval: { acts: ['response:block-client'] } })
      const { responses, approvals } = holdfast
      const request = wanted('block-client', { subject: ADDRESS })
      const first = await responses.apply({ ...request, insecureAlone: 'Nobody else is awake.' })
      assert.ok(first.ok)
      const id = idOf(await responses.ask(request))
      assert.ok((await approvals.approve(id, { session: eva.token })).ok)
      assert.equal(reasonOf(await responses.apply(request)), 'already-active')
      await responses.undo(first.applied.id, OTHER, WHY)
      const other = await f.twin()
      const done = await race(8, (n) => (n % 2 === 0 ? holdfast : other).responses.apply(request))
      assert.equal(done.filter(({ ok }) => ok).length, 1)
      assert.equal((await responses.list({ state: 'active' })).length, 1)
    })

    it('are approved for exactly this: no other time, subject, setting, incident or person', async () => {
      const { holdfast, eva, wanted } = await world({ approval: { acts: ['response:*'] } })
      const { responses, approvals } = holdfast
      const request = wanted('slow-down', { subject: ADDRESS, lasts: 10 * MINUTE })
      assert.ok((await approvals.approve(idOf(await responses.ask(request)), { session: eva.token })).ok)
      for (const other of [
        { lasts: 11 * MINUTE },
        { subject: { kind: 'client', value: '203.0.113.10' } as const },
        { settings: { factor: '3' } },
        { incident: undefined },
        { by: { kind: 'user', id: eva.id } as const },
      ])
        assert.equal(reasonOf(await responses.apply({ ...request, ...other })), 'approval-required', JSON.stringify(other))
      assert.ok((await responses.apply(request)).ok)
    })

    it('are not done after a no, or too late, and the incident says so', async () => {
      const { holdfast, eva, wanted, told } = await world()
      const { responses, approvals } = holdfast
      const request = wanted('read-only')
      const declined = await approvals.decline(idOf(await responses.ask(request)), { session: eva.token }, 'Too early.')
      assert.ok(declined.ok)
      assert.equal(reasonOf(await responses.apply(request)), 'approval-required')
      await responses.ask(request)
      f.clock.now += DAY
      await approvals.sweep(f.clock.now)
      assert.equal(reasonOf(await responses.apply(request)), 'approval-required')
      assert.deepEqual(
        (await told()).map(([text]) => text).filter((text) => !text!.includes('asked for,')),
        [
          'read-only on everybody declined: Too early.',
          'read-only on everybody was not done in time, and would have to be asked for anew.',
        ],
      )
    })

    it('are also those that the application marks, and then no machine does them', async () => {
      const { holdfast, wanted } = await world({ approval: { acts: ['response:block-client'] } })
      const planned = await holdfast.responses.plan(wanted('block-client', { subject: ADDRESS }))
      assert.ok(planned.ok && planned.needsSecond)
      await f.signal({ automatic: ['block-client', 'slow-down'] })
      assert.deepEqual(
        (await holdfast.responses.list({ state: 'active' })).map(({ response }) => response),
        ['slow-down'],
      )
      const held = f.events.find(({ type }) => type === 'response_held')
      assert.deepEqual([held?.data?.['response'], held?.data?.['reason']], ['block-client', 'needs-a-person'])
      const rotate = await holdfast.responses.plan(wanted('rotate-keys'))
      assert.ok(rotate.ok && !rotate.needsSecond, 'only without overlap')
      assert.equal(reasonOf(await holdfast.responses.ask(wanted('rotate-keys'))), 'nothing-to-do')
    })

    it('are asked for by somebody: a name of the terminal is nobody, a machine of the application is one', async () => {
      const { holdfast, wanted } = await world()
      const asked = async (by: ResponseRequest['by']) => reasonOf(await holdfast.responses.ask(wanted('read-only', { by })))
      assert.equal(await asked({ kind: 'system', id: 'cli:eva' }), 'needs-a-person')
      assert.equal(await asked({ kind: 'system', id: 'cli' }), 'needs-a-person')
      assert.equal(await asked(ROOT), 'ok')
    })
  })
}
