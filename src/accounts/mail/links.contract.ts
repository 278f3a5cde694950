/** What every database must do with links and addresses. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { race } from '../../../test/support/race.ts'
import { randomToken } from '../../crypto/random.ts'
import { addressOf, AddressTaken, ownerOf, readAddress, setAddress } from '../addresses/addresses.ts'
import { fixture, type Open } from '../fixture.contract.ts'
import { createLinks, type LinkPurpose } from './links.ts'

export function linksContract(name: string, open: Open, skip: string | false = false): void {
  async function setUp() {
    const { database, clock, user } = await fixture(open)
    const links = createLinks({ database, random: randomToken, now: () => clock.now })
    const issue = async (purpose: LinkPurpose, userId?: string) =>
      (
        await database.transaction((tx) =>
          links.issue(tx, { purpose, userId, address: 'a@example.org', data: { n: 1 }, life: 60_000 }),
        )
      ).reveal()
    const consume = (purpose: LinkPurpose, token: string) => database.transaction((tx) => links.consume(tx, purpose, token))
    return { database, clock, user, links, issue, consume }
  }

  describe(`links on ${name}`, { skip }, () => {
    it('are good once, and one of 20 at the same moment wins (L25)', async () => {
      const { issue, consume, links } = await setUp()
      const token = await issue('recover')
      assert.equal((await links.read('recover', token))?.address, 'a@example.org')
      const results = await race(20, () => consume('recover', token))
      assert.equal(results.filter((result) => result !== undefined).length, 1)
      assert.equal(await links.read('recover', token), undefined)
    })

    it('are nothing for another purpose, cut, changed or empty (L34, L37, L39)', async () => {
      const { issue, consume, links } = await setUp()
      const token = await issue('recover')
      const changed = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`
      for (const other of [token.slice(1), changed, '', '0', `${token} `, token.toUpperCase()])
        assert.equal(await links.read('recover', other), undefined)
      assert.equal(await consume('magic-link', token), undefined)
      assert.deepEqual((await consume('recover', token))?.data, { n: 1 })
    })

    it('end at their time, on reading as on use (L35), and are swept', async () => {
      const { issue, consume, links, clock, database } = await setUp()
      const token = await issue('recover')
      clock.now += 60_000
      assert.equal(await links.read('recover', token), undefined)
      assert.equal(await consume('recover', token), undefined)
      assert.equal(await links.sweep(clock.now), 1)
      assert.equal((await database.kysely.selectFrom('hf_links').selectAll().execute()).length, 0)
    })

    it('come back when what they were used for is rolled back', async () => {
      const { issue, links, database } = await setUp()
      const token = await issue('recover')
      await assert.rejects(
        database.transaction(async (tx) => {
          await links.consume(tx, 'recover', token)
          throw new Error('no')
        }),
      )
      assert.ok(await links.read('recover', token))
    })

    it('end by user and purpose', async () => {
      const { user, issue, links, database } = await setUp()
      const [{ id: one }, { id: two }] = [await user('one'), await user('two')]
      const [kept, ended, others] = [await issue('unlock', one), await issue('recover', one), await issue('recover', two)]
      assert.equal(await database.transaction((tx) => links.end(tx, one, ['recover', 'magic-link'])), 1)
      assert.deepEqual(
        [await links.read('unlock', kept), await links.read('recover', ended), await links.read('recover', others)].map(Boolean),
        [true, false, true],
      )
      assert.equal(await database.transaction((tx) => links.end(tx, one)), 1)
    })
  })

  describe(`addresses on ${name}`, { skip }, () => {
    it('have one owner once they are verified, and any number of askers before (L41, L96)', async () => {
      const { database, user } = await setUp()
      const [{ id: one }, { id: two }] = [await user('one'), await user('two')]
      const address = readAddress('Bob@Example.ORG')!
      const set = (id: string, at?: number) => database.transaction((tx) => setAddress(tx, id, address, at))
      await set(one)
      await set(two)
      assert.equal(await ownerOf(database.kysely, address), undefined)
      await set(two, 5)
      assert.deepEqual(await ownerOf(database.kysely, readAddress('bob@example.org')!), {
        userId: two,
        text: 'Bob@example.org',
        key: 'bob@example.org',
        verifiedAt: 5,
      })
      await assert.rejects(set(one, 6), AddressTaken)
      assert.equal((await addressOf(database.kysely, one))?.verifiedAt, undefined)
    })

    it('are read in one spelling, and not where a mailer could read two (L102)', () => {
      const refused = [
        '',
        'a',
        '@b.example',
        'a@b',
        'a@b.example,c@d.example',
        'a@b.example@c.example',
        'a\uFF20b.example',
        'a b@c.example',
        '"a b"@c.example',
        'a@b..example',
        'a@-b.example',
        'a.@b.example',
        'a@b.example\r\nBcc: c@d.example',
        `${'a'.repeat(65)}@b.example`,
        `a@${'b'.repeat(64)}.example`,
        `a@${'b.'.repeat(130)}example`,
        '<a@b.example>',
        'a@bücher.example',
      ]
      assert.deepEqual(
        refused.filter((typed) => readAddress(typed) !== undefined),
        [],
      )
      assert.deepEqual(readAddress(' A.b+c@D.Example '), { text: 'A.b+c@d.example', key: 'a.b+c@d.example' })
    })
  })
}
