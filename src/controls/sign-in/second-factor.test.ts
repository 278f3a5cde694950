import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { authenticatorOf, enrol, STEP } from '../../../test/support/second-factor.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { authorize } from '../authorize/authorize.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { consolePages } from '../console/console.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import type { Principal } from '../../engine/facts.ts'
import { target } from '../target/target.ts'
import { FactorDue } from './slot.ts'
import { kitRoutes, readSignInOptions, signIn, type SignInInput } from './sign-in.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

/** ada is an administrator without a second factor, bob a member with one. */
async function start(options: SignInInput = {}) {
  const world = await testAccounts()
  open.push(world)
  await world.addUser('ada', ['admin'])
  await world.addUser('bob')
  const routes = compileRoutes(['/open'], kitRoutes(readSignInOptions(options)), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn, consolePages, authorize]
  const running = startControls(list, { signIn: options }, { ...world.surroundings, routes })
  const send = (request: FakeRequest) => running.run(request)
  const get = (path: string, cookie?: string, more: Record<string, string> = {}) =>
    send({ target: path, headers: { cookie, ...more } })
  const post = (path: string, fields: Record<string, string>, cookie?: string, more: Record<string, string> = {}) =>
    send({
      method: 'POST',
      target: path,
      headers: { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded', cookie, ...more },
      body: new URLSearchParams(fields).toString(),
    })
  const enter = (login: string, cookie?: string, next = '') => post('/login', { login, password: PASSWORD, next }, cookie)
  const app = await enrol(world.accounts, tokenOf((await enter('bob')).cookies), () => world.clock.now)
  world.clock.now += STEP
  return { ...world, send, get, post, enter, app, signedIn: `__Host-hf_sid=${app.token}` }
}

const SID = /^__Host-hf_sid=([\w-]{43});/
const PENDING = /^__Host-hf_pending=([\w-]{43}); Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Strict$/
const tokenOf = (cookies: readonly string[]) => SID.exec(cookies.find((line) => SID.test(line))!)![1]!
const sessionOf = ({ cookies }: Ran) => `__Host-hf_sid=${tokenOf(cookies)}`
const waitingOf = ({ cookies }: Ran) => cookies.find((line) => line.startsWith('__Host-hf_pending='))!.split(';')[0]!
const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])
const isPage = ({ reply }: Ran, status: number, words: RegExp) => {
  assert.equal(reply?.status, status, reply?.body)
  assert.match(reply.body!, words)
}

describe('the second step', () => {
  it('follows the password: no session yet, a cookie of its own, and on to the code', async () => {
    const { enter, get, post, app } = await start()
    const first = await enter('bob', undefined, '/notes?id=1')
    goesTo(first, '/login/factor?next=%2Fnotes%3Fid%3D1')
    assert.equal(first.cookies.length, 1)
    assert.match(first.cookies[0]!, PENDING)
    const waiting = waitingOf(first)
    const shown = await get('/login/factor?next=%2Fnotes%3Fid%3D1', waiting)
    isPage(shown, 200, /name="code"[^>]* autocomplete="one-time-code"/)
    assert.equal(shown.head.get('cache-control'), 'no-store')
    const second = await post('/login/factor', { code: app.code(), next: '/notes?id=1' }, waiting)
    goesTo(second, '/notes?id=1')
    assert.ok(
      second.cookies.some((line) => /^__Host-hf_pending=;.*Max-Age=0/i.test(line)),
      second.cookies.join(),
    )
    assert.equal((await get('/notes', sessionOf(second))).x.get(FactorDue), undefined)
    assert.equal((await get('/notes', sessionOf(second))).reply, undefined)
  })

  it('opens nothing by itself: each cookie of the first step, under each name (L03)', async () => {
    const { enter, get, post, app } = await start()
    const value = waitingOf(await enter('bob')).split('=')[1]!
    for (const name of ['__Host-hf_pending', '__Host-hf_sid', 'hf_sid_localhost', '__Host-hf_form']) {
      const cookie = `${name}=${value}`
      isDenied(await get('/notes', cookie), 401, 'sign-in-required')
      isDenied(await get('/account/factors', cookie), 401, 'sign-in-required')
      isDenied(await get('/account/factors/totp', cookie), 401, 'sign-in-required')
      isDenied(await post('/account/factors/totp', { code: app.code() }, cookie), 401, 'sign-in-required')
      isDenied(await get('/login/again', cookie), 401, 'sign-in-required')
      isDenied(await post('/login/again', { password: PASSWORD }, cookie), 401, 'sign-in-required')
    }
  })

  it('ends the session that the browser had, when the password was right (L24)', async () => {
    const { enter, get } = await start()
    const before = sessionOf(await enter('ada'))
    const first = await enter('bob', before)
    assert.ok(
      first.cookies.some((line) => /^__Host-hf_sid=;.*Max-Age=0/i.test(line)),
      first.cookies.join(),
    )
    isDenied(await get('/notes', before), 401, 'sign-in-required')
  })

  it('tells programs what is missing, and takes it from them as JSON', async () => {
    const { send, app } = await start()
    const ask = (path: string, value: object, cookie?: string) =>
      send({
        method: 'POST',
        target: path,
        headers: { 'content-type': 'application/json', accept: 'application/json', cookie },
        body: JSON.stringify(value),
      })
    const first = await ask('/login', { login: 'bob', password: PASSWORD, next: '/api' })
    assert.deepEqual([first.reply?.status, first.reply?.head?.['content-type']], [401, 'application/problem+json'])
    const problem = JSON.parse(first.reply!.body!) as Record<string, unknown>
    assert.deepEqual([problem['code'], problem['kinds']], ['second-factor-required', ['totp', 'recovery-codes']])
    assert.equal(problem['next'], '/login/factor?next=%2Fapi')
    isDenied(await ask('/login/factor', { code: '000000' }, waitingOf(first)), 401, 'second-factor-failed')
    isDenied(await ask('/login/factor', { code: app.code() }), 401, 'sign-in-expired')
    const second = await ask('/login/factor', { code: app.code(), next: '/api' }, waitingOf(first))
    assert.deepEqual(JSON.parse(second.reply!.body!), { ok: true, next: '/api' })
    assert.equal(
      second.x.cookies.some((line) => SID.test(line)),
      true,
    )
  })

  it('takes a recovery code once, and counts all wrong codes together', async () => {
    const { enter, post, app } = await start()
    const waiting = waitingOf(await enter('bob'))
    const [code] = app.recoveryCodes
    assert.equal((await post('/login/factor', { code: code! }, waiting)).reply?.status, 303)
    const again = waitingOf(await enter('bob'))
    isPage(await post('/login/factor', { code: code! }, again), 401, /not right, or it was used already/)
    for (const wrong of ['000000', 'x', '1111-1111-1111-1111', '2']) {
      assert.equal((await post('/login/factor', { code: wrong }, again)).reply?.status, 401)
    }
    const locked = await post('/login/factor', { code: app.code() }, again)
    isPage(locked, 429, /Too many attempts/)
    assert.ok(Number(locked.reply!.head!['retry-after']) >= 60)
  })

  it('begins anew after five minutes, after signing out, and without a cookie (L11, L14)', async () => {
    const { enter, get, post, app, clock } = await start()
    const left = waitingOf(await enter('bob'))
    const out = await post('/logout', {}, left)
    assert.ok(out.cookies.some((line) => /^__Host-hf_pending=;.*Max-Age=0/i.test(line)))
    isPage(await post('/login/factor', { code: app.code() }, left), 401, /took too long/)
    goesTo(await get('/login/factor?next=/x', left), '/login?next=%2Fx')
    const late = waitingOf(await enter('bob'))
    clock.now += 300_001
    isPage(await post('/login/factor', { code: app.code() }, late), 401, /took too long/)
    goesTo(await get('/login/factor'), '/login')
    isPage(await post('/login/factor', { code: app.code() }), 401, /took too long/)
  })

  it('goes to no other site afterwards, and comes from none', async () => {
    const { enter, post, app } = await start()
    const waiting = waitingOf(await enter('bob', undefined, 'https://evil.example'))
    isDenied(await post('/login/factor', { code: app.code() }, waiting, { 'sec-fetch-site': 'cross-site' }), 403, 'csrf-refused')
    goesTo(await post('/login/factor', { code: app.code(), next: '//evil.example' }, waiting), '/')
  })

  it('costs a refused sign-in nothing that tells of the factor (A104)', async () => {
    const { post } = await start()
    const answers = []
    for (const login of ['ada', 'bob', 'nobody']) {
      const { reply, cookies } = await post('/login', { login, password: 'a walrus sings at five' })
      answers.push(JSON.stringify([reply?.status, cookies, reply?.body?.replace(/nonce="[^"]+"/, '').replace(`"${login}"`, '')]))
    }
    assert.equal(new Set(answers).size, 1)
  })
})

describe('proving again', () => {
  it('asks who has a second factor for that one, and never for the password', async () => {
    const { get, post, app, signedIn, clock } = await start()
    goesTo(await get('/login/again?next=/danger', signedIn), '/login/factor?next=%2Fdanger')
    goesTo(await post('/login/again', { password: PASSWORD, next: '/danger' }, signedIn), '/login/factor?next=%2Fdanger')
    isPage(await get('/login/factor?next=/danger', signedIn), 200, /Confirm it is you/)
    clock.now += 600_000
    const ran = await post('/login/factor', { code: app.code(), next: '/danger' }, signedIn)
    goesTo(ran, '/danger')
    isDenied(await get('/notes', signedIn), 401, 'sign-in-required')
    assert.equal((await get('/notes', sessionOf(ran))).reply, undefined)
  })

  it("does not take another person's code (L09)", async () => {
    const { enter, post, app, accounts, clock } = await start()
    const ada = await enrol(accounts, tokenOf((await enter('ada')).cookies), () => clock.now)
    isPage(await post('/login/factor', { code: app.code() }, `__Host-hf_sid=${ada.token}`), 401, /not right/)
  })

  it('leads who has none to the enrolment, and then on', async () => {
    const { enter, get } = await start()
    goesTo(await get('/login/factor?next=/danger', sessionOf(await enter('ada'))), '/account/factors/totp?next=%2Fdanger')
  })
})

describe('whoever must have a second factor', () => {
  const secondFactor = { roles: ['admin'], grace: '7d' } as const

  it('is led to the enrolment at sign-in, and may go on during the grace', async () => {
    const { enter, get, clock } = await start({ secondFactor })
    const ran = await enter('ada', undefined, '/notes')
    goesTo(ran, '/account/factors/totp?next=%2Fnotes')
    const cookie = sessionOf(ran)
    isPage(await get('/account/factors/totp?next=/notes', cookie), 200, /From <time datetime="2026-01-08/)
    assert.equal((await get('/notes', cookie)).x.get(FactorDue), clock.now + 7 * 86_400_000)
    assert.equal((await get('/notes', cookie)).reply, undefined)
  })

  it('can do nothing else after the grace, on public routes neither, until it is enrolled', async () => {
    const { enter, get, post, clock } = await start({ secondFactor })
    await get('/notes', sessionOf(await enter('ada')))
    clock.now += 8 * 86_400_000
    const cookie = sessionOf(await enter('ada'))
    for (const path of ['/notes', '/open', '/account/sessions', '/account/factorsx']) {
      isDenied(await get(path, cookie), 403, 'second-factor-enrolment-required')
    }
    const shown = await get('/account/factors/totp', cookie)
    const code = authenticatorOf(/<code>([A-Z2-7 ]+)<\/code>/.exec(shown.reply!.body!)![1]!, () => clock.now)
    const made = await post('/account/factors/totp', { code: code(), next: '/notes' }, cookie)
    isPage(made, 200, /href="\/notes"/)
    assert.equal((await get('/notes', sessionOf(made))).reply, undefined)
  })

  it('has no grace when there is none, and no other role is concerned', async () => {
    const { addUser, enter, get } = await start({ secondFactor: { roles: ['admin'], grace: 0 } })
    await addUser('eve')
    isDenied(await get('/notes', sessionOf(await enter('ada'))), 403, 'second-factor-enrolment-required')
    assert.equal((await get('/notes', sessionOf(await enter('eve')))).reply, undefined)
  })

  it('is no role where a function says who: anything but "no" is yes, so that a promise or nothing frees nobody', async () => {
    const of = async (when: (who: Principal) => boolean, login: string) => {
      const { addUser, enter, get } = await start({ secondFactor: { when, grace: 0 } })
      await addUser('eve')
      return await get('/notes', sessionOf(await enter(login)))
    }
    isDenied(await of(({ login }) => login === 'ada', 'ada'), 403, 'second-factor-enrolment-required')
    assert.equal((await of(({ login }) => login === 'ada', 'eve')).reply, undefined)
    for (const answer of [Promise.resolve(false), undefined])
      isDenied(await of(() => answer as never, 'eve'), 403, 'second-factor-enrolment-required')
  })

  it('is asked only of who has not given one', async () => {
    const { enter, get, post, clock } = await start({ secondFactor: { when: () => true, grace: 0 } })
    const cookie = sessionOf(await enter('ada'))
    isDenied(await get('/notes', cookie), 403, 'second-factor-enrolment-required')
    const shown = await get('/account/factors/totp', cookie)
    const code = authenticatorOf(/<code>([A-Z2-7 ]+)<\/code>/.exec(shown.reply!.body!)![1]!, () => clock.now)
    const made = await post('/account/factors/totp', { code: code(), next: '/notes' }, cookie)
    assert.equal((await get('/notes', sessionOf(made))).reply, undefined)
  })

  it('is one that users can have', async () => {
    await assert.rejects(start({ secondFactor: { roles: ['amdin'] } }), /Did you mean "admin"/)
    assert.throws(() => readSignInOptions({ secondFactor: { roles: 'admin' as never } }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => readSignInOptions({ secondFactor: { grace: '7 days' as never } }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => readSignInOptions({ secondFactor: { when: true as never } }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => readSignInOptions({ secondFactor: { role: [] } as never }), { code: 'HF_OPTION_UNKNOWN' })
  })
})

it('is not asked of somebody whose factor was reset', async () => {
  const { accounts, enter, app } = await start()
  const live = await accounts.sessions.find(app.token, Date.UTC(2026, 0, 1))
  assert.ok(live.ok)
  await accounts.factors.reset(live.principal.id, { kind: 'system', id: 'test' }, 'lost')
  assert.ok((await enter('bob')).cookies.some((line) => SID.test(line)))
})
