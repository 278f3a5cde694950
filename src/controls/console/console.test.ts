import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { Secret } from '../../crypto/secret.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { consolePages, type ConsoleOptions } from './console.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

async function start(options: Partial<ConsoleOptions> = {}) {
  const world = await testAccounts()
  open.push(world)
  for (const login of ['ada', 'eve']) await world.addUser(login)
  const list = [client, headers, target, body, session, csrf, authenticate, consolePages]
  const running = startControls(list, { console: options }, { ...world.surroundings, routes: compileRoutes([], [], 0) })
  const send = (request: FakeRequest) => running.run(request)
  return {
    ...world,
    send,
    get: (path: string, cookie?: string) => send({ target: path, headers: { cookie } }),
    post: (path: string, cookie: string | undefined, fields: Record<string, string> = {}, more: Record<string, string> = {}) =>
      send({
        method: 'POST',
        target: path,
        headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', cookie, ...more },
        body: new URLSearchParams(fields).toString(),
      }),
    async signIn(login: string, userAgent = 'test') {
      const from = { address: '192.0.2.7', network: '192.0.2.7', userAgent }
      const result = await world.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, from)
      assert.ok(result.ok)
      return { cookie: `__Host-hf_sid=${result.token.reveal()}`, id: result.session.id }
    },
  }
}

const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])

describe('console', () => {
  it("lists one's own sessions, with device, address and door, and marks this one", async () => {
    const { get, signIn, addUser } = await start()
    await addUser('bob')
    const phone = await signIn('ada', 'Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0')
    const desk = await signIn('ada', '<script>alert(1)</script>')
    const eve = await signIn('eve')
    const { reply, head } = await get('/account/sessions', desk.cookie)
    assert.equal(reply?.status, 200)
    assert.match(reply.body!, /Firefox on Android/)
    assert.match(reply.body!, /192\.0\.2\.7/)
    assert.match(reply.body!, /<\/time> by\s+password\s/)
    assert.match(reply.body!, new RegExp(`name="session" value="${phone.id}"`))
    assert.equal(reply.body!.match(/This session/g)?.length, 1)
    assert.match(reply.body!, /action="\/account\/sessions\/end-others"/)
    assert.match(reply.body!, /href="\/logout"/)
    for (const hidden of [eve.id, '<script>', desk.cookie.split('=')[1]!, phone.cookie.split('=')[1]!]) {
      assert.equal(reply.body!.includes(hidden), false, hidden)
    }
    assert.equal(head.get('cache-control'), 'no-store')
  })

  it('ends one session', async () => {
    const { get, post, signIn } = await start()
    const [phone, desk] = [await signIn('ada'), await signIn('ada')]
    goesTo(await post('/account/sessions/end', desk.cookie, { session: phone.id }), '/account/sessions')
    isDenied(await get('/account/sessions', phone.cookie), 401, 'sign-in-required')
    assert.equal((await get('/account/sessions', desk.cookie)).reply?.status, 200)
  })

  it('ends nobody else’s, and answers as if there were none', async () => {
    const { get, post, signIn } = await start()
    const [eve, ada] = [await signIn('eve'), await signIn('ada')]
    for (const id of [ada.id, 'nothing', '', 'x'.repeat(5000)]) {
      const ran = await post('/account/sessions/end', eve.cookie, { session: id })
      isDenied(ran, 404, 'not-found')
      assert.deepEqual(
        ran.events.map(({ type, principal }) => [type, principal === undefined]),
        [['authz_fail', false]],
      )
    }
    assert.equal((await get('/account/sessions', ada.cookie)).reply?.status, 200)
  })

  it("ends all others, or all, or one's own, and then lets the browser forget", async () => {
    const { get, post, signIn } = await start()
    const [a, b, c] = [await signIn('ada'), await signIn('ada'), await signIn('ada')]
    goesTo(await post('/account/sessions/end-others', b.cookie), '/account/sessions')
    for (const { cookie } of [a, c]) isDenied(await get('/account/sessions', cookie), 401, 'sign-in-required')

    const own = await post('/account/sessions/end', b.cookie, { session: b.id })
    goesTo(own, '/login?signed-out')
    assert.match(own.cookies[0]!, /^__Host-hf_sid=; Path=\/; Max-Age=0/)
    assert.equal(own.head.get('clear-site-data'), '"cache", "cookies", "storage"')
    isDenied(await get('/account/sessions', b.cookie), 401, 'sign-in-required')

    const [d, e] = [await signIn('ada'), await signIn('ada')]
    goesTo(await post('/account/sessions/end-everywhere', d.cookie), '/login?signed-out')
    for (const { cookie } of [d, e]) isDenied(await get('/account/sessions', cookie), 401, 'sign-in-required')
  })

  it('is closed to nobody, to other sites and to other methods', async () => {
    const { get, post, send, signIn } = await start()
    const { cookie } = await signIn('ada')
    isDenied(await get('/account/sessions'), 401, 'sign-in-required')
    isDenied(await post('/account/sessions/end-others', undefined), 401, 'sign-in-required')
    isDenied(await post('/account/sessions/end-others', cookie, {}, { 'sec-fetch-site': 'cross-site' }), 403, 'csrf-refused')
    const list = await post('/account/sessions', cookie)
    isDenied(list, 405, 'method-not-allowed')
    assert.equal(list.reply?.head?.['allow'], 'GET, HEAD')
    const end = await get('/account/sessions/end', cookie)
    isDenied(end, 405, 'method-not-allowed')
    assert.equal(end.reply?.head?.['allow'], 'POST')
    const put = await send({
      method: 'PUT',
      target: '/account/sessions/end',
      headers: { cookie, 'sec-fetch-site': 'same-origin' },
    })
    isDenied(put, 405, 'method-not-allowed')
  })

  it('refuses nobody by itself when authenticate is off', async () => {
    const world = await testAccounts()
    open.push(world)
    const { run } = startControls([client, headers, target, session, consolePages], {}, world.surroundings)
    isDenied(await run({ target: '/account/sessions' }), 401, 'sign-in-required')
  })

  it('leaves every other path alone', async () => {
    const { get, signIn } = await start()
    const { cookie } = await signIn('ada')
    for (const path of ['/account', '/account/sessionsx', '/account/sessions/', '/account/sessions/x', '/Account/sessions']) {
      assert.equal((await get(path, cookie)).reply, undefined, path)
    }
  })

  it('speaks JSON with those who would rather have it', async () => {
    const { post, signIn } = await start()
    const { cookie } = await signIn('ada')
    const { reply } = await post('/account/sessions/end-others', cookie, {}, { accept: 'application/json' })
    assert.deepEqual([reply?.status, reply?.body], [200, '{"ok":true}'])
  })

  it('moves, and refuses paths that could not be met', async () => {
    const { get, signIn } = await start({ path: '/me', brand: 'Acme', signOutPath: '/leave' })
    const { cookie } = await signIn('ada')
    const { reply } = await get('/me/sessions', cookie)
    assert.match(reply!.body!, /href="\/leave"/)
    assert.match(reply!.body!, /Acme/)
    for (const path of ['me', '/', '/me/', '//me', '/m e']) {
      assert.throws(() => consolePages.options({ path }), /HF_OPTION_INVALID: console\.path/, path)
    }
    assert.throws(() => consolePages.options({ brand: '' }), /brand/)
  })
})
