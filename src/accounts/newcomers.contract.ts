/** What every database must do with sign-up, invitations, and the proof of an address. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../test/support/race.ts'
import { Secret } from '../crypto/secret.ts'
import { ownerOf, readAddress } from './addresses.ts'
import type { AccountsSetting } from './accounts.ts'
import { CLI, fixture, from, fullHasher, PASSWORD, type Fixture, type Open } from './fixture.contract.ts'
import type { NewInvitation, SignUpPolicy } from './newcomer-types.ts'

const DAY = 86_400_000
const ADA = 'ada@example.org'
const ROLES = { admin: ['*'], host: ['users:invite', 'notes:*'], member: ['notes:read'], auditor: [] }

export function newcomersContract(name: string, open: Open, skip: string | false = false): void {
  async function start(policy: Partial<SignUpPolicy> = {}, setting: Partial<AccountsSetting> = {}) {
    const signUp: SignUpPolicy = { mode: 'open', roles: ['member'], login: 'address', ...policy }
    const f = await fixture(open, { roles: ROLES, signUp, ...setting })
    const { signUp: door, invitation, verifyAddress } = f.accounts.doors
    const asked = async (address = ADA, network = '192.0.2.7') => {
      assert.deepEqual(await door.ask(address, from(network)), { ok: true })
      return f.tokenOf(await f.letters(), 'sign-up')
    }
    const account = (token: string, more: object = {}) => ({
      ...{ token, login: '', name: 'Ada', password: new Secret(PASSWORD) },
      ...more,
    })
    const invited = async (more: Partial<NewInvitation> = {}) => {
      const made = await f.accounts.invitations.create({ address: ADA, roles: ['member'], invitedBy: CLI, ...more })
      assert.ok(made.ok, JSON.stringify(made))
      const letters = await f.letters()
      return { ...made.invitation, token: f.tokenOf(letters, letters.at(-1)!.letter), letter: letters.at(-1)!.letter }
    }
    return { ...f, door, invitation, verifyAddress, asked, account, invited }
  }

  describe(`sign-up on ${name}`, { skip }, () => {
    it('makes no user before the letter was read, and then one with that address, verified (L28, L41)', async () => {
      const f = await start()
      const token = await f.asked('Ada@Example.ORG')
      assert.equal(await f.accounts.users.count(), 0)
      assert.deepEqual(await f.door.read(token), { address: 'Ada@example.org' })
      f.takeEvents()
      const made = await f.door.complete(f.account(token), from())
      assert.ok(made.ok, JSON.stringify(made))
      assert.deepEqual(f.takeEvents(), ['user_created', 'authn_login_success', 'session_created'])
      assert.deepEqual([made.principal.login, made.principal.name, made.principal.roles], ['Ada@example.org', 'Ada', ['member']])
      assert.deepEqual([made.session.aal, made.principal.amr], [1, ['pwd']])
      assert.equal((await ownerOf(f.database.kysely, readAddress(ADA)!))?.userId, made.principal.id)
      assert.ok((await f.signIn(ADA)).ok)
    })

    it('lets one of 20 with the same link win, and the link is over (L25)', async () => {
      const f = await start()
      const token = await f.asked()
      const results = await race(20, (index) => f.door.complete(f.account(token), from(`198.51.100.${index}`)))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.equal(await f.accounts.users.count(), 1)
      assert.equal(await f.door.read(token), undefined)
      assert.deepEqual(await f.door.complete(f.account(token), from()), { ok: false, reason: 'void' })
    })

    it('lets one of many links of one address win', async () => {
      const f = await start()
      const tokens = [await f.asked(), await f.asked(), await f.asked()]
      const results = await race(3, (index) => f.door.complete(f.account(tokens[index]!), from()))
      assert.equal(results.filter(({ ok }) => ok).length, 1)
      assert.ok(results.every((result) => result.ok || result.reason === 'taken'))
      assert.equal(await f.accounts.users.count(), 1)
    })

    it('does the same work and writes one letter for an address that is new, taken, asked for, disabled or only a login (L76)', async () => {
      const f = await start()
      const taken = await f.user('taken')
      await f.address(taken.id, 'taken@example.org')
      const gone = await f.user('gone')
      await f.address(gone.id, 'gone@example.org')
      await f.accounts.users.disable(gone.id, CLI)
      await f.address((await f.user('unverified')).id, 'unverified@example.org', false)
      await f.user('login@example.org')
      await f.asked('pending@example.org')
      const seen = []
      for (const name of ['new', 'taken', 'gone', 'unverified', 'login', 'pending']) {
        f.work.reset()
        f.takeEvents()
        const answer = await f.door.ask(`${name}@example.org`, from(`198.51.100.${name.length}`))
        const { counts } = f.work
        const work = { ...counts }
        const letters = await f.letters()
        const links = await f.database.kysely.selectFrom('hf_links').selectAll().execute()
        assert.equal(letters[0]?.to, `${name}@example.org`)
        assert.equal(letters[0]?.letter, ['taken', 'gone', 'login'].includes(name) ? 'already-have-account' : 'sign-up')
        seen.push(JSON.stringify([answer, work, letters.length, f.takeEvents(), links.length > 0]))
      }
      assert.equal(new Set(seen).size, 1, seen.join('\n'))
    })

    it('writes to the stored spelling of an owner, never to what was typed (L102)', async () => {
      const f = await start()
      await f.address((await f.user('taken')).id, 'Taken@example.org')
      await f.door.ask('TAKEN@EXAMPLE.org', from())
      assert.deepEqual(
        (await f.letters()).map(({ to }) => to),
        ['Taken@example.org'],
      )
      for (const odd of ['a@b.example,c@d.example', 'a\uFF20b.example', '', 'a@b@c.example', 'a@b.example\r\nBcc: c@d.example'])
        assert.deepEqual(await f.door.ask(odd, from()), { ok: false, reason: 'address-invalid' })
      assert.deepEqual(await f.letters(), [])
    })

    it('inherits nothing from an account that only claims the address (L12, L41)', async () => {
      const f = await start()
      const claimer = await f.user('claimer')
      await f.address(claimer.id, ADA, false)
      const made = await f.door.complete(f.account(await f.asked()), from())
      assert.ok(made.ok)
      assert.notEqual(made.principal.id, claimer.id)
      assert.deepEqual(await f.verifyAddress.of(claimer.id), { address: ADA, verified: false })
    })

    it('tells who has proved the address that it has an owner by now, and changes nothing of theirs', async () => {
      const f = await start()
      const token = await f.asked()
      const owner = await f.user('owner')
      await f.address(owner.id, ADA)
      assert.deepEqual(await f.door.complete(f.account(token), from()), { ok: false, reason: 'taken' })
      assert.equal(await f.accounts.users.count(), 1)
      const other = await start()
      const again = await other.asked()
      await other.user(ADA)
      assert.deepEqual(await other.door.complete(other.account(again), from()), { ok: false, reason: 'taken' })
    })

    it('ends on time, and is nothing when cut, empty or of another purpose (L34, L35, L37, L39)', async () => {
      const f = await start()
      const token = await f.asked()
      const invitation = await f.invited({ address: 'bob@example.org' })
      for (const odd of ['', '0', 'null', token.slice(1), invitation.token]) {
        assert.equal(await f.door.read(odd), undefined)
        assert.deepEqual(await f.door.complete(f.account(odd), from()), { ok: false, reason: 'void' })
      }
      assert.equal(await f.invitation.read(token), undefined)
      f.clock.now += DAY
      assert.equal(await f.door.read(token), undefined)
      assert.deepEqual(await f.door.complete(f.account(token), from()), { ok: false, reason: 'void' })
      assert.equal(await f.accounts.users.count(), 0)
    })

    it('keeps the link when the password or the name will not do (L105)', async () => {
      const f = await start()
      const token = await f.asked()
      const why = async (more: object) => {
        const result = await f.door.complete(f.account(token, more), from())
        return result.ok ? 'ok' : result.reason
      }
      assert.equal(await why({ password: new Secret('') }), 'too-short')
      assert.equal(await why({ password: new Secret('short') }), 'too-short')
      assert.equal(await why({ name: '' }), 'name-invalid')
      assert.equal(await why({ name: 'a\nb' }), 'name-invalid')
      const busy = f.twin({ hasher: fullHasher })
      assert.deepEqual(await busy.doors.signUp.complete(f.account(token), from()), { ok: false, reason: 'busy', retryAfter: 3 })
      assert.equal(await why({}), 'ok')
    })

    it('lets people choose a name where it says so, and counts guesses of names that are taken', async () => {
      const f = await start({ login: 'name' })
      await f.user('bob')
      const token = await f.asked()
      assert.deepEqual(await f.door.complete(f.account(token, { login: 'BOB' }), from()), { ok: false, reason: 'login-taken' })
      assert.deepEqual(await f.door.complete(f.account(token, { login: 'a b' }), from()), { ok: false, reason: 'login-invalid' })
      let answer = await f.door.complete(f.account(token, { login: 'bob' }), from())
      for (let count = 0; count < 30 && !answer.ok && answer.reason === 'login-taken'; count++)
        answer = await f.door.complete(f.account(token, { login: 'bob' }), from())
      assert.equal(answer.ok || answer.reason, 'throttled')
      const made = await f.door.complete(f.account(token, { login: 'ada' }), from('203.0.113.9'))
      assert.ok(made.ok)
      assert.equal(made.principal.login, 'ada')
    })

    it('writes three letters an hour to a mailbox, of all doors together, and says nothing of it', async () => {
      const f = await start()
      for (let count = 0; count < 6; count++) assert.deepEqual(await f.door.ask(ADA, from(`198.51.100.${count}`)), { ok: true })
      assert.equal((await f.letters()).length, 3)
      assert.equal(f.takeEvents().filter((type) => type === 'authn_letter_held').length, 3)
      const { invitations } = f.accounts
      assert.deepEqual(await invitations.create({ address: 'ADA@example.org', invitedBy: CLI }), {
        ok: false,
        reason: 'too-many',
      })
      f.clock.now += 3_600_000
      await f.asked()
    })

    it('answers a network that asks too often 429, whatever it asks for', async () => {
      const f = await start()
      const answers = await race(40, (index) => f.door.ask(`a${index}@example.org`, from()))
      assert.equal(answers.filter(({ ok }) => ok).length, 30)
      assert.ok(answers.every((answer) => answer.ok || (answer.reason === 'throttled' && answer.retryAfter > 0)))
    })

    it('is closed to links from before it was closed', async () => {
      const f = await start()
      const token = await f.asked()
      for (const mode of ['closed', 'invitation'] as const) {
        const { signUp } = f.twin({ signUp: { mode, roles: [], login: 'address' } }).doors
        assert.deepEqual(await signUp.ask(ADA, from()), { ok: false, reason: 'closed' })
        assert.equal(await signUp.read(token), undefined)
        assert.deepEqual(await signUp.complete(f.account(token), from()), { ok: false, reason: 'void' })
      }
    })

    it('refuses at start-up a role that is not there, and one that administers', async () => {
      for (const roles of [['wizard'], ['admin'], ['__proto__']])
        await assert.rejects(start({ roles }), { code: 'HF_OPTION_INVALID' })
    })
  })

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

  describe(`the proof of an address on ${name}`, { skip }, () => {
    async function withAddress() {
      const f = await start()
      const bob = await f.user('bob')
      await f.address(bob.id, ADA, false)
      const send = async () => {
        assert.deepEqual(await f.verifyAddress.ask(bob.id, from()), { ok: true })
        const letters = await f.letters()
        assert.deepEqual(letters.at(-1)?.to, ADA)
        return f.tokenOf(letters, 'verify-address')
      }
      return { ...f, bob, send }
    }

    it('verifies by the link, signs nobody in, and is done once (L25)', async () => {
      const f = await withAddress()
      const token = await f.send()
      assert.deepEqual(await f.verifyAddress.read(token), { address: ADA, login: 'bob' })
      const results = await race(20, () => f.verifyAddress.confirm(token, from()))
      assert.deepEqual(
        results.filter(({ ok }) => ok),
        [{ ok: true, address: ADA }],
      )
      assert.deepEqual(await f.verifyAddress.of(f.bob.id), { address: ADA, verified: true })
      assert.deepEqual(await f.verifyAddress.ask(f.bob.id, from()), { ok: false, reason: 'verified' })
      assert.deepEqual(await f.accounts.sessions.list(f.bob.id, f.clock.now), [])
    })

    it('is void when the account has another address by then (L28, L40), and back with the old one is still void', async () => {
      const f = await withAddress()
      const token = await f.send()
      await f.address(f.bob.id, 'other@example.org', false)
      assert.equal(await f.verifyAddress.read(token), undefined)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'void' })
      await f.address(f.bob.id, ADA, false)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'void' })
      assert.equal((await f.verifyAddress.of(f.bob.id))?.verified, false)
    })

    it('is void when another letter was asked for, in time, and for who is disabled (L35, L37)', async () => {
      const f = await withAddress()
      const first = await f.send()
      const second = await f.send()
      assert.equal(await f.verifyAddress.read(first), undefined)
      for (const odd of ['', '0', 'null', second.slice(1)])
        assert.deepEqual(await f.verifyAddress.confirm(odd, from()), { ok: false, reason: 'void' })
      await f.accounts.users.disable(f.bob.id, CLI)
      assert.equal(await f.verifyAddress.read(second), undefined)
      assert.deepEqual(await f.verifyAddress.confirm(second, from()), { ok: false, reason: 'void' })
      await f.accounts.users.enable(f.bob.id, CLI)
      const third = await f.send()
      f.clock.now += DAY
      assert.deepEqual(await f.verifyAddress.confirm(third, from()), { ok: false, reason: 'void' })
    })

    it('gives an address to one of two who claim it', async () => {
      const f = await withAddress()
      const token = await f.send()
      await f.address((await f.user('other')).id, ADA, true)
      assert.deepEqual(await f.verifyAddress.confirm(token, from()), { ok: false, reason: 'taken' })
      assert.equal((await f.verifyAddress.of(f.bob.id))?.verified, false)
    })

    it('says to a user without an address that there is none, and holds back letters after three', async () => {
      const f = await withAddress()
      assert.deepEqual(await f.verifyAddress.ask((await f.user('none')).id, from()), { ok: false, reason: 'none' })
      for (let count = 0; count < 5; count++) await f.verifyAddress.ask(f.bob.id, from())
      assert.equal((await f.letters()).length, 3)
    })
  })
}
