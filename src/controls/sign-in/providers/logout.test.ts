/** Signing out at a provider: told by a real one, and by one that lies. */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { startApp, type TestApp } from '../../../../test/support/app.ts'
import { FORM } from '../../../../test/support/browser.ts'
import { lyingProvider, realProvider, wanderer } from '../../../../test/support/provider.ts'
import { race } from '../../../../test/support/race.ts'

const TEST = { kind: 'system', id: 'test' } as const
const EVENT = 'http://schemas.openid.net/event/backchannel-logout'
const LOGOUT = '/login/with/idp/logout'

async function link(app: TestApp, issuer: string, login: string, subject: string): Promise<string> {
  const { cookie, userId } = await app.signIn('member', login)
  const identity = { provider: 'idp', issuer, subject, shown: subject, strong: false }
  assert.ok((await app.holdfast.accounts.identities.link(userId, identity, TEST)).ok)
  return cookie
}

/** As the server of a provider sends it: no browser, no origin. */
async function tell(app: TestApp, token: string): Promise<number> {
  const body = new URLSearchParams({ logout_token: token }).toString()
  return (await app.fetch(LOGOUT, { method: 'POST', headers: { 'content-type': FORM }, body })).status
}

describe('back-channel logout', () => {
  it('of a real provider ends exactly the session that came from the one there', async () => {
    const idp = await realProvider()
    const app = await startApp({ options: { signIn: { providers: { idp: idp.configured() } } } })
    try {
      idp.open(app.origin)
      const cookie = await link(app, idp.issuer, 'ada', 'person-1')
      const [one, two] = [wanderer(app), wanderer(app)]
      for (const browser of [one, two]) await browser.comeBack(await idp.visit(await browser.leave()))
      const [first] = idp.sids
      assert.deepEqual([await one.who(), await two.who(), idp.sids.length], ['ada', 'ada', 2])
      await idp.tellLogout('person-1', 'no such session')
      assert.deepEqual([await one.who(), await two.who()], ['ada', 'ada'])
      await idp.tellLogout('person-1', first)
      assert.deepEqual([await one.who(), await two.who(), await wanderer(app, cookie).who()], [null, 'ada', 'ada'])
      const ended = app.events.find(({ type, data }) => type === 'session_ended' && data?.['reason'] === 'provider-logout')
      assert.equal(ended?.data?.['provider'], 'idp')
    } finally {
      await app[Symbol.asyncDispose]()
      await idp.close()
    }
  })

  it('believes only a signed token of this provider, for us, of now, about a logout, and each once', async () => {
    const idp = await lyingProvider()
    const app = await startApp({ options: { signIn: { providers: { idp: idp.configured() } } } })
    try {
      await link(app, idp.issuer, 'ada', 'person-1')
      const browser = wanderer(app)
      await browser.comeBack(idp.visit(await browser.leave()))
      assert.equal(await browser.who(), 'ada')
      const now = Math.floor(app.clock.now() / 1000)
      const honest = {
        iss: idp.issuer,
        aud: 'holdfast-test',
        sub: 'person-1',
        iat: now,
        exp: now + 120,
        jti: 'x',
        events: { [EVENT]: {} },
      }
      let count = 0
      const sign = (claims: Record<string, unknown>, head: object = {}, key = idp.key) =>
        new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'one', typ: 'logout+jwt', ...head }).sign(key)
      const lie = (more: object) => sign({ ...honest, jti: `lie-${(count += 1)}`, ...more })
      const { privateKey: stranger } = await generateKeyPair('RS256')
      const lies = [
        ...[
          lie({ iss: 'https://other.example' }),
          lie({ aud: 'somebody-else' }),
          lie({ iat: now - 3600 }),
          lie({ exp: now - 120 }),
        ],
        ...[
          lie({ iat: undefined }),
          lie({ iat: now + 600 }),
          lie({ events: undefined }),
          lie({ events: {} }),
          lie({ events: { [EVENT]: true } }),
        ],
        ...[lie({ events: [EVENT] }), lie({ nonce: 'n' }), lie({ nonce: null }), lie({ jti: undefined }), lie({ jti: ' ' })],
        ...[lie({ sub: undefined }), lie({ sub: '' }), lie({ sub: 7 }), lie({ sid: {} })],
        ...[sign(honest, { typ: 'at+jwt' }), sign(honest, { kid: 'two' }), sign(honest, {}, stranger)],
        ...[new UnsecuredJWT(honest).encode(), 'x', '', 'x'.repeat(20_000)],
      ]
      for (const [index, token] of lies.entries()) assert.equal(await tell(app, await token), 400, String(index))
      assert.equal(await browser.who(), 'ada')
      const other = await sign({ ...honest, jti: 'other', sub: 'person-2' })
      assert.deepEqual([await tell(app, other), await browser.who()], [200, 'ada'], 'of somebody else')
      const token = await sign(honest)
      const statuses = await race(20, () => tell(app, token))
      assert.equal(statuses.filter((status) => status === 200).length, 1)
      assert.equal(await browser.who(), null)
      assert.deepEqual(app.faults, [])
      assert.equal((await app.fetch(LOGOUT)).status, 405)
    } finally {
      await app[Symbol.asyncDispose]()
      await idp.close()
    }
  })
})
