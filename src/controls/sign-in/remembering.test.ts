import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { enrol, STEP } from '../../../test/support/second-factor.ts'
import type { ConcurrentPolicy } from '../../accounts/types.ts'
import { Secret } from '../../crypto/secret.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { consolePages } from '../console/console.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { kitRoutes, readSignInOptions, signIn, type SignInInput } from './sign-in.ts'

const DAY = 86_400_000
const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const ON: SignInInput = { remember: {}, trustedDevice: {} }
const FORM = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
const NAVIGATES = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }

/** A browser: it keeps cookies, and forgets those it is told to. */
async function start(options: SignInInput = ON, concurrent?: ConcurrentPolicy) {
  const read = readSignInOptions(options)!
  const world = await testAccounts({ browsers: read.lives, concurrent })
  open.push(world)
  for (const login of ['ada', 'bob', 'eve']) await world.addUser(login, login === 'ada' ? ['admin'] : ['member'])
  const routes = compileRoutes(['/open'], kitRoutes(read), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn, consolePages, authorize]
  const running = startControls(list, { signIn: options }, { ...world.surroundings, routes })

  function browser(cookies = new Map<string, string>()) {
    async function send(request: Omit<FakeRequest, 'headers'> & { readonly headers?: Record<string, string> }): Promise<Ran> {
      const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
      const ran = await running.run({ ...request, headers: { ...(cookie !== '' && { cookie }), ...request.headers } })
      for (const line of ran.cookies) {
        const [name, value] = line.split(';')[0]!.split('=') as [string, string]
        if (value === '') cookies.delete(name)
        else cookies.set(name, value)
      }
      return ran
    }
    return {
      cookies,
      send,
      copy: () => browser(new Map(cookies)),
      go: (path: string, more: Record<string, string> = NAVIGATES) => send({ target: path, headers: more }),
      post: (path: string, fields: Record<string, string>) =>
        send({ method: 'POST', target: path, headers: FORM, body: new URLSearchParams(fields).toString() }),
      signIn: (login: string, more: Record<string, string> = {}) =>
        send({
          method: 'POST',
          target: '/login',
          headers: FORM,
          body: new URLSearchParams({ login, password: PASSWORD, ...more }).toString(),
        }),
    }
  }

  /** Somebody with an authenticator app. */
  async function withApp(login: string) {
    const first = browser()
    await first.signIn(login)
    const app = await enrol(world.accounts, first.cookies.get('__Host-hf_sid')!, () => world.clock.now)
    world.clock.now += STEP
    return app
  }

  return { ...world, browser, withApp }
}

const who = ({ x }: Ran) => x.get(Principal)?.login ?? null
const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])

describe('staying signed in', () => {
  it('is offered where it is on, and nowhere else', async () => {
    assert.match(
      (await (await start()).browser().go('/login')).reply!.body!,
      /type="checkbox"[^>]*>\s*<span>Keep me signed in .* 30 days/,
    )
    const off = (await start({})).browser()
    assert.doesNotMatch((await off.go('/login')).reply!.body!, /checkbox/)
    await off.signIn('bob', { remember: 'on' })
    assert.deepEqual([...off.cookies.keys()].toSorted(), ['__Host-hf_known', '__Host-hf_sid'])
  })

  it('puts a token into a cookie of its own when the box was ticked', async () => {
    const { browser } = await start()
    const without = browser()
    await without.signIn('bob')
    assert.equal(without.cookies.has('__Host-hf_remember'), false)
    const { cookies } = await browser().signIn('bob', { remember: 'on' })
    const line = cookies.find((text) => text.startsWith('__Host-hf_remember='))
    assert.match(line!, /^__Host-hf_remember=[\w-]{43}; Path=\/; Max-Age=2592000; Secure; HttpOnly; SameSite=Lax$/)
  })

  it('signs in who goes to a page after the session ran out, and gives the next token', async () => {
    const { browser, clock } = await start()
    const bob = browser()
    await bob.signIn('bob', { remember: 'on' })
    const before = new Map(bob.cookies)
    clock.now += DAY
    const ran = await bob.go('/notes')
    assert.equal(who(ran), 'bob')
    assert.equal(ran.reply, undefined)
    assert.equal(ran.head.get('cache-control'), 'no-store')
    for (const name of ['__Host-hf_sid', '__Host-hf_remember']) assert.notEqual(bob.cookies.get(name), before.get(name))
    assert.equal(who(await bob.go('/notes')), 'bob')
  })

  it('does so only for somebody who navigates: not for forms, programs, pictures or frames', async () => {
    const { browser, clock } = await start()
    const bob = browser()
    await bob.signIn('bob', { remember: 'on' })
    clock.now += DAY
    const loads: Record<string, string>[] = [
      { 'sec-fetch-mode': 'no-cors', 'sec-fetch-dest': 'image' },
      { 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty', accept: 'text/html' },
      { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' },
      { accept: '*/*' },
    ]
    for (const more of loads) assert.equal(who(await bob.copy().go('/open', more)), null)
    assert.equal(who(await bob.copy().post('/open', {})), null)
    assert.equal(who(await bob.copy().go('/open', { accept: 'text/html,*/*;q=0.8' })), 'bob')
  })

  it('forgets at sign-out, also when the session is over by then', async () => {
    const { browser, clock } = await start()
    for (const waits of [0, DAY]) {
      const bob = browser()
      await bob.signIn('bob', { remember: 'on' })
      const stolen = bob.copy()
      clock.now += waits
      const { head } = await bob.post('/logout', {})
      // What says that somebody signed in here before is no way in, and is kept: their attempts are theirs tomorrow, too.
      assert.equal(head.get('clear-site-data'), '"cache", "storage"')
      assert.deepEqual([...bob.cookies.keys()], ['__Host-hf_known'])
      assert.equal(who(await stolen.go('/open')), null)
    }
  })

  it('forgets who was remembered when somebody else signs in there', async () => {
    const { browser, clock } = await start()
    const shared = browser()
    await shared.signIn('bob', { remember: 'on' })
    const before = shared.copy()
    clock.now += DAY
    await shared.signIn('eve')
    assert.equal(shared.cookies.has('__Host-hf_remember'), false)
    assert.equal(who(await before.go('/open')), null)
  })

  it('is not changed by proving again who is signed in', async () => {
    const { browser } = await start()
    const bob = browser()
    await bob.signIn('bob', { remember: 'on' })
    const token = bob.cookies.get('__Host-hf_remember')
    await bob.post('/login/again', { password: PASSWORD })
    assert.equal(bob.cookies.get('__Host-hf_remember'), token)
  })

  it('drops a cookie that opens nothing', async () => {
    const { browser, accounts, clock } = await start()
    const bob = browser()
    await bob.signIn('bob', { remember: 'on' })
    const { id } = (await accounts.users.byLogin('bob'))!
    await accounts.sessions.endAll(id, { kind: 'system', id: 'test' })
    clock.now += DAY
    assert.equal(who(await bob.go('/open')), null)
    assert.deepEqual([...bob.cookies.keys()], ['__Host-hf_known'])
  })

  it('refuses a life that browsers do not keep', () => {
    for (const life of ['1m', '401d'] as const)
      assert.throws(() => readSignInOptions({ remember: { life } }), /HF_OPTION_INVALID.*signIn\.remember\.life.*400d/)
    assert.throws(() => readSignInOptions({ trustedDevice: { lief: '1d' } as never }), /HF_OPTION_UNKNOWN/)
  })
})

describe('staying signed in with a second factor', () => {
  it('carries the box to the second step, and asks for the code alone afterwards', async () => {
    const { browser, withApp, clock } = await start()
    const app = await withApp('bob')
    const bob = browser()
    goesTo(await bob.signIn('bob', { remember: 'on' }), '/login/factor?remember=on')
    const page = await bob.go('/login/factor?remember=on')
    assert.match(page.reply!.body!, /<input id="remember" name="remember" type="checkbox" value="on" checked/)
    goesTo(await bob.post('/login/factor', { code: app.code(), remember: 'on' }), '/')
    assert.ok(bob.cookies.has('__Host-hf_remember'))

    clock.now += DAY
    const shown = await bob.go('/login?next=%2Fnotes')
    assert.equal(who(shown), null)
    assert.match(shown.reply!.body!, /action="\/login\/remembered"/)
    const token = bob.cookies.get('__Host-hf_remember')
    goesTo(await bob.post('/login/remembered', { next: '/notes', remember: 'on' }), '/login/factor?next=%2Fnotes&remember=on')
    assert.equal(bob.cookies.get('__Host-hf_remember'), token)
    goesTo(await bob.post('/login/factor', { code: app.code(), next: '/notes', remember: 'on' }), '/notes')
    assert.notEqual(bob.cookies.get('__Host-hf_remember'), token)
    assert.deepEqual((await bob.go('/notes')).x.get(Principal)?.amr, ['rmb', 'otp'])
  })

  it('offers the button only to a browser that remembers', async () => {
    const { browser } = await start()
    assert.doesNotMatch((await browser().go('/login')).reply!.body!, /\/login\/remembered/)
    goesTo(await browser().post('/login/remembered', {}), '/login')
  })
})

describe('a trusted device', () => {
  it('is asked for no code after the box was ticked at the second step', async () => {
    const { browser, withApp, clock } = await start()
    const app = await withApp('bob')
    const bob = browser()
    await bob.signIn('bob')
    assert.match((await bob.go('/login/factor')).reply!.body!, /Ask for no code on this device for 30 days/)
    await bob.post('/login/factor', { code: app.code(), trust: 'on' })
    assert.ok(bob.cookies.has('__Host-hf_trust'))
    const { head } = await bob.post('/logout', {})
    assert.equal(head.get('clear-site-data'), '"cache", "storage"')
    assert.deepEqual([...bob.cookies.keys()].toSorted(), ['__Host-hf_known', '__Host-hf_trust'])
    clock.now += DAY
    goesTo(await bob.signIn('bob'), '/')
    const { amr, aal } = (await bob.go('/notes')).x.get(Principal)!
    assert.deepEqual([amr, aal], [['pwd', 'tdv'], 1])
  })

  it('is not led to enrol what its user has, and is asked where a route wants level 2', async () => {
    const { browser, withApp } = await start({ ...ON, secondFactor: { roles: ['admin'], grace: 0 } })
    const app = await withApp('ada')
    const ada = browser()
    await ada.signIn('ada')
    await ada.post('/login/factor', { code: app.code(), trust: 'on' })
    ada.cookies.delete('__Host-hf_sid')
    goesTo(await ada.signIn('ada'), '/')
    assert.equal((await ada.go('/notes')).reply, undefined)
    const { reply } = await ada.go('/login/factor')
    assert.match(reply!.body!, /Confirm it is you/)
    assert.doesNotMatch(reply!.body!, /checkbox/)
  })

  it('ends with signing out everywhere', async () => {
    const { browser, withApp } = await start()
    const app = await withApp('bob')
    const bob = browser()
    await bob.signIn('bob')
    await bob.post('/login/factor', { code: app.code(), trust: 'on' })
    const stolen = bob.copy()
    const { head } = await bob.post('/logout', { everywhere: 'on' })
    assert.equal(head.get('clear-site-data'), '"cache", "cookies", "storage"')
    goesTo(await stolen.signIn('bob'), '/login/factor')
  })
})

describe('devices that remember, on the page of sessions', () => {
  it('are listed and ended by their owner, and by nobody else', async () => {
    const { browser, accounts, clock } = await start()
    const [bob, eve] = [browser(), browser()]
    await bob.signIn('bob', { remember: 'on' })
    await eve.signIn('eve')
    const page = (await bob.go('/account/sessions')).reply!.body!
    assert.match(page, /Devices that remember you[\s\S]*Stays signed in/)
    const id = /name="browser" value="([\w-]+)"/.exec(page)![1]!
    assert.doesNotMatch((await eve.go('/account/sessions')).reply!.body!, /Devices that remember/)
    assert.equal((await eve.post('/account/sessions/forget', { browser: id })).reply?.status, 404)
    goesTo(await bob.post('/account/sessions/forget', { browser: id }), '/account/sessions')
    assert.deepEqual(await accounts.browsers.list((await accounts.users.byLogin('bob'))!.id, clock.now), [])
    assert.equal(who(await bob.go('/open')), 'bob')
  })

  it('are signed out for good by ending their session, here and from elsewhere', async () => {
    const { browser, clock } = await start()
    const [bob, elsewhere] = [browser(), browser()]
    await bob.signIn('bob', { remember: 'on' })
    await elsewhere.signIn('bob', { remember: 'on' })
    const { head } = await bob.post('/account/sessions/end-everywhere', {})
    assert.equal(head.get('clear-site-data'), '"cache", "cookies", "storage"')
    // A browser obeys that header, this one does not.
    assert.deepEqual([...bob.cookies.keys()], ['__Host-hf_known'])
    assert.equal(who(await elsewhere.go('/open')), null)
    clock.now += DAY
    assert.equal(who(await elsewhere.go('/open')), null)
  })
})

describe('a limit of sessions', () => {
  const limit: ConcurrentPolicy = { max: 1, over: 'refuse', roles: {} }

  it('is said to who has proved everything, on the page and to programs', async () => {
    const { browser } = await start({}, limit)
    await browser().signIn('bob')
    const second = await browser().signIn('bob')
    assert.equal(second.reply?.status, 403)
    assert.match(second.reply.body!, /You may be signed in at one place at once, and you are/)
    const wrong = await browser().post('/login', { login: 'bob', password: 'not the password' })
    assert.equal(wrong.reply?.status, 401)
    const { reply } = await browser().send({
      method: 'POST',
      target: '/login',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ login: 'bob', password: PASSWORD }),
    })
    assert.deepEqual([reply?.status, reply?.denial?.code], [403, 'too-many-sessions'])
  })

  it('is not said before the second factor was given', async () => {
    const { browser, withApp } = await start({}, limit)
    const app = await withApp('bob')
    const bob = browser()
    goesTo(await bob.signIn('bob'), '/login/factor')
    const { reply } = await bob.post('/login/factor', { code: app.code() })
    assert.equal(reply?.status, 403)
    assert.match(reply.body!, /Sign out there first/)
  })

  it('lets somebody sign in again where they are signed in', async () => {
    const { browser, accounts } = await start({}, limit)
    const bob = browser()
    await bob.signIn('bob')
    goesTo(await bob.signIn('bob'), '/')
    const from = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test' }
    const elsewhere = await accounts.doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from)
    assert.deepEqual(elsewhere, { ok: false, reason: 'too-many-sessions', max: 1 })
  })
})
