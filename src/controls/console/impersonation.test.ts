import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type Ran } from '../../../test/support/exchange.ts'
import { Secret } from '../../crypto/secret.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { memoryStore } from '../../store/memory.ts'
import { RequestView } from '../../view.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { kitRoutes, readSignInOptions, signIn } from '../sign-in/sign-in.ts'
import { target } from '../target/target.ts'
import { consolePages } from './console.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const PAGE = '/account/impersonation'
const HALF_AN_HOUR = 1_800_000
const FROM = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }

async function start({ write = false, everywhere }: { write?: boolean; everywhere?: object } = {}) {
  const world = await testAccounts({ impersonation: { life: HALF_AN_HOUR, write } })
  open.push(world)
  const [ada, bob] = [await world.addUser('ada', ['admin']), await world.addUser('bob')]
  const routes = compileRoutes(['/open', 'POST /open'], kitRoutes(readSignInOptions()), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn, consolePages, authorize]
  const options = { console: { impersonation: true, tenants: true }, authorize: { everywhere } }
  const { run } = startControls(list, options, { ...world.surroundings, routes, once: memoryStore() })

  async function person(login: string) {
    const result = await world.accounts.doors.password.signIn({ login, password: new Secret(PASSWORD) }, FROM)
    assert.ok(result.ok)
    const held = { cookie: `__Host-hf_sid=${result.token.reveal()}` }
    async function send(method: string, path: string, fields?: Record<string, string>, accept = 'text/html'): Promise<Ran> {
      const ran = await run({
        ...{ method, target: path },
        headers: {
          ...{ 'sec-fetch-site': 'same-origin', cookie: held.cookie, accept },
          ...(fields && { 'content-type': 'application/x-www-form-urlencoded' }),
        },
        ...(fields && { body: new URLSearchParams(fields).toString() }),
      })
      const line = ran.cookies.find((cookie) => cookie.startsWith('__Host-hf_sid='))
      if (line !== undefined) held.cookie = line.split(';')[0]!
      return ran
    }
    return { send, held }
  }

  /** An administrator who acts as bob. */
  async function acting() {
    const admin = await person('ada')
    const begun = await admin.send('POST', `${PAGE}/start`, { user: bob.id, reason: 'Ticket 4711' })
    assert.equal(begun.reply?.status, 303)
    return admin
  }

  return { ...world, person, acting, ada, bob }
}

const seen = ({ reply }: Ran) => [reply?.status, reply?.denial?.code]
const who = ({ x }: Ran) => x.get(Principal)?.login

describe('acting as a user', () => {
  it('begins with a page that asks for the reason, and ends with a button', async () => {
    const { person, bob } = await start()
    const admin = await person('ada')
    const form = (await admin.send('GET', `${PAGE}?user=${bob.id}`)).reply!.body!
    assert.match(form, /Act as bob/)
    assert.match(form, /name="reason"/)
    const without = await admin.send('POST', `${PAGE}/start`, { user: bob.id, reason: ' ' })
    assert.equal(without.reply?.status, 422)
    assert.match(without.reply.body!, /href="#reason"/)
    await admin.send('POST', `${PAGE}/start`, { user: bob.id, reason: 'Ticket 4711' })
    assert.equal(who(await admin.send('GET', '/x')), 'bob')
    assert.match((await admin.send('GET', PAGE)).reply!.body!, /You act as <b>bob<\/b>/)
    const stopped = await admin.send('POST', `${PAGE}/stop`, { user: 'x', as: bob.id, to: 'x' })
    assert.deepEqual([stopped.reply?.status, stopped.reply?.head?.['location']], [303, '/'])
    assert.equal(who(await admin.send('GET', '/x')), 'ada')
  })

  it('is for who may, after a recent proof', async () => {
    const { person, bob, ada, clock } = await start()
    const [user, admin] = [await person('bob'), await person('ada')]
    for (const method of ['GET', 'POST'] as const) {
      const path = method === 'GET' ? PAGE : `${PAGE}/start`
      const fields = method === 'GET' ? undefined : { user: ada.id, reason: 'x' }
      assert.deepEqual(seen(await user.send(method, path, fields)), [403, 'not-permitted'])
    }
    assert.deepEqual(seen(await admin.send('POST', `${PAGE}/start`, { user: ada.id, reason: 'x' })), [404, 'not-found'])
    clock.now += 600_001
    const old = await admin.send('POST', `${PAGE}/start`, { user: bob.id, reason: 'x' })
    assert.deepEqual(seen(old), [401, 'recent-proof-required'])
  })

  it('changes nothing, at any route and with any method, unless the operator said so', async () => {
    const admin = await (await start()).acting()
    for (const path of ['/x', '/open'])
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE'])
        assert.deepEqual(seen(await admin.send(method, path, {})), [403, 'impersonation-read-only'], `${method} ${path}`)
    assert.equal((await admin.send('GET', '/x')).reply, undefined)
    const writing = await (await start({ write: true })).acting()
    assert.equal((await writing.send('POST', '/x', {})).reply, undefined)
  })

  it('reaches none of the user’s own pages, nor any door, even where it may change things', async () => {
    const { acting, bob, accounts } = await start({ write: true })
    const admin = await acting()
    const own = ['/account/sessions', '/account/password', '/account/factors', '/account/factors/totp', '/account/tenants']
    for (const path of [...own, '/login', '/login/again', '/login/factor', '/setup'])
      for (const method of ['GET', 'POST']) {
        const ran = await admin.send(method, path, method === 'GET' ? undefined : { password: PASSWORD })
        assert.deepEqual(seen(ran), [403, 'impersonation-own-alone'], `${method} ${path}`)
      }
    assert.equal(who(await admin.send('GET', '/x')), 'bob')
    assert.deepEqual((await accounts.factors.of(bob.id)).kinds, [])
  })

  it('passes for no proof of the user: routes that ask for one refuse', async () => {
    for (const everywhere of [{ within: '1h' }, { aal: 2 }]) {
      const admin = await (await start({ everywhere })).acting()
      const { reply } = await admin.send('GET', '/x')
      assert.ok(reply?.status === 401 || reply?.status === 403)
    }
  })

  it('names both in the log', async () => {
    const { acting, ada, bob } = await start()
    const { events } = await (await acting()).send('POST', '/x', {})
    const { principal, impersonator, data } = events.at(-1)!
    assert.deepEqual([principal, impersonator, data?.['code']], [bob.id, ada.id, 'impersonation-read-only'])
  })

  it('is over after half an hour: what was meant as the user is not done as oneself', async () => {
    const { acting, clock } = await start({ write: true })
    const admin = await acting()
    clock.now += HALF_AN_HOUR - 60_000
    assert.equal(who(await admin.send('GET', '/x')), 'bob')
    clock.now += 60_000
    assert.deepEqual(seen(await admin.send('POST', '/x', {})), [403, 'impersonation-ended'])
    assert.equal(who(await admin.send('GET', '/x')), 'ada')
    assert.equal((await admin.send('POST', '/x', {})).reply, undefined)
  })

  it('is seen by the user among their sessions, and ended by them, and by nobody else', async () => {
    const { acting, person, addUser } = await start()
    const admin = await acting()
    await addUser('eve')
    const [bob, eve] = [await person('bob'), await person('eve')]
    const { reply } = await bob.send('GET', '/account/sessions')
    assert.match(reply!.body!, /Who acts as you[^]*Ticket 4711/)
    const id = /name="acting" value="([\w-]+)"/.exec(reply!.body!)![1]!
    assert.doesNotMatch((await eve.send('GET', '/account/sessions')).reply!.body!, /Who acts as you/)
    assert.deepEqual(seen(await eve.send('POST', '/account/sessions/end-acting', { acting: id })), [404, 'not-found'])
    assert.equal(who(await admin.send('GET', '/x')), 'bob')
    assert.equal((await bob.send('POST', '/account/sessions/end-acting', { acting: id })).reply?.status, 303)
    assert.equal(who(await admin.send('GET', '/x')), 'ada')
  })

  it('gives the application a banner with the button, and hides what is the user’s alone', async () => {
    const { acting, person } = await start()
    const nothing = () => {}
    const view = (ran: Ran) => new RequestView(ran.x, nothing)
    const shown = view(await (await acting()).send('GET', '/x'))
    assert.equal(shown.impersonation?.by, 'ada')
    assert.match(shown.impersonation.banner.toString(), /action="\/account\/impersonation\/stop"[^]*you act as <b>bob<\/b>/)
    assert.equal(shown.mask('4111 1111'), '••••••')
    const plain = view(await (await person('bob')).send('GET', '/x'))
    assert.deepEqual([plain.impersonation, plain.mask('4111 1111')], [undefined, '4111 1111'])
  })

  it('ends with the way out, which signs out who acts', async () => {
    const { acting, accounts, ada, clock } = await start()
    const admin = await acting()
    assert.equal((await admin.send('POST', '/logout', {})).reply?.status, 303)
    assert.deepEqual(await accounts.sessions.list(ada.id, clock.now), [])
  })
})
