/** One question about a session, a key or an account: what did it do, what was done in its name, and what could it have done? */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { describeTrace } from '../src/observe/incidents/trace.ts'
import { startApp } from './support/app.ts'
import { ATTACKER, askFrom, BEHIND_A_PROXY, failToSignIn } from './support/responding.ts'

const BY = { kind: 'system', id: 'operator' } as const

describe('a trace', () => {
  const start = () => startApp({ options: { ...BEHIND_A_PROXY, apiKeys: { accept: 'everywhere' }, public: ['/', '/public'] } })

  it('of a session or a key tells what was done with it, and with no other of the same owner', async () => {
    await using app = await start()
    const { userId, cookie } = await app.signIn('member', 'ada')
    const made = await app.holdfast.accounts.apiKeys.create({ userId, name: 'ci', scopes: [] }, BY)
    assert.ok(made.ok)
    const [session] = await app.holdfast.accounts.sessions.list(userId, app.clock.now())
    const { cookie: other } = await signInAgain(app)
    await askFrom(app, ATTACKER, '/admin', { cookie })
    for (let n = 0; n < 2; n++) await askFrom(app, ATTACKER, '/admin', { cookie: other })
    for (let n = 0; n < 3; n++) await askFrom(app, ATTACKER, '/admin', { authorization: `Bearer ${made.text.reveal()}` })
    const range = { from: 0, to: app.clock.now() + 1 }
    const { trace } = app.holdfast.investigation
    const bySession = await trace({ kind: 'session', value: session!.id }, range)
    assert.equal(bySession.did.counts['authz_fail'], 1)
    const byKey = await trace({ kind: 'api-key', value: made.key.id }, range)
    assert.equal(byKey.did.counts['authz_fail'], 3)
    assert.match(describeTrace(byKey), new RegExp(`authz_fail  ${ATTACKER}  GET /admin`))
    const byOwner = await trace({ kind: 'user', value: userId }, range)
    assert.equal(byOwner.did.counts['authz_fail'], 6)
  })

  it('of an account tells what others did in its name apart from what it did', async () => {
    await using app = await start()
    const { userId, cookie } = await app.signIn('member', 'ada')
    await failToSignIn(app, 'ada', 3)
    await askFrom(app, '198.51.100.7', '/admin', { cookie })
    const found = await app.holdfast.investigation.trace({ kind: 'user', value: userId }, { from: 0, to: app.clock.now() + 1 })
    assert.equal(found.did.counts['authn_login_fail'], undefined)
    assert.equal(found.did.suffered['authn_login_fail'], 3)
    assert.equal(found.did.counts['authz_fail'], 1)
    assert.match(describeTrace(found), /In its name, or to it, by whomever:\n(?: .*\n)* {2}3 × authn_login_fail\n/)
  })

  it('names what is open to everybody, and shows no text that moves the terminal', async () => {
    await using app = await start()
    await askFrom(app, ATTACKER, '/%C2%9B31m%E2%80%AEx')
    const found = await app.holdfast.investigation.trace(
      { kind: 'client', value: ATTACKER },
      { from: 0, to: app.clock.now() + 1 },
    )
    const text = describeTrace({
      ...found,
      did: { ...found.did, events: [{ ...found.did.events[0]!, path: '/\u009b31m\u202ex' }] },
    })
    assert.match(text, /open to everybody: .*\/public/)
    assert.doesNotMatch(text, /[\u0080-\u009f\u202a-\u202e]/)
  })
})

/** A second session of ada. */
async function signInAgain(app: Awaited<ReturnType<typeof startApp>>): Promise<{ readonly cookie: string }> {
  const body = 'login=ada&password=a+walrus+sings+at+four'
  const headers = { origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/x-www-form-urlencoded' }
  const answer = await app.fetch('/login', { method: 'POST', headers: { ...headers, 'x-forwarded-for': '198.51.100.7' }, body })
  const cookie = answer
    .all('set-cookie')
    .find((one) => one.startsWith('hf_sid'))
    ?.split(';')[0]
  assert.ok(cookie, String(answer.status))
  return { cookie }
}
