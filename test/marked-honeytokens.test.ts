/** What the response `mark-honeytoken` makes a decoy of is told at its next use: each kind, in every process, for its time. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { generateKey } from '../src/crypto/keyring.ts'
import { Secret } from '../src/index.ts'
import type { Subject } from '../src/observe/detected.ts'
import { startApp, type TestApp } from './support/app.ts'
import { FORM } from './support/browser.ts'
import { ATTACKER, askFrom, BEHIND_A_PROXY } from './support/responding.ts'
import { freshPostgres, postgresUrl } from './support/services.ts'

const BY = { kind: 'system', id: 'operator' } as const
const DAY = 86_400_000
const folder = mkdtempSync(join(tmpdir(), 'holdfast-marked-'))
const server = await postgresUrl()
after(() => rmSync(folder, { recursive: true }))

const used = ({ events }: TestApp) =>
  events.flatMap(({ type, data }) => (type === 'honeytoken_used' ? [`${String(data!['kind'])} ${String(data!['name'])}`] : []))

function mark({ holdfast }: TestApp, subject: Subject, lasts?: number) {
  return holdfast.responses.apply({ response: 'mark-honeytoken', subject, by: BY, reason: 'Nobody uses it.', lasts })
}

async function marked(app: TestApp, subject: Subject, lasts?: number): Promise<string> {
  const outcome = await mark(app, subject, lasts)
  assert.ok(outcome.ok, JSON.stringify(outcome))
  return outcome.applied.id
}

function post(app: TestApp, path: string, body: string) {
  const headers = { 'x-forwarded-for': ATTACKER, origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': FORM }
  return app.fetch(path, { method: 'POST', headers, body })
}

/** What uses each kind, and what is as like to it as can be. Given what to mark, and the name that is told. */
type Kind = (app: TestApp) => Promise<{
  readonly subject: Subject
  readonly name: string
  use(): Promise<unknown>
  nearMiss(): Promise<unknown>
}>

const KINDS: Readonly<Record<string, Kind>> = {
  'a path': async (app) => ({
    subject: { kind: 'route', value: '/old-export' },
    name: 'route /old-export',
    use: () => askFrom(app, ATTACKER, '/OLD-export?all=1'),
    nearMiss: () => askFrom(app, ATTACKER, '/old-exports'),
  }),
  'a form field': async (app) => ({
    subject: { kind: 'field', value: 'homepage' },
    name: 'field homepage',
    use: () => post(app, '/login', 'login=x&password=y&homepage=https%3A%2F%2Fspam.example'),
    nearMiss: () => post(app, '/login', 'login=x&password=y&homepage='),
  }),
  'an account by its name': async (app) => {
    const { userId } = await app.signIn('member', 'retired')
    return {
      subject: { kind: 'user', value: userId },
      name: 'account retired',
      use: () => post(app, '/login', 'login=Retired&password=guess'),
      nearMiss: () => post(app, '/login', 'login=retires&password=guess'),
    }
  },
  'an account by its session': async (app) => {
    const { userId, cookie } = await app.signIn('member', 'retired')
    const other = await app.signIn('member', 'busy')
    return {
      subject: { kind: 'user', value: userId },
      name: 'account retired',
      use: () => askFrom(app, ATTACKER, '/me', { cookie }),
      nearMiss: () => askFrom(app, ATTACKER, '/me', { cookie: other.cookie }),
    }
  },
  'a key that was revoked': async (app) => {
    const { userId } = await app.signIn('member', 'ci')
    const keys = []
    for (const name of ['leaked', 'other']) {
      const made = await app.holdfast.accounts.apiKeys.create({ userId, name, scopes: [] }, BY)
      assert.ok(made.ok)
      keys.push({ id: made.key.id, text: made.text.reveal() })
    }
    const [leaked, other] = keys as [(typeof keys)[0], (typeof keys)[0]]
    await app.holdfast.accounts.apiKeys.revoke(userId, leaked.id, BY)
    const ask = (text: string) => askFrom(app, ATTACKER, '/me', { authorization: `Bearer ${text}` })
    return {
      subject: { kind: 'api-key', value: leaked.id },
      name: `api-key hf_key_${leaked.id}`,
      use: () => ask(leaked.text),
      nearMiss: () => ask(other.text),
    }
  },
  'the value of a row': async (app) => ({
    subject: { kind: 'row', value: 'helga.decoy@example.org' },
    name: 'row helga.decoy@example.org',
    use: () => askFrom(app, ATTACKER, '/?mail=Helga.Decoy%40example.org'),
    nearMiss: () => askFrom(app, ATTACKER, '/?mail=helga%40example.org'),
  }),
}

describe('what is marked as a honeytoken', () => {
  const start = () => startApp({ options: { ...BEHIND_A_PROXY, apiKeys: { accept: 'everywhere' } } })

  for (const [title, prepare] of Object.entries(KINDS)) {
    it(`${title} is told when it is used, not before, not after its time, and nothing like it`, async () => {
      await using app = await start()
      const { subject, name, use, nearMiss } = await prepare(app)
      await use()
      await marked(app, subject, DAY)
      await nearMiss()
      assert.deepEqual(used(app), [])
      await use()
      assert.deepEqual(used(app), [name])
      app.clock.advance(DAY + 1)
      await use()
      assert.deepEqual(used(app), [name])
    })
  }

  it('fires the detection, opens an incident, and is no decoy any more once it was undone', async () => {
    await using app = await start()
    const id = await marked(app, { kind: 'route', value: '/old-export' })
    await askFrom(app, ATTACKER, '/old-export')
    await app.holdfast.detections.settled()
    await app.holdfast.incidents.settled()
    const [incident] = await app.holdfast.incidents.list()
    assert.deepEqual(incident!.detections, ['honeytoken'])
    assert.ok((await app.holdfast.responses.undo(id, BY, 'It is over now.')).ok)
    await askFrom(app, '198.51.100.3', '/old-export')
    assert.equal(used(app).length, 1)
  })

  it('is told once where the application planted the same', async () => {
    await using app = await startApp({ options: { ...BEHIND_A_PROXY, honeytokens: { routes: ['/.env'] } } })
    await marked(app, { kind: 'route', value: '/.env' })
    await askFrom(app, ATTACKER, '/.env')
    assert.deepEqual(used(app), ['route /.env'])
  })

  it('is nothing that people use, that nobody could touch, or that everybody does', async () => {
    await using app = await start()
    const root = await app.signIn('admin', 'root')
    const refused = async (kind: Subject['kind'], value: string) => {
      const outcome = await mark(app, { kind, value })
      return outcome.ok ? 'applied' : outcome.reason
    }
    assert.equal(await refused('route', '/login'), 'route-spared')
    assert.equal(await refused('route', '/a?b'), 'subject-unfit')
    assert.equal(await refused('user', root.userId), 'subject-unfit')
    assert.equal(await refused('user', 'nobody'), 'subject-unknown')
    assert.equal(await refused('api-key', 'nonsense'), 'subject-unfit')
    assert.equal(await refused('row', 'ann'), 'subject-unfit')
    assert.equal(await refused('field', 'a b'), 'subject-unfit')
    assert.equal(await refused('client', ATTACKER), 'subject-unfit')
  })

  it('is never marked by a machine: what a decoy stood on would have its visitors blocked', async () => {
    await using app = await start()
    app.holdfast.incidents.take({
      ...{ id: 'd1', detection: 'honeytoken', severity: 'critical', time: app.clock.now(), dryRun: false },
      ...{ actors: [{ kind: 'client', value: ATTACKER }], targets: [{ kind: 'route', value: '/' }], targetCount: 1 },
      ...{ why: 'a decoy field was filled in at /', automatic: ['mark-honeytoken'], offered: [] },
    })
    await app.holdfast.incidents.settled()
    assert.deepEqual(await app.holdfast.responses.list(), [])
  })
})

for (const [name, open, skip] of [
  ['one SQLite file', async () => ({ url: join(folder, 'shared.sqlite'), close: async () => {} }), false],
  ['PostgreSQL', freshPostgres, 'skip' in server && server.skip],
] as const) {
  it(`what one process marked is told in another, on ${name}`, { skip }, async () => {
    const { url, close } = await open()
    const shared = { database: url, keys: new Secret(generateKey('k')), processes: 2 }
    {
      const options = { ...BEHIND_A_PROXY, ...shared }
      await using one = await startApp({ options })
      await using other = await startApp({ options })
      const id = await marked(one, { kind: 'route', value: '/old-export' })
      const seen = async (count: number) => {
        for (let tries = 0; tries < 500 && used(other).length < count; tries++) {
          other.clock.advance(100)
          await askFrom(other, `198.51.100.${tries % 250}`, '/old-export')
        }
        return used(other).length
      }
      assert.equal(await seen(1), 1)
      assert.ok((await one.holdfast.responses.undo(id, BY, 'It is over now.')).ok)
      other.clock.advance(5000)
      await askFrom(other, ATTACKER, '/')
      await askFrom(other, ATTACKER, '/old-export')
      assert.equal(used(other).length, 1)
    }
    await close()
  })
}
