import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type FakeRequest, type Ran } from '../../../test/support/exchange.ts'
import { readAddress, setAddress } from '../../accounts/addresses/addresses.ts'
import type { NewInvitation, SignUpPolicy } from '../../accounts/types.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { consolePages } from '../console/console.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { session } from '../session/session.ts'
import { target } from '../target/target.ts'
import { createHoldfast } from '../../index.ts'
import { kitRoutes, readSignInOptions, signIn, type SignInInput } from './sign-in.ts'

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

const SYSTEM = { kind: 'system', id: 'test' } as const
const ADA = 'ada@example.org'
const ACCOUNT = { displayName: 'Ada', password: PASSWORD, passwordAgain: PASSWORD }

async function start(given: SignInInput = { signUp: 'open' }, administrators: readonly string[] = ['mira']) {
  const options = { mail: true, ...given }
  const read = readSignInOptions(options)!
  const { mode, roles, login } = read.signUp
  const policy: SignUpPolicy = { mode, roles, login }
  const world = await testAccounts({ letters: true, signUp: policy })
  open.push(world)
  for (const name of administrators) await world.addUser(name, ['admin'])
  const routes = compileRoutes([], kitRoutes(read), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn, consolePages]
  const running = startControls(list, { signIn: options, console: { address: true } }, { ...world.surroundings, routes })
  const send = (request: FakeRequest) => running.run(request)
  const get = (path: string, cookie?: string) => send({ target: path, headers: { cookie } })
  const sending = (type: string, text: string, path: string, cookie?: string) =>
    send({ method: 'POST', target: path, headers: { 'sec-fetch-site': 'same-origin', 'content-type': type, cookie }, body: text })
  const post = (path: string, fields: Record<string, string>, cookie?: string) =>
    sending('application/x-www-form-urlencoded', new URLSearchParams(fields).toString(), path, cookie)
  const ask = (path: string, value: unknown, cookie?: string) => sending('application/json', JSON.stringify(value), path, cookie)
  const token = () => new URL(world.takeLetters().at(-1)!.data['link']!).searchParams.get('token')!
  const cookie = async (name: string) => cookieOf(await post('/login', { login: name, password: PASSWORD }))
  const address = (id: string, text: string, verified: boolean) =>
    world.database.transaction((tx) => setAddress(tx, id, readAddress(text)!, verified ? world.clock.now : undefined))
  const invite = async (more: Partial<NewInvitation> = {}) => {
    const made = await world.accounts.invitations.create({ address: ADA, roles: ['member'], invitedBy: SYSTEM, ...more })
    assert.ok(made.ok)
    return token()
  }
  return { ...world, send, get, post, ask, token, cookie, address, invite }
}

const cookieOf = ({ cookies }: Ran) => cookies.at(-1)!.split(';')[0]!
const isPage = ({ reply }: Ran, status: number, words: RegExp) => {
  assert.equal(reply?.status, status, reply?.body)
  assert.equal(reply.head?.['content-type'], 'text/html; charset=utf-8')
  assert.match(reply.body!, words)
}
const goesTo = ({ reply }: Ran, location: string) => assert.deepEqual([reply?.status, reply?.head?.['location']], [303, location])
const isDenied = ({ reply }: Ran, status: number, code: string) =>
  assert.deepEqual([reply?.status, reply?.denial?.code], [status, code])

describe('sign-up', () => {
  it('asks for an address, writes a letter, and makes the account by its link', async () => {
    const { get, post, token } = await start({ signUp: 'open', afterSignIn: '/dashboard' })
    isPage(await get('/login'), 200, /<a href="\/sign-up">Create an account<\/a>/)
    isPage(await get('/sign-up'), 200, /<form class="stack" method="post" action="\/sign-up">/)
    isPage(await post('/sign-up', { address: ' Ada@Example.org ' }), 202, /Look into your mail/)
    const secret = token()
    isPage(await get(`/sign-up/finish?token=${secret}`), 200, /value="Ada@example.org"[^>]*readonly/)
    const made = await post('/sign-up/finish', { token: secret, ...ACCOUNT })
    goesTo(made, '/dashboard')
    assert.equal((await get('/notes', cookieOf(made))).reply, undefined)
    isPage(await get(`/sign-up/finish?token=${secret}`), 410, /This link is over/)
    isPage(await post('/sign-up/finish', { token: secret, ...ACCOUNT }), 410, /This link is over/)
  })

  it('answers the same bytes and heads to every address, and a mailbox that has had enough (L76)', async () => {
    const world = await start()
    const { post, addUser, address, accounts } = world
    await address((await addUser('taken')).id, 'taken@example.org', true)
    const gone = await addUser('gone')
    await address(gone.id, 'gone@example.org', true)
    await accounts.users.disable(gone.id, SYSTEM)
    for (let count = 0; count < 3; count++) await post('/sign-up', { address: 'flooded@example.org' })
    const seen = []
    for (const name of ['new', 'taken', 'gone', 'flooded', 'new']) {
      const { reply, head, cookies } = await post('/sign-up', { address: `${name}@example.org` })
      const nonce = /nonce="([^"]+)"/.exec(reply!.body!)![1]!
      seen.push(JSON.stringify([reply, [...head], cookies]).replaceAll(nonce, 'NONCE'))
    }
    assert.equal(new Set(seen).size, 1)
  })

  it('uses no link up by showing it: mail scanners follow links', async () => {
    const { get, post, send, token } = await start()
    await post('/sign-up', { address: ADA })
    const secret = token()
    for (let count = 0; count < 3; count++) isPage(await get(`/sign-up/finish?token=${secret}`), 200, /Create your account/)
    await send({ method: 'HEAD', target: `/sign-up/finish?token=${secret}` })
    assert.equal((await post('/sign-up/finish', { token: secret, ...ACCOUNT })).reply?.status, 303)
  })

  it('says what is wrong at its field, keeps the link, and gives no password back', async () => {
    const { post, token } = await start()
    await post('/sign-up', { address: ADA })
    const secret = token()
    const trying = (more: Record<string, string>) => post('/sign-up/finish', { token: secret, ...ACCOUNT, ...more })
    isPage(await trying({ password: 'short', passwordAgain: 'short' }), 422, /id="password-error"[^]*too short/)
    isPage(await trying({ passwordAgain: 'other' }), 422, /id="passwordAgain-error"/)
    isPage(await trying({ displayName: '' }), 422, /id="displayName-error"/)
    const { reply } = await trying({
      displayName: '"><b>',
      password: 'aaaaaaaaaaaaaaaaaaaaa',
      passwordAgain: 'aaaaaaaaaaaaaaaaaaaaa',
    })
    assert.equal(reply?.status, 422)
    assert.match(reply.body!, /value="&quot;&gt;&lt;b&gt;"/)
    assert.doesNotMatch(reply.body!, /aaaaaaaaaa/)
    assert.equal((await trying({})).reply?.status, 303)
  })

  it('takes no address, role or state from the form (L94)', async () => {
    const { ask, accounts, token } = await start({ signUp: { mode: 'open', roles: ['member'] } })
    await ask('/sign-up', { address: ADA })
    const secret = token()
    const more = {
      address: 'eve@example.org',
      login: 'eve',
      role: 'admin',
      roles: ['admin'],
      isAdmin: true,
      verified: true,
      id: 'x',
      status: 'active',
    }
    const made = await ask('/sign-up/finish', { token: secret, displayName: 'Ada', password: PASSWORD, ...more })
    assert.deepEqual(JSON.parse(made.reply!.body!), { ok: true, next: '/' })
    const user = await accounts.users.byLogin(ADA)
    assert.deepEqual([user?.login, user?.roles, user?.id === 'x'], [ADA, ['member'], false])
    assert.equal(await accounts.users.byLogin('eve'), undefined)
  })

  it('speaks JSON with those who do', async () => {
    const { ask, token } = await start()
    const asked = await ask('/sign-up', { address: ADA })
    assert.deepEqual([asked.reply?.status, JSON.parse(asked.reply!.body!)], [202, { ok: true, next: 'check-mail' }])
    isDenied(await ask('/sign-up', { address: 'no address' }), 422, 'address-refused')
    isDenied(await ask('/sign-up', { address: [ADA] }), 422, 'address-refused')
    const secret = token()
    const account = { token: secret, displayName: 'Ada', password: PASSWORD }
    isDenied(await ask('/sign-up/finish', { ...account, password: '' }), 422, 'account-refused')
    isDenied(await ask('/sign-up/finish', { ...account, token: 'x' }), 410, 'link-over')
    for (const odd of [null, [], 0, '', { $ne: '' }])
      isDenied(await ask('/sign-up/finish', { ...account, token: odd }), 410, 'link-over')
    assert.equal((await ask('/sign-up/finish', account)).cookies.filter((line) => line.startsWith('__Host-hf_sid=')).length, 1)
  })

  it('ends the session that the browser had before (A91)', async () => {
    const { post, get, token, cookie } = await start()
    const before = await cookie('mira')
    goesTo(await get('/sign-up', before), '/')
    await post('/sign-up', { address: ADA })
    const made = await post('/sign-up/finish', { token: token(), ...ACCOUNT }, before)
    assert.notEqual(cookieOf(made), before)
    isDenied(await get('/notes', before), 401, 'sign-in-required')
  })

  it('asks for a name to sign in with where it is told to', async () => {
    const { post, get, token } = await start({ signUp: { mode: 'open', login: 'name' } })
    await post('/sign-up', { address: ADA })
    const secret = token()
    isPage(await get(`/sign-up/finish?token=${secret}`), 200, /Name to sign in with/)
    isPage(await post('/sign-up/finish', { token: secret, ...ACCOUNT, login: 'MIRA' }), 422, /id="login-error"[^]*already/)
    assert.equal((await post('/sign-up/finish', { token: secret, ...ACCOUNT, login: 'ada' })).reply?.status, 303)
  })

  it('waits for the first administrator, whom nobody can be quicker than', async () => {
    const { get, post, ask, takeLetters } = await start({ signUp: 'open' }, [])
    goesTo(await get('/sign-up'), '/setup')
    goesTo(await post('/sign-up', { address: ADA }), '/setup')
    isDenied(await ask('/sign-up', { address: ADA }), 409, 'set-up-required')
    assert.deepEqual(takeLetters(), [])
  })

  it('is not there by default, and refuses to start without mail', async () => {
    const { get, post } = await start({})
    for (const path of ['/sign-up', '/sign-up/finish', '/sign-up/invitation']) {
      isDenied(await get(path), 401, 'sign-in-required')
      assert.notEqual((await post(path, { address: ADA })).reply?.status, 202)
    }
    assert.doesNotMatch((await get('/login')).reply!.body!, /Create an account/)
    const origin = 'https://app.example'
    for (const options of [{ signUp: 'open' }, { signUp: 'invitation' }] as const)
      await assert.rejects(createHoldfast({ origin, signIn: options }), { code: 'HF_MAIL_MISSING' })
    await assert.rejects(createHoldfast({ origin, signIn: { requireVerified: true } }), {
      code: 'HF_OPTION_INVALID',
      message: /mail/,
    })
  })

  it('refuses options that cannot be meant', () => {
    const wrong = [
      { mode: 'opne' },
      { mode: 'open', roles: 'member' },
      { mode: 'open', login: 'mail' },
      { mode: 'open', path: 'x' },
      { mdoe: 'open' },
      'all',
    ]
    for (const signUp of wrong)
      assert.throws(() => readSignInOptions({ signUp } as never), { code: /^HF_OPTION_/ }, JSON.stringify(signUp))
    assert.throws(() => readSignInOptions({ requireVerified: 'yes' } as never), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => readSignInOptions({ signUp: { mode: 'open', path: '/login' } }), { code: 'HF_OPTION_INVALID' })
  })
})

describe('invitations', () => {
  it('say who invited, and make the account', async () => {
    const { get, post, invite, accounts } = await start({ signUp: 'invitation', brand: 'Field notes' })
    const mira = (await accounts.users.byLogin('mira'))!
    const secret = await invite({ invitedBy: { kind: 'user', id: mira.id }, name: 'Ada L.' })
    const shown = await get(`/sign-up/invitation?token=${secret}`)
    isPage(shown, 200, /mira invited you to Field notes\./)
    assert.match(shown.reply!.body!, /value="Ada L\."/)
    goesTo(await post('/sign-up/invitation', { token: secret, ...ACCOUNT, roles: 'admin' }), '/')
    assert.deepEqual((await accounts.users.byLogin(ADA))?.roles, ['member'])
    isPage(await get(`/sign-up/invitation?token=${secret}`), 410, /This link is over/)
    isDenied(await get('/sign-up'), 401, 'sign-in-required')
  })

  it('lead the owner of the address to sign in, and nobody else can accept (L96)', async () => {
    const { get, post, ask, invite, address, addUser, cookie, accounts } = await start({ signUp: 'invitation' })
    const owner = await addUser('owner', [])
    await address(owner.id, ADA, true)
    await address((await addUser('claimer')).id, ADA, false)
    const secret = await invite()
    const page = `/sign-up/invitation?token=${secret}`
    isPage(await get(page), 200, /Sign in with it, then open the link/)
    isPage(await post('/sign-up/invitation', { token: secret, ...ACCOUNT }), 409, /There is an account with this address already/)
    const [claims, owns] = [await cookie('claimer'), await cookie('owner')]
    isPage(await get(page, claims), 200, /Sign out first/)
    isDenied(await post('/sign-up/invitation/join', { token: secret }, claims), 403, 'invitation-of-another')
    isDenied(await post('/sign-up/invitation/join', { token: secret }), 401, 'sign-in-required')
    isPage(await get(page, owns), 200, /<form method="post" action="\/sign-up\/invitation\/join">/)
    goesTo(await post('/sign-up/invitation/join', { token: secret }, owns), '/')
    assert.deepEqual((await accounts.users.byId(owner.id))?.roles, ['member'])
    isDenied(await ask('/sign-up/invitation/join', { token: secret }, await cookie('owner')), 410, 'link-over')
    goesTo(await get('/sign-up/invitation/join?token=x', owns), '/sign-up/invitation?token=x')
  })
})

describe('the proof of an address', () => {
  it('is asked for at the account, and given by the link, signed in or not, without signing in', async () => {
    const { get, post, ask, address, addUser, cookie, token, takeLetters } = await start({})
    const bob = await addUser('bob')
    const mine = await cookie('bob')
    isPage(await get('/account/address', mine), 200, /There is no address/)
    await address(bob.id, ADA, false)
    isPage(await get('/account/address', mine), 200, /not confirmed/)
    isPage(await post('/account/address/verify', {}, mine), 202, /A letter is on its way/)
    const secret = token()
    const shown = await get(`/login/verify-address?token=${secret}`)
    isPage(shown, 200, /Is ada@example\.org the address of your account bob\?/)
    const done = await post('/login/verify-address', { token: secret })
    isPage(done, 200, /ada@example\.org is confirmed/)
    assert.deepEqual(done.cookies, [])
    isPage(await get('/account/address', mine), 200, /badge ok">confirmed/)
    isPage(await post('/login/verify-address', { token: secret }), 410, /This link is over/)
    isDenied(await ask('/account/address/verify', {}, mine), 409, 'address-verified')
    assert.deepEqual(takeLetters(), [])
  })

  it('is void for another address (L28)', async () => {
    const { get, ask, address, addUser, cookie, token } = await start({})
    const bob = await addUser('bob')
    await address(bob.id, ADA, false)
    assert.equal((await ask('/account/address/verify', {}, await cookie('bob'))).reply?.status, 202)
    const secret = token()
    await address(bob.id, 'victim@example.org', false)
    isPage(await get(`/login/verify-address?token=${secret}`), 410, /This link is over/)
    isDenied(await ask('/login/verify-address', { token: secret }), 410, 'link-over')
  })

  it('comes before everything else where it is required, the second factor too (L12)', async () => {
    const { get, post, ask, address, addUser, cookie, token } = await start({
      requireVerified: true,
      secondFactor: { roles: ['member'], grace: 0 },
    })
    const bob = await addUser('bob')
    await address(bob.id, ADA, false)
    const mine = await cookie('bob')
    for (const path of ['/', '/notes', '/account/factors', '/account/factors/totp', '/account/sessions', '/account/addresses'])
      isDenied(await get(path, mine), 403, 'address-not-verified')
    isDenied(await post('/account/factors/totp', { code: '123456' }, mine), 403, 'address-not-verified')
    isPage(await get('/account/address', mine), 200, /Nothing else works until/)
    await ask('/account/address/verify', {}, mine)
    const secret = token()
    isPage(await post('/login/verify-address', { token: secret }, mine), 200, /is confirmed/)
    isDenied(await get('/notes', mine), 403, 'second-factor-enrolment-required')
    isDenied(await get('/notes', await cookie('mira')), 403, 'address-not-verified')
    assert.equal((await get('/logout', mine)).reply?.status, 200)
  })
})
