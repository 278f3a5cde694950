/** What sign-up must hold, on every database. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { Secret } from '../../crypto/secret.ts'
import { ownerOf, readAddress } from '../addresses/addresses.ts'
import { CLI, from, fullHasher, type Open } from '../fixture.contract.ts'
import { DAY, ADA, newcomers } from './fixture.contract.ts'

export function newcomersContract(name: string, open: Open, skip: string | false = false): void {
  const start = newcomers(open)

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
}
