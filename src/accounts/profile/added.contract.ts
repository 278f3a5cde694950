/** "This was not me" against who had time to settle in: what they added does not bring them back, and a mailbox alone takes no factor away. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { enrol } from '../../../test/support/second-factor.ts'
import { Secret } from '../../crypto/secret.ts'
import { CLI, fixture, from, OTHER_PASSWORD, type Open } from '../fixture.contract.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const THEIRS = { provider: 'idp', issuer: 'https://id.example', subject: 'eve', shown: 'eve@example.org', strong: false }

/** An owner with a mailbox; somebody else is in since yesterday evening. */
async function world(open: Open) {
  const f = await fixture(open)
  const { id } = await f.user('bob')
  await f.address(id, 'bob@mail.example')
  const { accounts, clock } = f
  async function letters() {
    await accounts.notices.sweep(clock.now)
    return await f.letters()
  }
  await f.session('bob')
  await letters()
  clock.now += 30 * DAY
  const kinds = async () => (await accounts.factors.of(id)).kinds
  /** The owner reads the last notice, and says that it was not them. */
  async function notMe(after = 0) {
    await accounts.credentials.setPassword(id, new Secret(OTHER_PASSWORD), CLI)
    const token = f.tokenOf(await letters(), 'notice')
    clock.now += after
    assert.deepEqual(await accounts.doors.notMe.act(token, from()), { ok: true })
    return (await letters()).map(({ data }) => data['what'] ?? '')
  }
  return { ...f, id, letters, kinds, notMe }
}

export function addedContract(name: string, open: Open, skip: string | false = false): void {
  describe(`what an intruder added, on ${name}`, { skip }, () => {
    it('goes with them: a linked provider, a first second factor, an API key; and the owner is told', async () => {
      const { accounts, session, id, kinds, notMe, clock } = await world(open)
      const intruder = await session('bob', from('203.0.113.9'))
      assert.ok((await accounts.identities.link(id, THEIRS, { kind: 'user', id })).ok)
      await accounts.apiKeys.create({ userId: id, name: 'a key', scopes: [] }, { kind: 'user', id })
      const { code } = await enrol(accounts, intruder.token.reveal(), () => clock.now)
      clock.now += 20 * HOUR
      const told = await notMe(2 * DAY)
      assert.ok(told.some((what) => what.startsWith('What was added')))
      assert.deepEqual([await kinds(), await accounts.identities.of(id)], [[], []])
      const door = accounts.doors.provider
      assert.equal((await door.signIn({ identity: THEIRS }, from())).ok, false)
      assert.ok((await accounts.apiKeys.list(id, clock.now)).every(({ status }) => status !== 'active'))
      assert.match(code(), /^\d{6}$/)
    })

    it('stays where it was there before: what is older than a day before it is the owner’s', async () => {
      const { accounts, session, id, kinds, letters, notMe, clock } = await world(open)
      assert.ok((await accounts.identities.link(id, THEIRS, { kind: 'user', id })).ok)
      await enrol(accounts, (await session('bob')).token.reveal(), () => clock.now)
      await letters()
      clock.now += DAY + 1
      const told = await notMe()
      assert.deepEqual(
        told.filter((what) => what.startsWith('What was added')),
        [],
      )
      assert.equal((await accounts.identities.of(id)).length, 1)
      assert.deepEqual(await kinds(), ['totp'], 'the codes on paper are void')
    })

    it('is not taken away by a mailbox alone, when it is the only factor and no longer young', async () => {
      const { accounts, session, kinds, notMe, clock } = await world(open)
      await enrol(accounts, (await session('bob')).token.reveal(), () => clock.now)
      clock.now += HOUR
      const told = await notMe(3 * DAY)
      assert.ok(told.some((what) => what.includes('is still there')))
      assert.deepEqual(await kinds(), ['totp'])
    })
  })
}
