import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type Ran } from '../../../test/support/exchange.ts'
import { Secret } from '../../crypto/secret.ts'
import { Principal } from '../../engine/facts.ts'
import { apiKeys } from '../api-keys/api-keys.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { consolePages } from './console.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const LIST = '/account/keys'

async function start(keys = true) {
  const world = await testAccounts()
  open.push(world)
  await world.addUser('ada', ['admin'])
  await world.addUser('eve')
  const list = [client, headers, target, body, session, apiKeys, csrf, authenticate, consolePages]
  const { run } = startControls(list, { console: { keys, tenants: true }, apiKeys: { accept: 'everywhere' } }, world.surroundings)
  const post = (path: string, cookie: string | undefined, fields: Record<string, string>, more: Record<string, string> = {}) =>
    run({
      method: 'POST',
      target: path,
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', cookie, ...more },
      body: new URLSearchParams(fields).toString(),
    })
  return {
    ...world,
    run,
    post,
    get: (path: string, cookie?: string, more: Record<string, string> = {}) =>
      run({ target: path, headers: { cookie, ...more } }),
    json: (path: string, cookie: string, value: unknown) =>
      run({
        method: 'POST',
        target: path,
        headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json', cookie },
        body: JSON.stringify(value),
      }),
    async signIn(login: string) {
      const from = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
      const result = await world.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, from)
      assert.ok(result.ok)
      return { cookie: `__Host-hf_sid=${result.token.reveal()}`, userId: result.principal.id }
    },
  }
}

const seen = ({ reply }: Ran) => [reply?.status, reply?.denial?.code]
const keyIn = ({ reply }: Ran) => /id="made" value="(hf_key_\w+)"/.exec(reply?.body ?? '')?.[1]

describe('the page of API keys', () => {
  it('makes a key, shows it once, lists it without what proves it, and ends it', async () => {
    const { get, post, run, signIn } = await start()
    const { cookie } = await signIn('ada')
    const made = await post(`${LIST}/create`, cookie, { name: 'export', days: '7', 'scope:*': 'on' })
    const text = keyIn(made)
    assert.ok(made.reply?.status === 200 && text !== undefined)
    assert.equal(made.head.get('cache-control'), 'no-store')
    const ask = () => run({ target: '/x', headers: { authorization: `Bearer ${text}` } })
    assert.equal((await ask()).reply, undefined)

    const listed = (await get(LIST, cookie)).reply!.body!
    assert.match(listed, /<b>export<\/b>/)
    assert.equal(listed.includes(text.slice(20)), false)
    const id = /name="key" value="(\w+)"/.exec(listed)![1]!
    const ended = await post(`${LIST}/revoke`, cookie, { key: id })
    assert.deepEqual([ended.reply?.status, ended.reply?.head?.['location']], [303, LIST])
    assert.deepEqual(seen(await ask()), [401, 'invalid-token'])
  })

  it('does the same in JSON', async () => {
    const { get, json, signIn, accounts } = await start()
    const { cookie, userId } = await signIn('ada')
    const { reply } = await json(`${LIST}/create`, cookie, { name: 'export', days: '30', scopes: 'notes:read notes:write' })
    const { key, text } = JSON.parse(reply!.body!) as { key: { id: string; scopes: string[] }; text: string }
    assert.deepEqual([reply?.status, key.scopes, text.includes(key.id)], [201, ['notes:read', 'notes:write'], true])
    const listed = await get(LIST, cookie, { accept: 'application/json' })
    const { keys } = JSON.parse(listed.reply!.body!) as { keys: { id: string }[] }
    assert.deepEqual([keys.length, keys[0]!.id, listed.reply!.body!.includes(text.slice(20))], [1, key.id, false])
    assert.equal((await json(`${LIST}/revoke`, cookie, { key: key.id })).reply?.body, '{"ok":true}')
    assert.equal((await accounts.apiKeys.list(userId, 0))[0]!.status, 'revoked')
    assert.deepEqual(seen(await json(`${LIST}/create`, cookie, { name: '' })), [422, 'key-refused'])
  })

  it('asks again who one is after ten minutes, before it makes a key', async () => {
    const { clock, get, post, signIn, accounts } = await start()
    const { cookie, userId } = await signIn('ada')
    clock.now += 600_001
    const { reply } = await get(LIST, cookie)
    assert.match(reply!.body!, /href="\/login\/again\?next=%2Faccount%2Fkeys"/)
    assert.doesNotMatch(reply!.body!, /keys\/create/)
    assert.deepEqual(seen(await post(`${LIST}/create`, cookie, { name: 'x' })), [401, 'recent-proof-required'])
    assert.deepEqual(await accounts.apiKeys.list(userId, 0), [])
  })

  it('offers what one may and refuses the rest, at the field', async () => {
    const { get, post, signIn, addUser } = await start()
    await addUser('bob')
    const { cookie } = await signIn('eve')
    assert.doesNotMatch((await get(LIST, cookie)).reply!.body!, /scope:/)
    assert.match((await get(LIST, (await signIn('ada')).cookie)).reply!.body!, /name="scope:\*"/)
    const cases = [
      [{ name: '' }, 'name'],
      [{ name: 'x', days: '9999' }, 'days'],
      [{ name: 'x', scopes: '*' }, 'scopes'],
      [{ name: 'x', scopes: 'NO' }, 'scopes'],
    ] as const
    for (const [fields, at] of cases) {
      const { reply } = await post(`${LIST}/create`, cookie, fields)
      assert.equal(reply?.status, 422)
      assert.match(reply.body!, new RegExp(`href="#${at}"`))
      assert.match(reply.body!, new RegExp(`id="${at}"`))
    }
    assert.equal((await post(`${LIST}/create`, cookie, { name: 'x', 'scope:*': 'on' })).reply?.status, 200)
    assert.equal((await post(`${LIST}/create`, cookie, { name: 'x' })).reply?.status, 422)
  })

  it('ends nobody else’s, and answers as if there were none', async () => {
    const { post, signIn, accounts } = await start()
    const [ada, eve] = [await signIn('ada'), await signIn('eve')]
    await post(`${LIST}/create`, ada.cookie, { name: 'x' })
    const [key] = await accounts.apiKeys.list(ada.userId, 0)
    for (const id of [key!.id, 'nonsense', '', '%']) {
      const ran = await post(`${LIST}/revoke`, eve.cookie, { key: id })
      assert.deepEqual(seen(ran), [404, 'not-found'])
      assert.deepEqual(
        ran.events.map(({ type }) => type),
        ['authz_fail'],
      )
    }
    assert.equal((await accounts.apiKeys.list(ada.userId, 0))[0]!.status, 'active')
  })

  it('makes a key for an organisation of one’s own, with what one may there, and for no other', async () => {
    const { get, post, json, run, signIn, accounts } = await start()
    const [ada, eve] = [await signIn('ada'), await signIn('eve')]
    const SYSTEM = { kind: 'system', id: 'test' } as const
    const made = await accounts.tenants.create({ name: 'Acme & <b>', ownerId: eve.userId }, SYSTEM)
    assert.ok(made.ok)
    const { id } = made.tenant
    assert.match((await get(LIST, eve.cookie)).reply!.body!, new RegExp(`tenant=${id}">Make one for Acme &amp; &lt;b&gt;</a>`))
    assert.doesNotMatch((await get(LIST, ada.cookie)).reply!.body!, /Make one for/)
    const form = (await get(`${LIST}?tenant=${id}`, eve.cookie)).reply!.body!
    assert.match(form, new RegExp(`name="tenant" value="${id}"`))
    assert.match(form, /name="scope:\*"/, 'an owner there may everything there')

    const text = keyIn(await post(`${LIST}/create`, eve.cookie, { name: 'export', tenant: id, 'scope:*': 'on' }))
    const asked = await run({ target: '/x', headers: { authorization: `Bearer ${text}` } })
    assert.deepEqual([asked.x.get(Principal)?.tenant?.id, asked.x.get(Principal)?.permissions.size], [id, 0])
    assert.match((await get(LIST, eve.cookie)).reply!.body!, /In Acme &amp; &lt;b&gt; alone: /)
    const listed = JSON.parse((await get(LIST, eve.cookie, { accept: 'application/json' })).reply!.body!) as { keys: object[] }
    assert.equal((listed.keys[0] as { tenant: string }).tenant, id)

    // Of somebody who does not belong to it, as of one that is none.
    for (const tenant of [id, 'nothing'])
      for (const ran of [
        await json(`${LIST}/create`, ada.cookie, { name: 'x', tenant }),
        await post(`${LIST}/create`, ada.cookie, { name: 'x', tenant }),
        await get(`${LIST}?tenant=${tenant}`, ada.cookie),
      ])
        assert.deepEqual(seen(ran), [404, 'not-found'])
    assert.deepEqual(await accounts.apiKeys.list(ada.userId, 0), [])
    await accounts.tenants.delete(id, SYSTEM)
    assert.match((await get(LIST, eve.cookie)).reply!.body!, /revoked[^]*In an organisation that you left alone: /)
  })

  it('is for people: nobody and programs are refused, and other methods', async () => {
    const { get, post, run, signIn } = await start()
    const { cookie } = await signIn('ada')
    const text = keyIn(await post(`${LIST}/create`, cookie, { name: 'x', 'scope:*': 'on' }))!
    for (const path of [LIST, '/account/sessions']) {
      const asked = await run({ target: path, headers: { authorization: `Bearer ${text}` } })
      assert.deepEqual(seen(asked), [403, 'interactive-required'], path)
    }
    const made = await post(`${LIST}/create`, undefined, { name: 'y' }, { authorization: `Bearer ${text}` })
    assert.deepEqual(seen(made), [403, 'interactive-required'])
    assert.deepEqual(seen(await get(LIST)), [401, 'sign-in-required'])
    assert.deepEqual(seen(await get(`${LIST}/create`, cookie)), [405, 'method-not-allowed'])
    assert.deepEqual(seen(await post(LIST, cookie, {})), [405, 'method-not-allowed'])
    assert.equal((await get(`${LIST}x`, cookie)).reply, undefined)
  })

  it('is not there, and linked from nowhere, unless keys are accepted somewhere', async () => {
    const { get, signIn } = await start(false)
    const { cookie } = await signIn('ada')
    assert.equal((await get(LIST, cookie)).reply, undefined)
    assert.doesNotMatch((await get('/account/sessions', cookie)).reply!.body!, /keys/)
    const other = await start()
    assert.match(
      (await other.get('/account/sessions', (await other.signIn('ada')).cookie)).reply!.body!,
      /href="\/account\/keys"/,
    )
  })
})
