/** Every response of THE LIST is applied to a running application, seen from outside, and undone where that can be. */
import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { trustedKeys, verifyEvidence } from '../src/observe/evidence/verify.ts'
import { parseKeyring, generateKey } from '../src/crypto/keyring.ts'
import { Secret } from '../src/index.ts'
import { responses } from '../src/observe/responses/index.ts'
import type { ResponseRequest } from '../src/observe/responses/responder-types.ts'
import { PASSWORD, startApp, type Response, type TestApp } from './support/app.ts'
import { FORM } from './support/browser.ts'
import { ATTACKER, askFrom, BEHIND_A_PROXY } from './support/responding.ts'
import { signInApp, tokensIn, fromApp } from './support/tokens.ts'

const BY = { kind: 'system', id: 'operator' } as const
const KEYS = generateKey('k')
const EVERYWHERE = { apiKeys: { accept: 'everywhere' }, accessTokens: { accept: 'everywhere' } } as const
const MINUTE = 60_000
const data = mkdtempSync(join(tmpdir(), 'holdfast-responses-'))
after(() => rmSync(data, { recursive: true }))

interface Member {
  readonly cookie: string
  readonly userId: string
}

/** What one driver sees: an application with an administrator and a member, and an incident. */
interface Stage {
  readonly app: TestApp
  readonly ada: Member
  readonly incident: string
  /** Applies the response that the driver is about. */
  apply(more?: Partial<ResponseRequest>): Promise<string>
  undo(id: string): Promise<void>
  asAda(path?: string): Promise<number>
}

type Driver = (stage: Stage) => Promise<void>

const status = async (answer: Promise<Response>) => (await answer).status
const codeOf = ({ text }: Response) => (JSON.parse(text) as { code: string }).code
const post = (app: TestApp, path: string, cookie: string, body: string) =>
  app.fetch(path, {
    method: 'POST',
    headers: { cookie, origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': FORM },
    body,
  })
const sessionOf = async ({ app, ada }: Stage) => (await app.holdfast.accounts.sessions.list(ada.userId, app.clock.now()))[0]!.id
const user = ({ ada }: Stage) => ({ kind: 'user', value: ada.userId }) as const

/** One for each response. */
const drivers: Readonly<Record<string, Driver>> = {
  'snapshot-evidence': async ({ apply, incident }) => {
    await apply({ incident })
    const folder = join(data, 'evidence')
    const [file] = readdirSync(folder)
    const verified = verifyEvidence(readFileSync(join(folder, file!), 'utf8'), trustedKeys(parseKeyring(KEYS), 'localhost'))
    assert.ok(verified.ok)
    assert.equal(verified.evidence.incident.id, incident)
  },
  'raise-log-level': async (stage) => {
    const { app, apply, undo, asAda } = stage
    const told = () => app.events.filter(({ type, path }) => type === 'request_watched' && path === '/me').length
    await asAda()
    const id = await apply({ subject: user(stage) })
    await asAda()
    await app.fetch('/me')
    await undo(id)
    await asAda()
    assert.equal(told(), 1)
  },
  'notify-user': async (stage) => {
    const { app, apply, ada } = stage
    await app.holdfast.accounts.users.setAddress(ada.userId, 'ada@mail.example', BY, { verified: true })
    await apply({ subject: user(stage) })
    await app.holdfast.accounts.notices.sweep(app.clock.now())
    assert.ok((await app.mails()).some(({ to, text }) => to === 'ada@mail.example' && /unusual/.test(text)))
  },
  'mark-honeytoken': async ({ app, apply, undo }) => {
    const used = () => app.events.filter(({ type }) => type === 'honeytoken_used').length
    await askFrom(app, ATTACKER, '/old-export')
    const id = await apply({ subject: { kind: 'route', value: '/old-export' } })
    await askFrom(app, ATTACKER, '/old-export')
    await askFrom(app, ATTACKER, '/')
    await undo(id)
    await askFrom(app, ATTACKER, '/old-export')
    assert.equal(used(), 1)
  },
  'slow-down': async ({ app, apply, undo }) => {
    const id = await apply({ subject: { kind: 'client', value: ATTACKER }, settings: { factor: '100' } })
    const answers = []
    for (let n = 0; n < 5; n++) answers.push(await status(askFrom(app, ATTACKER, '/')))
    assert.deepEqual(answers, [200, 200, 200, 429, 429], '300 a minute, of which each takes 100')
    assert.equal(await status(askFrom(app, '198.51.100.1', '/')), 200)
    await undo(id)
    app.clock.advance(MINUTE)
    for (let n = 0; n < 5; n++) assert.equal(await status(askFrom(app, ATTACKER, '/')), 200)
  },
  'require-step-up': async (stage) => {
    const { app, apply, ada, asAda } = stage
    app.clock.advance(1000)
    await apply({ subject: user(stage) })
    const refused = await app.fetch('/me', { headers: { cookie: ada.cookie, accept: 'application/json' } })
    assert.deepEqual([refused.status, codeOf(refused)], [401, 'recent-proof-required'])
    const page = await app.fetch('/me', { headers: { cookie: ada.cookie, accept: 'text/html' } })
    assert.match(page.headers.location!, /^\/login\/again/)
    app.clock.advance(1000)
    const proved = await post(app, '/login/again', ada.cookie, `password=${encodeURIComponent(PASSWORD)}`)
    const cookie = proved
      .all('set-cookie')
      .find((line) => line.startsWith('hf_sid'))!
      .split(';')[0]!
    assert.equal(await status(app.fetch('/me', { headers: { cookie } })), 200)
    assert.equal(await asAda(), 401, 'the token from before')
  },
  'end-session': async (stage) => {
    const { app, apply, asAda } = stage
    const [other, id] = [await again(app), await sessionOf(stage)]
    await apply({ subject: { kind: 'session', value: id } })
    const living = [await asAda(), await status(app.fetch('/me', { headers: { cookie: other } }))]
    assert.deepEqual(living.toSorted(), [200, 401])
  },
  'end-user-sessions': async (stage) => {
    const { app, apply, asAda } = stage
    const other = await again(app)
    await apply({ subject: user(stage) })
    assert.deepEqual([await asAda(), await status(app.fetch('/me', { headers: { cookie: other } }))], [401, 401])
  },
  'revoke-app': async ({ app, apply, ada }) => {
    const { refresh_token: refresh } = await signInApp(app, 'ada')
    const [first] = await app.holdfast.accounts.tokens.list(ada.userId, app.clock.now())
    await apply({ subject: { kind: 'app', value: first!.id } })
    assert.equal(tokensIn(await fromApp(app, '/auth/refresh', { refresh_token: refresh })), undefined)
  },
  'revoke-api-key': async ({ app, apply, ada }) => {
    const made = await app.holdfast.accounts.apiKeys.create({ userId: ada.userId, name: 'k', scopes: [] }, BY)
    assert.ok(made.ok)
    const ask = () => status(app.fetch('/me', { headers: { authorization: `Bearer ${made.text.reveal()}` } }))
    assert.equal(await ask(), 200)
    await apply({ subject: { kind: 'api-key', value: made.key.id } })
    assert.equal(await ask(), 401)
  },
  'block-client': async ({ app, apply, undo }) => {
    const id = await apply({ subject: { kind: 'client', value: ATTACKER } })
    const refused = await askFrom(app, ATTACKER, '/')
    assert.deepEqual([refused.status, codeOf(refused), refused.headers['retry-after']], [429, 'address-blocked', '3600'])
    await undo(id)
    assert.equal(await status(askFrom(app, ATTACKER, '/')), 200)
  },
  'block-network': async ({ app, apply, undo }) => {
    const id = await apply({ subject: { kind: 'network', value: '203.0.113.0/24' } })
    for (const last of [0, 9, 255]) assert.equal(await status(askFrom(app, `203.0.113.${last}`, '/')), 429)
    assert.equal(await status(askFrom(app, '203.0.114.1', '/')), 200)
    await undo(id)
    assert.equal(await status(askFrom(app, ATTACKER, '/')), 200)
  },
  'lock-account': async (stage) => {
    const { app, apply, undo, asAda } = stage
    const id = await apply({ subject: user(stage) })
    assert.equal(await asAda(), 403)
    assert.equal(await asAda('/'), 200, 'as anybody')
    assert.equal(await status(post(app, '/logout', await again(app), '')), 303)
    await undo(id)
    assert.equal(await asAda(), 200)
  },
  'force-password-change': async (stage) => {
    const { app, apply, ada, asAda } = stage
    await app.holdfast.accounts.users.setAddress(ada.userId, 'ada@mail.example', BY, { verified: true })
    await apply({ subject: user(stage) })
    assert.equal(await asAda(), 401)
    assert.equal((await signIn(app)).ok, false)
    await app.holdfast.accounts.notices.sweep(app.clock.now())
    assert.ok((await app.mails()).some(({ text }) => /made void/.test(text)))
  },
  'tighten-limit': async ({ app, apply, undo }) => {
    const id = await apply({ settings: { limit: 'client', factor: '50' } })
    const answers = []
    for (let n = 0; n < 7; n++) answers.push(await status(askFrom(app, '198.51.100.1', '/')))
    assert.deepEqual(answers, [...Array(6).fill(200), 429])
    await undo(id)
    app.clock.advance(MINUTE)
    for (let n = 0; n < 7; n++) assert.equal(await status(askFrom(app, '198.51.100.1', '/')), 200)
  },
  'disable-route': async ({ apply, undo, asAda }) => {
    const id = await apply({ subject: { kind: 'route', value: 'feature:profile' } })
    assert.deepEqual([await asAda('/me'), await asAda('/')], [503, 200])
    await undo(id)
    assert.equal(await asAda('/me'), 200)
  },
  'rotate-keys': async ({ app, apply }) => {
    const { access_token: token } = await signInApp(app, 'ada')
    const ask = () => status(app.fetch('/me', { headers: { authorization: `Bearer ${token}` } }))
    await app.holdfast.accounts.tokens.sweep(app.clock.now())
    assert.equal(await ask(), 200)
    await apply({ settings: { overlap: 'no' }, insecureAlone: 'The test is alone.' })
    app.clock.advance(1000)
    assert.equal(await ask(), 401)
  },
  'read-only': async ({ app, apply, undo, ada, asAda }) => {
    const id = await apply({ insecureAlone: 'The test is alone.' })
    const refused = await post(app, '/notes', ada.cookie, 'text=x')
    assert.deepEqual([refused.status, app.state.notes.length, await asAda()], [503, 0, 200])
    assert.ok((await signIn(app)).ok)
    await undo(id)
    assert.equal(await status(post(app, '/notes', ada.cookie, 'text=x')), 200)
  },
  'end-all-sessions': async ({ app, apply, asAda }) => {
    await apply({ insecureAlone: 'The test is alone.' })
    assert.equal(await asAda(), 401)
    assert.deepEqual(await app.holdfast.accounts.emergency.signedIn(), { users: 0, sessions: 0 })
  },
}

function signIn(app: TestApp) {
  const from = { address: '198.51.100.7', network: '198.51.100.7', userAgent: 'test' }
  return app.holdfast.accounts.doors.password.signIn({ login: 'ada', password: new Secret(PASSWORD) }, from)
}

async function again(app: TestApp): Promise<string> {
  const signedIn = await signIn(app)
  if (!signedIn.ok) throw new Error(signedIn.reason)
  return `hf_sid_localhost=${signedIn.token.reveal()}`
}

describe('responses', () => {
  it('are all tried here', () => assert.deepEqual(Object.keys(drivers).toSorted(), responses.map(({ name }) => name).toSorted()))

  for (const { name, final } of responses) {
    it(`${name} does what it says`, async () => {
      const options = { ...BEHIND_A_PROXY, ...EVERYWHERE, keys: KEYS, data, containment: { features: { profile: ['/me'] } } }
      await using app = await startApp({ options })
      await app.signIn('admin', 'root')
      const ada = await app.signIn('member', 'ada')
      app.holdfast.incidents.take({
        ...{ id: 's', detection: 'd', severity: 'low', time: app.clock.now(), dryRun: false, targets: [], targetCount: 0 },
        ...{ actors: [{ kind: 'client', value: ATTACKER }], why: 'w', automatic: [], offered: [] },
      })
      await app.holdfast.incidents.settled()
      const incident = (await app.holdfast.incidents.list())[0]!.id
      const stage: Stage = {
        ...{ app, ada, incident },
        async apply(more = {}) {
          const outcome = await app.holdfast.responses.apply({
            response: name,
            by: BY,
            reason: 'A test says so.',
            incident,
            ...more,
          })
          if (!outcome.ok) throw new Error(outcome.says)
          if (final !== undefined) {
            const undone = await app.holdfast.responses.undo(outcome.applied.id, BY, 'A test says so.')
            assert.equal(!undone.ok && undone.says, final)
          }
          return outcome.applied.id
        },
        async undo(id) {
          const outcome = await app.holdfast.responses.undo(id, BY, 'A test says so.')
          if (!outcome.ok) throw new Error(outcome.says)
        },
        asAda: (path = '/me') => status(app.fetch(path, { headers: { cookie: ada.cookie, accept: 'application/json' } })),
      }
      await drivers[name]!(stage)
      assert.deepEqual(app.faults, [])
      const details = await app.holdfast.incidents.byId(incident)
      assert.ok(details!.timeline.some(({ kind, text }) => kind === 'response' && text.startsWith(`${name} applied`)))
    })
  }
})

describe('what was reached', () => {
  it('is what an actor got an answer to after the first signal, under any of their names', async () => {
    await using app = await startApp({ options: BEHIND_A_PROXY })
    const eve = await app.signIn('member', 'eve')
    await askFrom(app, ATTACKER, '/public-json')
    app.holdfast.incidents.take({
      ...{ id: 's', detection: 'd', severity: 'low', time: app.clock.now(), dryRun: false, targets: [], targetCount: 0 },
      ...{
        actors: [
          { kind: 'client', value: ATTACKER },
          { kind: 'user', value: eve.userId },
        ],
        why: 'w',
        automatic: [],
        offered: [],
      },
    })
    await app.holdfast.incidents.settled()
    await askFrom(app, ATTACKER, '/')
    await askFrom(app, ATTACKER, '/me')
    await askFrom(app, '198.51.100.9', '/me', { cookie: eve.cookie })
    await askFrom(app, '198.51.100.9', '/')
    await new Promise((resolve) => setImmediate(resolve))
    const { reached } = (await app.holdfast.incidents.byId((await app.holdfast.incidents.list())[0]!.id))!
    assert.deepEqual(reached.map(({ path, status: got, count }) => [path, got, count]).toSorted(), [
      ['/', 200, 1],
      ['/me', 200, 1],
      ['/me', 401, 1],
    ])
  })
})
