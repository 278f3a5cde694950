/**
 * Every response that a machine may give, turned against the people it protects: aimed at who was attacked, repeated for days, given in a name
 * that anybody can type. Runs over THE LIST, so that a new automatic response is attacked like the others.
 * Sources: OWASP AppSensor (responses turned against users); OWASP ASVS 5.0 6.1.1 (lockout as denial of service).
 */
import assert from 'node:assert/strict'
import { afterEach, describe, it } from 'node:test'
import { Secret } from '../../index.ts'
import type { Subject } from '../detected.ts'
import { fixture, MINUTE, OTHER, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import { responses } from './index.ts'

const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** What takes something away from somebody. */
const TAKING = ['block', 'refuse', 'close', 'read-only']
const TYPED: readonly Subject[] = [
  ...([
    { kind: 'login', value: 'ada' },
    { kind: 'origin', value: 'https://evil.example' },
  ] as const),
  ...([
    { kind: 'tenant', value: 't' },
    { kind: 'process', value: 'p' },
    { kind: 'network', value: '203.0.113.0/24' },
  ] as const),
]

export function victimsContract(name: string, open: Open, skip: string | false = false): void {
  const automatic = responses.flatMap(({ automatic: bounds, ...response }) => (bounds ? [{ ...response, bounds }] : []))

  describe(`automatic responses as weapons on ${name}`, { skip }, () => {
    let f: Fixture
    afterEach(() => f.close())

    /** Ada with all that can be aimed at, and somebody who administers. */
    async function world() {
      f = await fixture(open, { containment: { automaticPerHour: 1000 }, mail: MAIL })
      const { holdfast, person } = f
      const [ada] = [await person('ada'), await person('root', 'admin')]
      await holdfast.accounts.users.setAddress(ada.id, 'ada@app.example', OTHER, { verified: true, keepSession: ada.session })
      const key = await holdfast.accounts.apiKeys.create({ userId: ada.id, name: 'k', scopes: [] }, OTHER)
      const app = await holdfast.accounts.tokens.begin({ session: ada.token, client: 'phone', keep: true }, FROM)
      assert.ok(key.ok && app.ok)
      const [first] = await holdfast.accounts.tokens.list(ada.id, f.clock.now)
      const own: readonly Subject[] = [
        ...([
          { kind: 'user', value: ada.id },
          { kind: 'session', value: ada.session },
        ] as const),
        ...([
          { kind: 'api-key', value: key.key.id },
          { kind: 'app', value: first!.id },
        ] as const),
        ...([
          { kind: 'client', value: '203.0.113.9' },
          { kind: 'route', value: '/decoy' },
        ] as const),
      ]
      return { holdfast, ada, own, apiKey: key.key.id }
    }

    async function signsIn(): Promise<boolean> {
      const { password } = f.holdfast.accounts.doors
      return (await password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, FROM)).ok
    }

    for (const { name: response, subjects, bounds } of automatic) {
      const fits = ({ kind }: Subject) => subjects.includes(kind)

      it(`${response} takes nothing from who was attacked, though they stand among the actors, too`, async () => {
        const { holdfast, ada, own, apiKey } = await world()
        const { sessions, apiKeys, tokens } = holdfast.accounts
        const before = await sessions.list(ada.id, f.clock.now)
        await f.signal({ automatic: [response], actors: own, targets: own })
        const given = (await holdfast.responses.list()).filter(({ subject }) => subject !== undefined)
        if (bounds.on === 'actors') assert.deepEqual(given, [])
        for (const { hold } of given) assert.ok(hold === undefined || !TAKING.includes(hold.kind), hold?.kind)
        assert.deepEqual(await sessions.list(ada.id, f.clock.now), before)
        assert.equal((await apiKeys.list(ada.id, f.clock.now)).find(({ id }) => id === apiKey)!.status, 'active')
        assert.equal((await tokens.list(ada.id, f.clock.now)).length, 1)
        assert.ok(await signsIn())
      })

      it(`${response} is over in time, a few times a day, however often it is provoked, and who it hit comes in again`, async () => {
        const { holdfast, ada, own } = await world()
        const [subject] = own.filter(fits)
        const rounds = bounds.perDay * 2 + 2
        for (let round = 0; round < rounds; round++) {
          await f.signal({ automatic: [response], actors: subject ? [subject] : own.slice(4, 5), time: f.clock.now })
          f.clock.now += Math.floor(DAY / (rounds + 1))
          await holdfast.responses.sweep(f.clock.now)
          // An attacker who is at it for a day acts in a session of today.
          if (response === 'end-user-sessions') assert.ok(await signsIn())
        }
        const given = await holdfast.responses.list({ limit: 500 })
        assert.ok(given.length > 0, 'it was provoked')
        assert.ok(given.length <= bounds.perDay, `${given.length} times`)
        for (const { appliedAt, expiresAt } of given)
          if (expiresAt !== undefined) assert.ok(expiresAt - appliedAt! <= bounds.most!, `${expiresAt - appliedAt!}`)
        f.clock.now += bounds.most ?? 0
        await holdfast.responses.sweep(f.clock.now)
        assert.deepEqual(await holdfast.responses.list({ state: 'active' }), [])
        assert.equal((await holdfast.accounts.users.byId(ada.id))!.status, 'active')
        assert.ok(await signsIn())
      })

      it(`${response} is not given about what anybody can type or claim`, async () => {
        const { holdfast } = await world()
        const typed = TYPED.filter(fits)
        await f.signal({ automatic: [response], actors: TYPED, targets: TYPED })
        const given = (await holdfast.responses.list()).filter(({ subject }) => subject !== undefined)
        assert.deepEqual(given, [], typed.map(({ kind }) => kind).join(' '))
      })
    }

    it('are some, and none that nobody bounded', () => {
      assert.ok(automatic.length >= 10)
      for (const { name: response, lasts, bounds } of automatic)
        if (lasts) assert.ok(bounds.most !== undefined && bounds.most <= lasts.most, response)
    })
  })
}

const FROM = { address: '198.51.100.7', network: '198.51.100.7', userAgent: 'test' } as const
const MAIL = {
  from: 'noreply@app.example',
  transport: { name: 'nowhere', send: async () => {}, close: async () => {} },
  background: false,
} as const
