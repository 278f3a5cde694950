/** What a machine may do by itself, and what it must never do: detections as weapons against the people they protect. */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import type { HoldfastOptions } from '../../index.ts'
import type { Detected } from '../detected.ts'
import { fixture, MINUTE, OTHER, WHY, type Fixture, type Open } from '../fixture.contract.ts'

const client = (value: string) => ({ kind: 'client', value }) as const
const user = (value: string) => ({ kind: 'user', value }) as const

export function automaticContract(name: string, open: Open, skip: string | false = false): void {
  describe(`automatic responses on ${name}`, { skip }, () => {
    let f: Fixture
    const start = async (options?: Partial<HoldfastOptions>) => (f = await fixture(open, options))
    afterEach(() => f.close())

    const active = async () =>
      (await f.holdfast.responses.list({ state: 'active', limit: 500 })).map(
        ({ response, subject }) => `${response} ${subject ? `${subject.kind}:${subject.value}` : '-'}`,
      )
    const fire = (automatic: readonly string[], more: Partial<Detected> = {}) => f.signal({ automatic, ...more })

    it('blocks who attacked, for a short time, with the incident it belongs to', async () => {
      const { holdfast, clock } = await start()
      await fire(['block-client'])
      const [applied] = await holdfast.responses.list()
      const [incident] = await holdfast.incidents.list()
      assert.equal(applied!.automatic, true)
      assert.equal(applied!.incident, incident!.id)
      assert.equal(applied!.expiresAt! - clock.now, 15 * MINUTE)
      const details = await holdfast.incidents.byId(incident!.id)
      assert.ok(
        details!.timeline.some(({ kind, text }) => kind === 'response' && text.startsWith('block-client on client 203.0.113.9')),
      )
    })

    it('does nothing for a detection that only tries out', async () => {
      await start()
      await fire(['block-client'], { dryRun: true })
      assert.deepEqual(await active(), [])
    })

    it('never locks an account for what others did in its name', async () => {
      const { person, holdfast } = await start()
      const [ada] = [await person('ada'), await person('root', 'admin')]
      const both = [client('203.0.113.9'), user(ada.id)]
      await fire(['lock-account', 'end-user-sessions', 'slow-down'], { targets: [user(ada.id)] })
      await fire(['lock-account', 'end-user-sessions', 'slow-down'], { actors: both, targets: [user(ada.id)] })
      assert.deepEqual(await active(), ['slow-down client:203.0.113.9'])
      assert.equal((await holdfast.accounts.sessions.list(ada.id, f.clock.now)).length, 1)
    })

    it('asks an owner who was attacked for a new proof, because that takes nothing away', async () => {
      const { person } = await start()
      const ada = await person('ada')
      await fire(['require-step-up'], { targets: [user(ada.id)] })
      assert.deepEqual(await active(), [`require-step-up user:${ada.id}`])
    })

    it('locks who attacks while signed in, for a quarter of an hour, three times a day at most', async () => {
      const { person, clock, holdfast } = await start()
      const [ada] = [await person('ada'), await person('root', 'admin')]
      for (let n = 0; n < 6; n++) {
        await fire(['lock-account'], { actors: [user(ada.id)], time: clock.now })
        clock.now += 16 * MINUTE
        await holdfast.responses.sweep(clock.now)
      }
      const locks = await holdfast.responses.list()
      assert.equal(locks.length, 3)
      assert.deepEqual(new Set(locks.map(({ appliedAt, expiresAt }) => expiresAt! - appliedAt!)), new Set([15 * MINUTE]))
      assert.ok(f.takeEvents().includes('response_held'))
    })

    it('never locks an administrator by itself', async () => {
      const { person } = await start()
      const admins = [await person('root', 'admin'), await person('eva', 'admin')]
      for (const { id } of admins) await fire(['lock-account'], { actors: [user(id)] })
      assert.deepEqual(await active(), [])
    })

    it('never does what two persons decide, or what it may not do by itself', async () => {
      await start()
      const names = ['read-only', 'end-all-sessions', 'rotate-keys', 'disable-route', 'block-network', 'force-password-change']
      await fire(names, {
        actors: [client('203.0.113.9'), { kind: 'network', value: '203.0.113.0/24' }, { kind: 'route', value: '/x' }],
      })
      assert.deepEqual(await active(), [])
      assert.deepEqual(await f.holdfast.responses.list(), [])
    })

    it('never blocks this machine, a proxy, an address of our own, or nobody', async () => {
      await start({ client: { trustedProxies: ['10.0.0.0/8'] }, containment: { own: ['192.0.2.0/24'] } })
      for (const value of ['127.0.0.1', '::1', '10.1.2.3', '192.0.2.200', 'unknown', '::ffff:127.0.0.1'])
        await fire(['block-client', 'slow-down'], { actors: [client(value)] })
      assert.deepEqual(await active(), [])
    })

    it('does not act on what is typed or claimed', async () => {
      await start()
      const actors = [{ kind: 'login', value: 'hash' } as const, { kind: 'origin', value: 'https://evil.example' } as const]
      await fire(['mark-honeytoken', 'raise-log-level', 'slow-down'], { actors, targets: [] })
      assert.deepEqual(await active(), [])
    })

    it('stops after as many as it may in an hour, and asks a person once', async () => {
      const { events, clock } = await start({ containment: { automaticPerHour: 5 } })
      for (let n = 0; n < 12; n++) await fire(['block-client'], { actors: [client(`203.0.113.${n + 1}`)] })
      assert.equal((await active()).length, 5)
      const held = events.filter(({ type, data }) => type === 'response_held' && data?.['reason'] === 'too-many')
      assert.equal(held.length, 1)
      assert.equal(held[0]!.level, 'critical')
      clock.now += 61 * MINUTE
      await fire(['block-client'], { actors: [client('203.0.113.99')] })
      assert.ok((await active()).includes('block-client client:203.0.113.99'))
    })

    it('does not do again what a person undid', async () => {
      const { holdfast, clock } = await start()
      await fire(['block-client'])
      const [applied] = await holdfast.responses.list()
      await holdfast.responses.undo(applied!.id, OTHER, WHY)
      await fire(['block-client'])
      assert.deepEqual(await active(), [])
      clock.now += 61 * MINUTE
      await fire(['block-client'], { time: clock.now })
      assert.deepEqual(await active(), ['block-client client:203.0.113.9'])
    })

    it('holds a key that misbehaves, and leaves it to a person to revoke it', async () => {
      const { holdfast, clock } = await start()
      const { users, apiKeys } = holdfast.accounts
      const made = await users.createService({ login: 'importer', roles: ['member'] }, OTHER)
      assert.ok(made.ok)
      const key = await apiKeys.create({ userId: made.user.id, name: 'k', scopes: [] }, OTHER)
      assert.ok(key.ok)
      await fire(['revoke-api-key'], { actors: [{ kind: 'api-key', value: key.key.id }] })
      assert.deepEqual(await active(), [`revoke-api-key api-key:${key.key.id}`])
      assert.equal((await apiKeys.list(made.user.id, clock.now))[0]!.status, 'active')
    })

    it('does none at all where a person is to decide each', async () => {
      await start({ containment: { automaticPerHour: 0 } })
      await fire(['block-client', 'tighten-limit'])
      assert.deepEqual(await active(), [])
    })
  })
}
