import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { exportJWK, generateKeyPair, SignJWT, type JWTHeaderParameters } from 'jose'
import { PASSWORD, testAccounts, type TestAccounts } from '../../../test/support/accounts.ts'
import { startControls, type Ran } from '../../../test/support/exchange.ts'
import { race } from '../../../test/support/race.ts'
import { Principal } from '../../engine/facts.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { memoryStore } from '../../store/memory.ts'
import { authenticate } from '../authenticate/authenticate.ts'
import { body } from '../body/body.ts'
import { client } from '../client/client.ts'
import { csrf } from '../csrf/csrf.ts'
import { headers } from '../headers/headers.ts'
import { kitRoutes, readSignInOptions, signIn } from '../sign-in/sign-in.ts'
import { target } from '../target/target.ts'
import { readSessionOptions, session } from './session.ts'

const REGISTER = '/_holdfast/session/register'
const REFRESH = '/_holdfast/session/refresh'
const MINUTE = 60_000

const open: TestAccounts[] = []
after(() => Promise.all(open.map((accounts) => accounts.close())))

/** A device: a key of its own, in software where a real one has it in hardware. */
async function device(alg: 'ES256' | 'RS256' = 'ES256') {
  const { publicKey, privateKey } = await generateKeyPair(alg)
  const jwk = await exportJWK(publicKey)
  const sign = (jti: string, more: Partial<JWTHeaderParameters> = {}) =>
    new SignJWT({ jti }).setProtectedHeader({ alg, typ: 'dbsc+jwt', ...more }).sign(privateKey)
  return { jwk, sign, first: (jti: string) => sign(jti, { jwk }) }
}

async function start(deviceBound: 'if-available' | false = 'if-available') {
  const world = await testAccounts()
  open.push(world)
  await world.addUser('bob')
  const routes = compileRoutes(['/open'], kitRoutes(readSignInOptions()), world.clock.now)
  const list = [client, headers, target, body, session, csrf, authenticate, signIn]
  const surroundings = { ...world.surroundings, routes, once: memoryStore() }
  const running = startControls(list, { session: { deviceBound } }, surroundings)
  const cookies = new Map<string, string>()
  const cookie = () => [...cookies].map((pair) => pair.join('=')).join('; ')

  async function send(method: string, path: string, more: Record<string, string> = {}, text?: string): Promise<Ran> {
    const ran = await running.run({
      ...{ method, target: path, headers: { cookie: cookie(), ...more } },
      ...(text !== undefined && { body: text }),
    })
    for (const line of ran.cookies) {
      const [name, value] = line.split(';')[0]!.split('=') as [string, string]
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return ran
  }

  const form = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  const enter = () => send('POST', '/login', form, `login=bob&password=${encodeURIComponent(PASSWORD)}`)
  const prove = (path: string, proof: string, more: Record<string, string> = {}) =>
    send('POST', path, { 'secure-session-response': `"${proof}"`, ...more })

  /** Signs in, in a browser that can. */
  async function bound(own: Awaited<ReturnType<typeof device>>) {
    const registered = await prove(REGISTER, await own.first(challengeOf(await enter(), 'registration')))
    assert.equal(registered.reply?.status, 200, JSON.stringify(registered.reply))
    const id = (JSON.parse(registered.reply.body!) as { session_identifier: string }).session_identifier
    return { registered, id }
  }

  return { ...world, cookies, send, enter, prove, bound }
}

const who = ({ x }: Ran) => x.get(Principal)?.login ?? null

function challengeOf(ran: Ran, of: 'registration' | 'challenge'): string {
  const line = ran.head.get(`secure-session-${of}`) ?? ran.reply?.head?.[`secure-session-${of}`] ?? ''
  return (of === 'registration' ? /challenge="([^"]+)"/ : /^"([^"]+)"/).exec(line)?.[1] ?? assert.fail(`no challenge: ${line}`)
}

describe('a session that is bound to its device', () => {
  it('is offered with the answer that gives it, and nowhere else', async () => {
    const on = await start()
    const line = (await on.enter()).head.get('secure-session-registration')
    assert.match(line!, /^\(ES256 RS256\);path="\/_holdfast\/session\/register";challenge="[^"]+"$/)
    assert.equal((await on.send('GET', '/open')).head.get('secure-session-registration'), undefined)
    assert.equal((await (await start(false)).enter()).head.get('secure-session-registration'), undefined)
  })

  it('goes on as before in a browser that cannot', async () => {
    const { enter, send, clock } = await start()
    await enter()
    clock.now += 20 * MINUTE
    assert.equal(who(await send('GET', '/open')), 'bob')
  })

  for (const alg of ['ES256', 'RS256'] as const)
    it(`takes a key of ${alg}, and says what it guards`, async () => {
      const { bound, cookies, send, events } = await start()
      const { registered, id } = await bound(await device(alg))
      const said = JSON.parse(registered.reply!.body!) as Record<string, unknown>
      assert.deepEqual(said['scope'], { origin: 'https://app.example', include_site: false, scope_specification: [] })
      assert.equal(said['refresh_url'], REFRESH)
      assert.match(registered.cookies[0]!, /^__Host-hf_bound=[\w.-]+; Path=\/; Max-Age=300; Secure; HttpOnly; SameSite=Lax$/)
      assert.ok(cookies.has('__Host-hf_bound') && id !== cookies.get('__Host-hf_sid'))
      assert.equal(who(await send('GET', '/open')), 'bob')
      assert.ok(events.some(({ type }) => type === 'session_bound'))
    })

  it('is worth nothing to who stole its cookie alone', async () => {
    const { bound, cookies, send, clock } = await start()
    await bound(await device())
    cookies.delete('__Host-hf_bound')
    assert.equal(who(await send('GET', '/open')), 'bob', 'what the page loads meanwhile')
    clock.now += MINUTE
    const stolen = await send('GET', '/open')
    assert.equal(who(stolen), null)
    assert.deepEqual(
      stolen.events.map(({ type }) => type),
      ['session_unproved'],
    )
    assert.deepEqual(stolen.cookies, [])
    assert.equal((await send('GET', '/notes')).reply?.denial?.code, 'sign-in-required')
  })

  it('is worth minutes to who stole both', async () => {
    const { bound, send, clock } = await start()
    await bound(await device())
    clock.now += 4 * MINUTE
    assert.equal(who(await send('GET', '/open')), 'bob')
    clock.now += MINUTE
    assert.equal(who(await send('GET', '/open')), null)
  })

  it('goes on for who signs a challenge, once each', async () => {
    const { bound, send, prove, clock } = await start()
    const own = await device()
    const { id } = await bound(own)
    clock.now += 6 * MINUTE
    const named = { 'sec-secure-session-id': `"${id}"` }
    const asked = await send('POST', REFRESH, named)
    assert.equal(asked.reply?.status, 403)
    const proof = await own.sign(challengeOf(asked, 'challenge'))
    const results = await race(20, () => prove(REFRESH, proof, named))
    assert.equal(results.filter(({ reply }) => reply?.status === 200).length, 1)
    assert.equal(results.filter(({ reply }) => reply?.status === 403).length, 19)
    assert.equal(who(await send('GET', '/open')), 'bob')
  })

  it('does not go on for another key, another session, another purpose, or no signature (L97)', async () => {
    const { bound, send, prove } = await start()
    const [own, thief] = [await device(), await device()]
    const { id } = await bound(own)
    const named = { 'sec-secure-session-id': id }
    const next = async () => challengeOf(await send('POST', REFRESH, named), 'challenge')
    const none = (jti: string) =>
      `${Buffer.from('{"alg":"none","typ":"dbsc+jwt"}').toString('base64url')}.${Buffer.from(JSON.stringify({ jti })).toString('base64url')}.AA`
    const wrong: [string, string][] = [
      ['another key', await thief.sign(await next())],
      ['another key, brought along', await thief.first(await next())],
      ['no algorithm', none(await next())],
      ['another type', await own.sign(await next(), { typ: 'JWT' })],
      ['nothing', 'a.b.c'],
    ]
    for (const [what, proof] of wrong) assert.equal((await prove(REFRESH, proof, named)).reply?.status, 400, what)
    assert.equal((await prove(REFRESH, await own.sign(await next()), { 'sec-secure-session-id': 'another' })).reply?.status, 400)
    assert.equal((await prove(REFRESH, await own.sign('made.up.challenge'), named)).reply?.status, 403)
    assert.equal((await prove(REFRESH, await own.sign(await next()), named)).reply?.status, 200)
  })

  it('is bound once: a challenge is used up, and no second key takes the place of the first', async () => {
    const { enter, prove, send } = await start()
    const [own, thief] = [await device(), await device()]
    const challenge = challengeOf(await enter(), 'registration')
    const results = await race(20, async () => await prove(REGISTER, await own.first(challenge)))
    assert.equal(results.filter(({ reply }) => reply?.status === 200).length, 1)
    assert.equal((await prove(REGISTER, await thief.first(challenge))).reply?.status, 400)
    assert.equal(who(await send('GET', '/open')), 'bob')
  })

  it('is not bound by the challenge of another session, or one that is too old', async () => {
    const { enter, prove, clock, cookies } = await start()
    const own = await device()
    const foreign = challengeOf(await enter(), 'registration')
    cookies.clear()
    const late = challengeOf(await enter(), 'registration')
    assert.equal((await prove(REGISTER, await own.first(foreign))).reply?.status, 400)
    clock.now += 5 * MINUTE
    assert.equal((await prove(REGISTER, await own.first(late))).reply?.status, 400)
  })

  it('ends like any other: afterwards its device proves nothing', async () => {
    const { bound, send, accounts } = await start()
    const { id } = await bound(await device())
    const user = (await accounts.users.byLogin('bob'))!
    await accounts.sessions.endAll(user.id, { kind: 'system', id: 'test' })
    assert.equal((await send('POST', REFRESH, { 'sec-secure-session-id': id })).reply?.status, 401)
  })

  it('refuses a word that is none', () => {
    assert.throws(() => readSessionOptions({ deviceBound: true as never }), /session\.deviceBound is true.*'if-available'/)
  })
})
