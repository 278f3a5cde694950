/** Two-person approval on every database: who may say yes, to what exactly, and that it is good once. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { enrol } from '../../../test/support/second-factor.ts'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, PASSWORD, type Fixture, type Open } from '../fixture.contract.ts'
import type { Actor, User } from '../types.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const ACTS = ['payout', 'response:*', 'users:make-administrator', 'users:delete', 'impersonation:write']
const ROLES = { admin: ['*'], approver: ['approvals:decide'], support: ['users:impersonate'], member: [] }
const PAYOUT = { to: 'DE89 3704', amount: 500 }
const ROBOT = { kind: 'system', id: 'responses' } as const

const as = ({ id }: Pick<User, 'id'>): Actor => ({ kind: 'user', id })

async function world(open: Open) {
  const policy = { acts: ACTS, life: DAY, use: HOUR }
  const f = await fixture(open, { approval: policy, roles: ROLES, impersonation: { life: HOUR, write: true } })
  const [ada, amy, bob] = [
    await made(f, 'ada', ['approver']),
    await made(f, 'amy', ['approver']),
    await made(f, 'bob', ['member']),
  ]
  const { approvals } = f.accounts
  const session = async (login: string) => ({ session: (await f.session(login)).token.reveal() })
  async function asked(by = bob, params: Readonly<Record<string, string | number>> = PAYOUT) {
    const result = await approvals.ask(as(by), 'payout', params, 'Invoice 7')
    assert.ok(result.ok)
    return result.approval
  }
  f.takeEvents()
  return { ...f, ada, amy, bob, approvals, session, asked }
}

/** Of the server: nobody gave them their rights. */
async function made(f: Fixture, login: string, roles: readonly string[]): Promise<User> {
  const user = await f.user(login, roles)
  await f.address(user.id, `${login}@app.example`)
  return user
}

export function approvalsContract(name: string, open: Open, skip: string | false = false): void {
  describe(`two-person approval on ${name}`, { skip }, () => {
    it('asks by letter those who may decide, but who asks, and the same question once', async () => {
      const { asked, letters, approvals, bob, takeEvents } = await world(open)
      const first = await asked()
      assert.deepEqual((await letters()).map(({ letter, to }) => [letter, to]).toSorted(), [
        ['approval-asked', 'ada@app.example'],
        ['approval-asked', 'amy@app.example'],
      ])
      assert.deepEqual([first.state, first.askedByName, first.params], ['asked', bob.name, PAYOUT])
      const again = await approvals.ask(as(bob), 'payout', { amount: 500, to: 'DE89 3704' }, 'Another reason')
      assert.ok(again.ok && again.approval.id === first.id)
      assert.deepEqual([takeEvents(), await letters()], [['authz_approval_asked'], []])
    })

    it('refuses what is not marked, has no reason, cannot be shown as it is, is asked by nobody, or too often', async () => {
      const { approvals, bob } = await world(open)
      const reasonOf = async (act: string, params: object, reason = 'x', by: Actor = as(bob)) => {
        const result = await approvals.ask(by, act, params as never, reason)
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await reasonOf('payouts', PAYOUT), 'act')
      assert.equal(await reasonOf('payout', PAYOUT, ' \n'), 'reason')
      for (const params of [{ to: 'a\u202eb' }, { to: 'a\nb' }, { to: 'x'.repeat(501) }, { '__proto__ ': 1 }, { to: { a: 1 } }])
        assert.equal(await reasonOf('payout', params), 'params', JSON.stringify(params))
      assert.equal(await reasonOf('payout', PAYOUT, 'x', { kind: 'user', id: 'nobody' }), 'nobody')
      assert.equal(await reasonOf('payout', PAYOUT, 'x', CLI), 'nobody', 'the command is asked for by name')
      for (let count = 0; count < 20; count += 1) assert.equal(await reasonOf('payout', { count }), 'ok')
      assert.equal(await reasonOf('payout', { count: 21 }), 'too-many')
    })

    it('is good for exactly what was asked, by who asked, once, of many at the same moment', async () => {
      const { approvals, asked, session, bob, amy, takeEvents } = await world(open)
      const { id } = await asked()
      assert.equal((await approvals.use(id, as(bob), 'payout', PAYOUT)).ok, false, 'nobody said yes')
      assert.ok((await approvals.approve(id, await session('ada'), 'fine')).ok)
      for (const params of [
        { ...PAYOUT, amount: 501 },
        { ...PAYOUT, amount: '500' },
        { to: PAYOUT.to },
        { ...PAYOUT, more: true },
      ])
        assert.equal((await approvals.use(undefined, as(bob), 'payout', params)).ok, false, JSON.stringify(params))
      assert.equal((await approvals.use(id, as(amy), 'payout', PAYOUT)).ok, false)
      assert.equal((await approvals.use(id, as(bob), 'response:payout', PAYOUT)).ok, false)
      takeEvents()
      const results = await race(20, () => approvals.use(undefined, as(bob), 'payout', PAYOUT))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.deepEqual(takeEvents(), ['authz_approval_used'])
      assert.equal((await approvals.list())[0]?.state, 'used')
    })

    it('is decided once of many who say yes and no at the same moment', async () => {
      const { approvals, asked, session } = await world(open)
      const { id } = await asked()
      const [ada, amy] = [await session('ada'), await session('amy')]
      let turn = 0
      const results = await race(20, () => approvals.approve(id, (turn += 1) % 2 === 0 ? ada : amy))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it('is said by another person who may, lately proved, in a session of their own that lives', async () => {
      const { approvals, asked, session, ada, bob, clock, accounts } = await world(open)
      const own = await asked(ada)
      const why = async (id: string, by: { session: string }) => {
        const result = await approvals.approve(id, by)
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await why(own.id, await session('ada')), 'same-person')
      assert.equal(await why(own.id, await session('bob')), 'not-permitted')
      assert.equal(await why(own.id, { session: 'x' }), 'not-permitted')
      const old = await session('amy')
      clock.now += 600_001
      assert.equal(await why(own.id, old), 'proof')
      const live = await session('amy')
      await accounts.sessions.endByToken(live.session)
      assert.equal(await why(own.id, live), 'not-permitted')
      const { token } = await enrol(accounts, (await session('amy')).session, () => clock.now)
      assert.equal(await why(own.id, { session: token }), 'ok')
      assert.equal(await why(own.id, { session: token }), 'unknown', 'somebody decided')
      assert.equal((await approvals.use(own.id, as(bob), 'payout', PAYOUT)).ok, false)
    })

    it('is not said by whom the asker gave rights in the last day, over however many others', async () => {
      const { approvals, asked, session, accounts, clock, user } = await world(open)
      const eve = await user('eve', ['approver'])
      const { id } = await asked(eve)
      const puppet = await accounts.users.create({ login: 'puppet', roles: ['member'], password: new Secret(PASSWORD) }, as(eve))
      assert.ok(puppet.ok)
      const second = await user('second', ['member'])
      await accounts.users.setRoles(second.id, ['approver'], as(puppet.user))
      const denied = { ok: false, reason: 'rights-given' }
      assert.deepEqual(await approvals.approve(id, await session('second')), denied)
      assert.deepEqual(await approvals.approve(id, { operator: second.id }), denied)
      clock.now += DAY - 1
      assert.deepEqual(await approvals.approve(id, await session('second')), denied)
      clock.now += 1
      assert.ok((await approvals.approve((await asked(eve)).id, await session('second'))).ok)
    })

    it('is not said by who acts as another', async () => {
      const { approvals, asked, session, accounts, amy, user } = await world(open)
      const root = await user('root', ['support'])
      const question = await accounts.approvals.ask(as(root), 'impersonation:write', { login: 'amy', id: amy.id }, 'x')
      assert.ok(question.ok)
      assert.ok((await approvals.approve(question.approval.id, await session('ada'))).ok)
      const begun = await accounts.impersonation.start({ ...(await session('root')), userId: amy.id, reason: 'Ticket' })
      assert.ok(begun.ok)
      const { id } = await asked()
      const by = { session: begun.token.reveal() }
      assert.deepEqual(await approvals.approve(id, by), { ok: false, reason: 'not-permitted' })
    })

    it('runs out, as a question and as a yes, which is told; and a yes can be taken back', async () => {
      const { approvals, asked, session, bob, clock, takeEvents } = await world(open)
      const [one, two] = [await asked(), await asked(bob, { n: 2 })]
      assert.ok((await approvals.approve(one.id, await session('ada'))).ok)
      assert.ok((await approvals.approve(two.id, await session('ada'))).ok)
      assert.ok((await approvals.decline(two.id, await session('amy'), 'no')).ok)
      assert.equal((await approvals.use(two.id, as(bob), 'payout', { n: 2 })).ok, false)
      const three = await asked(bob, { n: 3 })
      assert.ok((await approvals.decline(three.id, await session('bob'))).ok, 'by who asked')
      clock.now += HOUR
      assert.equal((await approvals.use(one.id, as(bob), 'payout', PAYOUT)).ok, false)
      takeEvents()
      assert.equal(await approvals.sweep(clock.now), 1)
      assert.deepEqual(takeEvents(), ['authz_approval_expired'])
      assert.equal((await asked()).state, 'asked', 'and can be asked anew')
    })

    it('is no yes any more of somebody who may no longer say it', async () => {
      const { approvals, asked, session, bob, ada, accounts } = await world(open)
      const { id } = await asked()
      assert.ok((await approvals.approve(id, await session('ada'))).ok)
      await accounts.users.setRoles(ada.id, ['member'], CLI)
      assert.equal((await approvals.use(id, as(bob), 'payout', PAYOUT)).ok, false)
    })

    it('lets a machine ask, and one person say yes', async () => {
      const { approvals, session } = await world(open)
      assert.deepEqual([approvals.needsApproval('response:lock'), approvals.needsApproval('log')], [true, false])
      const asked = await approvals.ask(ROBOT, 'response:lock', { network: '192.0.2.0/24' }, 'Detection 4')
      assert.ok(asked.ok)
      assert.ok((await approvals.approve(asked.approval.id, await session('ada'))).ok)
      assert.ok((await approvals.use(asked.approval.id, ROBOT, 'response:lock', { network: '192.0.2.0/24' })).ok)
    })

    it('holds the acts of the kit: administrators by role, by a new user and by service, and a deletion', async () => {
      const { approvals, session, accounts, bob, ada, events } = await world(open)
      const { users, deletions } = accounts
      const required = { ok: false, reason: 'approval-required' }
      assert.deepEqual(await users.setRoles(bob.id, ['admin'], CLI), required)
      assert.deepEqual(await users.create({ login: 'neu', roles: ['admin'] }, CLI), required)
      assert.deepEqual(await users.createService({ login: 'bot', roles: ['admin'] }, CLI), required)
      assert.deepEqual(await deletions.remove(bob.id, CLI), required)
      assert.equal((await users.byId(bob.id))?.roles.join(), 'member')
      assert.ok((await users.setRoles(bob.id, ['approver'], CLI)).ok, 'other roles need nobody')
      const asker = as(ada)
      const acts = [
        ['users:make-administrator', { to: 'bob', roles: 'admin' }, () => users.setRoles(bob.id, ['admin'], CLI, { asker })],
        [
          'users:make-administrator',
          { to: 'neu', roles: 'admin' },
          () => users.create({ login: 'neu', roles: ['admin'] }, CLI, { asker }),
        ],
        ['users:delete', { login: 'bob', id: bob.id }, () => deletions.remove(bob.id, CLI, { asker })],
      ] as const
      for (const [act, params, doIt] of acts) {
        const asked = await approvals.ask(asker, act, params, 'Ticket 1')
        assert.ok(asked.ok)
        assert.deepEqual(await doIt(), required)
        assert.ok((await approvals.approve(asked.approval.id, await session('amy'))).ok)
        assert.equal((await doIt()).ok, true, act)
      }
      assert.equal(await users.byId(bob.id), undefined)
      assert.equal(events.filter(({ type }) => type === 'authz_approval_used').length, 3)
    })

    it('lets nobody act as a user with the right to change, before a second person said yes', async () => {
      const { accounts, approvals, session, bob, user } = await world(open)
      const root = await user('root', ['support'])
      const begin = async () => accounts.impersonation.start({ ...(await session('root')), userId: bob.id, reason: 'Ticket' })
      assert.deepEqual(await begin(), { ok: false, reason: 'approval' })
      const asked = await approvals.ask(as(root), 'impersonation:write', { login: 'bob', id: bob.id }, 'Ticket')
      assert.ok(asked.ok && (await approvals.approve(asked.approval.id, await session('ada'))).ok)
      assert.equal((await begin()).ok, true)
      assert.deepEqual(await begin(), { ok: false, reason: 'approval' })
    })
  })
}
