/** What invitations must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { CLI, from, type Fixture, type Open } from '../fixture.contract.ts'
import { DAY, ADA, newcomers } from './fixture.contract.ts'

export function invitedContract(name: string, open: Open, skip: string | false = false): void {
  const start = newcomers(open)

  describe(`invitations on ${name}`, { skip }, () => {
    it('make an account with the invited address, roles and nothing else (L94)', async () => {
      const f = await start({ mode: 'invitation' })
      const { token, letter } = await f.invited({ roles: ['host', 'member'], name: 'Ada L.' })
      assert.equal(letter, 'invitation')
      assert.deepEqual(await f.invitation.read(token), { address: ADA, name: 'Ada L.', inviter: undefined, owner: undefined })
      const made = await f.invitation.accept(f.account(token, { roles: ['admin'], address: 'eve@example.org' }), from())
      assert.ok(made.ok, JSON.stringify(made))
      assert.deepEqual([made.principal.login, made.principal.roles], [ADA, ['host', 'member']])
      assert.deepEqual(await f.verifyAddress.of(made.principal.id), { address: ADA, verified: true })
      assert.deepEqual(await f.accounts.invitations.list(), [])
    })

    it('let one of 20 win (L25)', async () => {
      const f = await start({ mode: 'invitation' })
      const { token } = await f.invited()
      const results = await race(20, (index) => f.invitation.accept(f.account(token), from(`198.51.100.${index}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(await f.accounts.users.count(), 1)
    })

    it('end on time at every door: nothing is left that could be revived (L35)', async () => {
      const f = await start({ mode: 'invitation' })
      const { token } = await f.invited()
      f.clock.now += 7 * DAY
      assert.equal(await f.invitation.read(token), undefined)
      assert.deepEqual(await f.invitation.accept(f.account(token), from()), { ok: false, reason: 'void' })
      assert.deepEqual(await f.accounts.invitations.list(), [])
      assert.equal(await f.accounts.users.byLogin(ADA), undefined)
      assert.equal((await f.signIn(ADA)).ok, false)
    })

    it('are dead once revoked, replaced, or when who invited may not any more', async () => {
      const f = await start({ mode: 'invitation' })
      const isDead = async (token: string) => {
        assert.equal(await f.invitation.read(token), undefined)
        assert.deepEqual(await f.invitation.accept(f.account(token), from()), { ok: false, reason: 'void' })
      }
      const first = await f.invited()
      const second = await f.invited({ address: 'ADA@example.org' })
      await isDead(first.token)
      assert.deepEqual(
        (await f.accounts.invitations.list()).map(({ id }) => id),
        [second.id],
      )
      assert.equal(await f.accounts.invitations.revoke(second.id, CLI), true)
      assert.equal(await f.accounts.invitations.revoke(second.id, CLI), false)
      await isDead(second.token)
      const host = await f.user('host', ['host'])
      f.clock.now += 3_600_000
      const third = await f.invited({ roles: ['host'], invitedBy: { kind: 'user', id: host.id } })
      assert.equal((await f.invitation.read(third.token))?.inviter, 'host')
      await f.accounts.users.setRoles(host.id, ['member'], CLI)
      await isDead(third.token)
      const fourth = await f.accounts.invitations.create({ address: ADA, invitedBy: { kind: 'user', id: host.id } })
      assert.deepEqual(fourth, { ok: false, reason: 'not-permitted' })
    })

    it('are for who may invite, and for roles that they hold', async () => {
      const f = await start({ mode: 'invitation' })
      const [host, member, admin] = [await f.user('h', ['host']), await f.user('m', ['member']), await f.user('a', ['admin'])]
      const why = async (id: string, ...roles: string[]) => {
        const address = `${roles.join('-') || 'none'}.${id.replaceAll(/\W/g, '')}@example.org`
        const result = await f.accounts.invitations.create({ address, roles, invitedBy: { kind: 'user', id } })
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await why(member.id), 'not-permitted')
      assert.equal(await why('nobody'), 'not-permitted')
      assert.equal(await why(host.id, 'host', 'member'), 'ok')
      assert.equal(await why(host.id, 'admin'), 'role-not-held')
      // It permits nothing, and a route may ask for it by its name.
      assert.equal(await why(host.id, 'auditor'), 'role-not-held')
      assert.equal(await why(host.id, 'wizard'), 'role-unknown')
      assert.equal(await why(admin.id, 'admin', 'auditor'), 'ok')
      await f.accounts.users.disable(host.id, CLI)
      assert.equal(await why(host.id), 'not-permitted')
    })

    it('are accepted by the owner of the address alone, and make no second account (L96)', async () => {
      const f = await start({ mode: 'invitation' })
      const owner = await f.user('owner', ['auditor'])
      await f.address(owner.id, ADA)
      const claimer = await f.user('claimer')
      await f.address(claimer.id, ADA, false)
      const { token, letter } = await f.invited({ roles: ['host'] })
      assert.equal(letter, 'invitation-to-owner')
      assert.equal((await f.invitation.read(token))?.owner, owner.id)
      assert.deepEqual(await f.invitation.accept(f.account(token), from()), { ok: false, reason: 'taken' })
      const join = async (login: string) => {
        const session = (await f.session(login)).token.reveal()
        return await f.invitation.join({ token, session }, from())
      }
      assert.deepEqual(await join('claimer'), { ok: false, reason: 'not-owner' })
      assert.deepEqual(await f.invitation.join({ token, session: 'x' }, from()), { ok: false, reason: 'denied' })
      f.takeEvents()
      assert.deepEqual(await join('owner'), { ok: true })
      assert.deepEqual((await f.accounts.users.byId(owner.id))?.roles, ['auditor', 'host'])
      assert.deepEqual((await f.accounts.users.byId(claimer.id))?.roles, ['member'])
      assert.ok(f.takeEvents().includes('authz_change'))
      assert.deepEqual(await join('owner'), { ok: false, reason: 'void' })
    })

    it('are joined once by 20 at the same moment (L25)', async () => {
      const f = await start({ mode: 'invitation' })
      const owner = await f.user('owner')
      await f.address(owner.id, ADA)
      const { token } = await f.invited({ roles: ['host'] })
      const session = (await f.session('owner')).token.reveal()
      const results = await race(20, () => f.invitation.join({ token, session }, from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
    })

    it('tell the inviter nothing of who has an account (L76)', async () => {
      const f = await start({ mode: 'invitation' })
      await f.address((await f.user('owner')).id, 'Known@example.org')
      const seen = []
      for (const address of ['known@example.org', 'fresh@example.org']) {
        f.work.reset()
        const made = await f.accounts.invitations.create({ address, invitedBy: CLI })
        assert.ok(made.ok)
        const { id: _, address: shown, ...rest } = made.invitation
        assert.equal(shown, address)
        const { counts } = f.work
        const work = { ...counts }
        seen.push(JSON.stringify([rest, work, (await f.letters()).length]))
      }
      assert.equal(new Set(seen).size, 1, seen.join('\n'))
      assert.deepEqual((await f.accounts.invitations.list()).map(({ address }) => address).toSorted(), [
        'fresh@example.org',
        'known@example.org',
      ])
    })

    it('are refused where nobody may come, where there is no mail, and for what cannot be sent', async () => {
      const f = await start({ mode: 'closed' })
      const why = async (accounts: Fixture['accounts'], more: object = {}) => {
        const result = await accounts.invitations.create({ address: ADA, invitedBy: CLI, ...more })
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await why(f.accounts), 'closed')
      const open = f.twin({ signUp: { mode: 'invitation', roles: [], login: 'address' } })
      assert.equal(await why(f.twin({ signUp: open.signUp, outbox: undefined })), 'no-mail')
      assert.equal(await why(open, { address: 'ada' }), 'address-invalid')
      assert.equal(await why(open, { name: '\0' }), 'name-invalid')
      assert.equal(await why(open), 'ok')
    })
  })
}
