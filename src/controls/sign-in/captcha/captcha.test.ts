import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { solved, type Asked } from '../../../../test/support/challenge.ts'
import { fakeSiteverify, SECRET, type FakeSiteverify, type Mood } from '../../../../test/support/siteverify.ts'
import { node } from '../../../adapters/node.ts'
import { createHoldfast, hcaptcha, recaptcha, Secret, turnstile, type Captcha } from '../../../index.ts'
import { race, startTesting, type Answer, type TestingOptions } from '../../../testing/index.ts'

const LOCAL = { reason: 'a test on this machine', until: '2099-01-01' }
const PRESETS = { turnstile, hcaptcha, recaptcha }
type Preset = keyof typeof PRESETS

async function start(verifier: FakeSiteverify, preset: Preset = 'turnstile', challenge: object = {}, more: TestingOptions = {}) {
  const captcha = PRESETS[preset]({
    ...{ siteKey: 'public-site-key', secret: new Secret(SECRET) },
    insecureEndpoint: { url: verifier.url, ...LOCAL },
  })
  const app = await startTesting((holdfast) => node(holdfast, (_, response) => response.end('ok')), {
    ...more,
    signIn: { challenge: { when: 'always', captcha, captchaTimeout: '300ms', difficulty: 8, ...challenge }, ...more.signIn },
  } as TestingOptions)
  const { user } = await signedUp(app)
  const send = (fields: object, login = user): Promise<Answer> =>
    app.visitor().post('/login', { json: { login, password: 'crimson kettle orbit lagoon', ...fields } })
  return Object.assign(app, { captcha, send })
}

async function signedUp(app: { holdfast: Awaited<ReturnType<typeof createHoldfast>> }) {
  const created = await app.holdfast.accounts.users.create(
    { login: 'ada', password: new Secret('crimson kettle orbit lagoon') },
    { kind: 'system', id: 'test' },
  )
  assert.ok(created.ok)
  return { user: 'ada' }
}

const challengeOf = (answer: Answer) => (answer.json() as { challenge: Asked & Record<string, string> }).challenge
const codeOf = (answer: Answer) => (answer.json() as { code: string }).code

describe('a CAPTCHA in place of the work', () => {
  for (const preset of Object.keys(PRESETS) as Preset[])
    it(`of ${preset} stands on the page, which alone may load it, and is passed once`, async () => {
      await using verifier = await fakeSiteverify()
      await using app = await start(verifier, preset)
      const { field } = app.captcha
      const page = await app.visitor().get('/login')
      const policy = page.headers['content-security-policy'] as string
      const nonce = /script nonce="([^"]+)" src="https:\/\/[^"]+" async/.exec(page.text)?.[1]
      assert.ok(nonce !== undefined && policy.includes(`'nonce-${nonce}'`), 'its script has the nonce of the page')
      assert.match(policy, /frame-src 'self' https:\/\//)
      assert.doesNotMatch(policy, /unsafe|script-src[^;]*https:/)
      assert.match(page.text, /data-sitekey="public-site-key"/)
      assert.equal(page.text.includes(SECRET), false)
      for (const other of ['/', '/logout']) {
        const { headers } = await app.visitor().get(other)
        assert.doesNotMatch(String(headers['content-security-policy']), /https:\/\//, other)
      }
      assert.equal((await app.send({})).status, 403)
      assert.equal(verifier.asked.length, 0, 'nobody is asked about nothing')
      const token = verifier.pass('localhost', 'login')
      assert.equal((await app.send({ [field]: token })).status, 200)
      assert.deepEqual([verifier.asked[0]?.get('response'), verifier.asked[0]?.get('remoteip')], [token, null])
      assert.equal((await app.send({ [field]: token })).status, 403, 'a second time')
    })

  it('tells programs what is asked for', async () => {
    await using verifier = await fakeSiteverify()
    await using app = await start(verifier)
    const { kind, captcha, siteKey, action } = challengeOf(await app.send({}))
    assert.deepEqual([kind, captcha, siteKey, action], ['captcha', 'turnstile', 'public-site-key', 'login'])
  })

  it('is not passed by an answer for another host or form, by rubbish, or by what is too long', async () => {
    await using verifier = await fakeSiteverify()
    await using app = await start(verifier)
    const tokens = [verifier.pass('evil.example', 'login'), verifier.pass('localhost', 'sign_up'), verifier.pass('localhost')]
    for (const token of [...tokens, 'x', 'a b', 'ä', 'x'.repeat(9000)]) {
      const answer = await app.send({ 'cf-turnstile-response': token })
      assert.deepEqual([answer.status, codeOf(answer)], [403, 'challenge-required'], token.slice(0, 20))
    }
    assert.deepEqual(app.faults, [])
  })

  it('lets one of twenty through who bring the same answer, also where they would say yes to all', async () => {
    await using verifier = await fakeSiteverify()
    verifier.mood = 'never-used'
    await using app = await start(verifier)
    const token = verifier.pass('localhost', 'login')
    const answers = await race(20, () => app.send({ 'cf-turnstile-response': token }))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
  })

  const DOWN: readonly Mood[] = ['hangs', 'broken', 'no-json', 'odd', 'redirects', 'wrong-secret', 'internal-error']
  for (const mood of DOWN)
    it(`asks for work where they do not answer (${mood}), says so loudly, and asks them again after a minute`, async () => {
      await using verifier = await fakeSiteverify()
      await using app = await start(verifier)
      verifier.mood = mood
      const refused = await app.send({ 'cf-turnstile-response': verifier.pass('localhost', 'login') })
      assert.deepEqual([refused.status, challengeOf(refused).kind], [403, 'proof-of-work'])
      const lost = app.events.filter(({ type }) => type === 'authn_captcha_lost')
      assert.deepEqual([lost.length, lost[0]?.level, lost[0]?.data?.['instead']], [1, 'critical', 'work'])
      assert.equal((await app.send(solved(challengeOf(refused)))).status, 200)
      const { text, headers } = await app.visitor().get('/login')
      assert.match(text, /data-bits/)
      assert.doesNotMatch(String(headers['content-security-policy']), /cloudflare/)
      app.clock.advance(60_000)
      verifier.mood = 'honest'
      assert.equal((await app.send({ 'cf-turnstile-response': verifier.pass('localhost', 'login') })).status, 200)
    })

  it('lets nobody through meanwhile where the operator said so', async () => {
    await using verifier = await fakeSiteverify()
    await using app = await start(verifier, 'turnstile', { whenCaptchaIsDown: 'refuse' })
    verifier.mood = 'broken'
    const answer = await app.send({ 'cf-turnstile-response': verifier.pass('localhost', 'login') })
    assert.deepEqual([answer.status, codeOf(answer)], [503, 'captcha-down'])
    assert.equal(challengeOf(await app.send({})).kind, 'captcha', 'and no work in its place')
    assert.doesNotMatch((await app.visitor().get('/login')).text, /wait for a minute/)
  })

  it('takes nothing but a plain yes of a verifier of one’s own', async () => {
    const answers: unknown[] = [undefined, null, true, 'yes', {}, { ok: 'true' }, { ok: 1 }, { success: true }]
    const own: Captcha = {
      ...turnstile({ siteKey: 'public-site-key', secret: new Secret(SECRET) }),
      verify: async () => answers.shift() as never,
    }
    const options = { challenge: { when: 'always', captcha: own, difficulty: 8 } } as const
    await using app = await startTesting((holdfast) => node(holdfast, (_, response) => response.end()), { signIn: options })
    await signedUp(app)
    for (let turn = 0; answers.length > 0; turn += 1) {
      const json = { login: 'ada', password: 'crimson kettle orbit lagoon', 'cf-turnstile-response': `t${turn}` }
      assert.equal((await app.visitor().post('/login', { json })).status, 403)
      app.clock.advance(60_000)
    }
  })

  it('may be waited for without script, once a minute for a network', async () => {
    await using verifier = await fakeSiteverify()
    await using app = await start(verifier)
    const page = (await app.visitor().get('/login')).text
    const challenge = /name="challenge" value="([^"]+)"/.exec(page)![1]!
    assert.equal((await app.send({ challenge, solution: '' })).status, 403)
    app.clock.advance(60_000)
    assert.equal((await app.send({ challenge, solution: '' })).status, 200)
    assert.equal((await app.send({ challenge, solution: '' })).status, 403)
    assert.equal(verifier.asked.length, 0)
  })

  it('is refused at start-up where it could not work', async () => {
    const base = { origin: 'https://app.example', mode: 'test', log: 'silent', database: ':memory:' } as const
    const secret = new Secret(SECRET)
    for (const challenge of [{ captcha: {} }, { whenCaptchaIsDown: 'open' }, { captchaTimeout: '1ms' }, { captchaTimeout: '1h' }])
      await assert.rejects(createHoldfast({ ...base, signIn: { challenge: challenge as never } }), { code: 'HF_OPTION_INVALID' })
    assert.throws(() => turnstile({ siteKey: '<b>', secret }), { message: /turnstile.siteKey/ })
    assert.throws(() => hcaptcha({ siteKey: 'public-site-key', secret: SECRET as never }), { message: /hcaptcha.secret/ })
  })
})
