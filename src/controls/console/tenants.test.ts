import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type Ran } from '../../../test/support/exchange.ts'
import { Secret } from '../../crypto/secret.ts'
import { Principal } from '../../engine/facts.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { consolePages } from './console.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const LIST = '/account/tenants'
const CLI = { kind: 'system', id: 'test' } as const
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }

async function start(everywhere?: object) {
  const world = await testAccounts()
  open.push(world)
  const [ada, eve] = [await world.addUser('ada'), await world.addUser('eve')]
  const { tenants } = world.accounts
  const [one, two] = [
    await tenants.create({ name: 'One & <b>', ownerId: ada.id }, CLI),
    await tenants.create({ name: 'Two', ownerId: eve.id }, CLI),
  ]
  assert.ok(one.ok && two.ok)
  const list = [client, headers, target, body, session, csrf, authenticate, consolePages, authorize]
  const { run } = startControls(list, { console: { tenants: true }, authorize: { everywhere } }, world.surroundings)

  async function person(login: string) {
    const result = await world.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
    assert.ok(result.ok)
    let cookie = `__Host-hf_sid=${result.token.reveal()}`
    async function send(method: string, path: string, value?: object, as: 'form' | 'json' = 'form'): Promise<Ran> {
      const type = as === 'json' ? 'application/json' : 'application/x-www-form-urlencoded'
      const text = as === 'json' ? JSON.stringify(value) : new URLSearchParams(value as Record<string, string>).toString()
      const ran = await run({
        ...{ method, target: path },
        headers: {
          ...{ 'sec-fetch-site': 'same-origin', cookie },
          ...(as === 'json' && { accept: 'application/json' }),
          ...(value && { 'content-type': type }),
        },
        ...(value && { body: text }),
      })
      const held = ran.cookies.find((line) => line.startsWith('__Host-hf_sid='))
      if (held !== undefined) cookie = held.split(';')[0]!
      return ran
    }
    return { send, cookie: () => cookie, id: result.principal.id }
  }

  return { ...world, run, person, tenants, one: one.tenant.id, two: two.tenant.id }
}

const seen = ({ reply }: Ran) => [reply?.status, reply?.denial?.code]

describe('the page of tenants', () => {
  it('shows those one belongs to, and lets the session act in one, with a new token', async () => {
    const { person, one } = await start()
    const ada = await person('ada')
    const shown = (await ada.send('GET', LIST)).reply!.body!
    assert.match(shown, /One &amp; &lt;b&gt;/)
    assert.doesNotMatch(shown, /Two/)
    const before = ada.cookie()
    const chosen = await ada.send('POST', `${LIST}/choose`, { tenant: one })
    assert.deepEqual([chosen.reply?.status, chosen.reply?.head?.['location']], [303, LIST])
    assert.notEqual(ada.cookie(), before)
    const next = await ada.send('GET', '/x')
    assert.deepEqual(next.x.get(Principal)?.tenant?.id, one)
    assert.match((await ada.send('GET', LIST)).reply!.body!, /You act in <b>One/)
    await ada.send('POST', `${LIST}/choose`, { tenant: '' })
    assert.equal((await ada.send('GET', '/x')).x.get(Principal)?.tenant, undefined)
  })

  it('does the same in JSON', async () => {
    const { person, one } = await start()
    const ada = await person('ada')
    assert.equal((await ada.send('POST', `${LIST}/choose`, { tenant: one }, 'json')).reply?.body, '{"ok":true}')
    const { reply } = await ada.send('GET', LIST, undefined, 'json')
    assert.deepEqual(JSON.parse(reply!.body!), {
      tenants: [{ id: one, name: 'One & <b>', roles: ['owner'], active: true, manages: true }],
    })
    assert.deepEqual(seen(await ada.send('POST', `${LIST}/leave`, { tenant: one }, 'json')), [409, 'last-owner'])
  })

  it('answers of a tenant of others as of none, whatever one does with it (L95)', async () => {
    const { person, two, tenants, accounts } = await start()
    const ada = await person('ada')
    for (const named of [two, 'nobody', '%', `${two}'--`, 'x'.repeat(5000)])
      for (const act of ['choose', 'leave'])
        for (const as of ['form', 'json'] as const) {
          const ran = await ada.send('POST', `${LIST}/${act}`, { tenant: named }, as)
          assert.deepEqual(seen(ran), [404, 'not-found'], `${act} ${named.slice(0, 40)}`)
        }
    assert.equal((await tenants.members(two)).length, 1)
    assert.equal((await ada.send('GET', '/x')).x.get(Principal)?.tenant, undefined)
    assert.equal((await accounts.sessions.list(ada.id, 0)).length, 1)
  })

  it('lets one leave, who then acts in none; the last owner stays', async () => {
    const { person, one, tenants, accounts } = await start()
    const ada = await person('ada')
    const eve = await accounts.users.byLogin('eve')
    const last = await ada.send('POST', `${LIST}/leave`, { tenant: one })
    assert.equal(last.reply?.status, 409)
    assert.match(last.reply.body!, /last owner/)
    await tenants.add(one, eve!.id, ['owner'], CLI)
    await ada.send('POST', `${LIST}/choose`, { tenant: one })
    assert.equal((await ada.send('POST', `${LIST}/leave`, { tenant: one })).reply?.status, 303)
    assert.equal((await ada.send('GET', '/x')).x.get(Principal)?.tenant, undefined)
    assert.match((await ada.send('GET', LIST)).reply!.body!, /You belong to no organisation/)
  })

  it('is where a route that asks for a tenant finds one, by the roles there alone', async () => {
    const { person, one, tenants } = await start({ tenant: true, permission: 'notes:write' })
    const ada = await person('ada')
    assert.deepEqual(seen(await ada.send('GET', '/x')), [403, 'tenant-required'])
    await ada.send('POST', `${LIST}/choose`, { tenant: one })
    assert.equal((await ada.send('GET', '/x')).reply, undefined)
    const eve = await person('eve')
    await tenants.add(one, eve.id, ['member'], CLI)
    await eve.send('POST', `${LIST}/choose`, { tenant: one })
    assert.deepEqual(seen(await eve.send('GET', '/x')), [403, 'not-permitted'])
  })

  it('refuses other methods, and is not there unless there are tenants', async () => {
    const { person, run } = await start()
    const ada = await person('ada')
    assert.deepEqual(seen(await ada.send('GET', `${LIST}/choose`)), [405, 'method-not-allowed'])
    assert.deepEqual(seen(await ada.send('POST', LIST, {})), [405, 'method-not-allowed'])
    assert.deepEqual(seen(await run({ target: LIST })), [401, 'sign-in-required'])
  })
})
