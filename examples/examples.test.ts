/** The examples as their readers meet them: started, used over HTTP, stopped. */
import assert from 'node:assert/strict'
import { randomInt } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { commands } from '../src/cli/commands/index.ts'
import { run } from '../src/cli/run.ts'
import { SETTINGS } from '../src/settings/settings.ts'
import { tableStatements } from '../src/store/grants/statements.ts'
import { askedOn, solved } from '../test/support/challenge.ts'
import { npmStart, runToItsEnd, startExample, type Example } from '../test/support/example.ts'
import { formOf, PNG } from '../test/support/files.ts'
import { hiddenFields } from '../test/support/form-client.ts'
import { mailServer } from '../test/support/mail-server.ts'
import { withRoles } from '../test/support/roles.ts'
import { postgresUrl, redisUrl } from '../test/support/services.ts'
import { answerTo, visitor, type Answer } from '../test/support/visitor.ts'

const PASSWORD = 'a walrus sings at four'
const BEHIND_PROXY = { HOLDFAST_TLS: 'off', HOLDFAST_ORIGIN: 'https://app.example', HOLDFAST_TRUSTED_PROXIES: '127.0.0.1,::1' }
const FROM_PROXY = { host: 'app.example', 'x-forwarded-proto': 'https' }

describe('the small examples', { timeout: 60_000 }, () => {
  for (const name of ['express', 'hono', 'node'] as const) {
    it(`${name}: greets everybody, asks for a sign-in, takes a form with its token only, and stops when told to`, async () => {
      await using example = await startExample(name)
      const mira = await visitor(example)
      const home = await mira.send('/')
      assert.equal(home.status, 200)
      assert.match(String(home.headers['content-security-policy']), /script-src 'none'/)

      const account = await mira.send('/account')
      assert.deepEqual([account.status, account.headers.location], [303, '/login?next=%2Faccount'])
      assert.equal((await mira.send('/account', { headers: { accept: 'application/json' } })).status, 401)

      assert.equal((await mira.setUp('mira', PASSWORD, 'AAAA-BBBB-CCCC')).status, 422)
      assert.equal((await mira.setUp('mira', PASSWORD)).status, 303)
      assert.match((await mira.send('/account')).text, /Hello, mira/)
      assert.equal((await mira.send('/admin')).status, 200)

      const text = 'walrus & co'
      const _csrf = await mira.token('/account')
      assert.equal((await mira.send('/shout', { form: { text } })).status, 403)
      const shouted = await mira.send('/shout', { form: { text, _csrf } })
      assert.deepEqual([shouted.status, JSON.parse(shouted.text)], [200, { shouted: 'WALRUS & CO' }])
      const elsewhere = { headers: { origin: 'http://127.0.0.1' }, form: { text, _csrf } }
      assert.equal((await mira.send('/shout', elsewhere)).status, 403)

      const again = await visitor(example)
      assert.equal((await again.signIn('mira', 'wrong')).status, 401)
      assert.equal((await again.signIn('mira', PASSWORD)).status, 303)
      assert.match((await again.send('/account')).text, /Hello, mira/)
      assert.deepEqual(await example.stop(), { code: 0, signal: null })
    })

    it(`${name}: goes on when nobody reads its output any more`, async () => {
      await using example = await startExample(name)
      example.deafen()
      const anybody = await visitor(example)
      for (let count = 0; count < 3; count++) assert.equal((await anybody.signIn('nobody', 'a wrong guess at it')).status, 401)
      assert.equal((await anybody.send('/')).status, 200)
      assert.deepEqual(await example.stop(), { code: 0, signal: null })
    })

    it(`${name}: is short enough to copy`, () => {
      assert.ok(readFileSync(join(import.meta.dirname, name, 'main.ts'), 'utf8').split('\n').length <= 60)
    })
  }
})

describe('the admin panel', { timeout: 180_000 }, () => {
  it('prints every setting with `npm start -- --help`', async () => {
    const { code, stdout } = await npmStart(['--', '--help']).ended
    assert.equal(code, 0)
    for (const [name, { default: usual }] of Object.entries(SETTINGS))
      assert.ok(stdout.includes(`${name} `) && stdout.includes(`[${usual}]`), name)
  })

  const wrong: readonly (readonly [settings: Readonly<Record<string, string>>, said: RegExp])[] = [
    [{ HOLDFAST_ORIGN: 'https://app.example' }, /HOLDFAST_ORIGN is not a setting.*HOLDFAST_ORIGIN/],
    [{ PORT: 'eighty' }, /PORT.*eighty/],
    [{ HOLDFAST_ORIGIN: 'http://app.example' }, /origin.*https/],
    [{ HOLDFAST_TLS: 'none' }, /HOLDFAST_TLS.*none/],
    [{ HOLDFAST_TLS: 'missing.pem,missing.key' }, /missing\.pem/],
    [{ HOLDFAST_DATABASE_URL: 'mysql://localhost/x' }, /mysql|database/i],
    [{ HOLDFAST_TRUSTED_PROXIES: 'everybody' }, /everybody/],
    [{ HOLDFAST_MAIL: 'mail.example' }, /HOLDFAST_MAIL.*smtps:/],
    [{ HOLDFAST_MAIL_FROM: 'nobody' }, /mail\.from.*nobody/],
  ]
  for (const [settings, said] of wrong) {
    it(`does not start with ${Object.entries(settings).join().replace(',', '=')}, and says why in one line`, async (t) => {
      const { code, stderr } = await runToItsEnd([], { HOLDFAST_DATA: folder(t), ...settings })
      assert.equal(code, 2, stderr)
      assert.match(stderr, said)
      assert.equal(stderr.trim().split('\n').length, 1, stderr)
    })
  }

  it('does not start with keys that could be guessed, and does not repeat them', async (t) => {
    const settings = { HOLDFAST_DATA: folder(t), HOLDFAST_TLS: 'off', HOLDFAST_KEYS: 'one:aGVsbG8gd2VhayBrZXk' }
    const { code, stderr } = await runToItsEnd([], settings)
    assert.notEqual(code, 0)
    assert.match(stderr, /The key "one"/)
    assert.doesNotMatch(stderr, /aGVsbG8/)
    assert.equal(stderr.trim().split('\n').length, 1, stderr)
  })

  it('does not take a word that is no option', async () => {
    const { code, stderr } = await runToItsEnd(['--prot=9000'], {})
    assert.equal(code, 2)
    assert.match(stderr, /"--prot=9000" is not an option.*--help/)
  })

  it('serves its style and its icon, to be kept, and knows what the browser has', async () => {
    await using example = await startExample('admin-panel')
    const mira = await visitor(example)
    const style = await mira.send('/static/app.css')
    assert.deepEqual([style.status, style.headers['content-type']], [200, 'text/css; charset=utf-8'])
    assert.equal(style.headers['cache-control'], 'public, max-age=3600')
    assert.equal((await mira.send('/static/app.css', { headers: { 'if-none-match': String(style.headers.etag) } })).status, 304)
    const icon = await mira.send('/favicon.ico')
    assert.deepEqual([icon.status, icon.headers['content-type']], [200, 'image/svg+xml'])
    assert.equal((await mira.send('/static/main.ts')).status, 303)
  })

  it('answers what runs when it is told to stop, and takes nothing new', async () => {
    await using example = await startExample('admin-panel')
    const mira = await visitor(example)
    await mira.setUp('mira', PASSWORD)
    const body = JSON.stringify({ title: 'Late', text: 'but not lost' })
    const request = mira.begin('/api/notes', {
      method: 'POST',
      headers: {
        expect: '100-continue',
        origin: example.origin,
        'content-type': 'application/json',
        'content-length': String(body.length),
      },
    })
    request.flushHeaders()
    // The server says so once it has begun to serve the request.
    await new Promise((resolve) => request.once('continue', resolve))
    const ended = example.stop()
    await example.said(/finishing what runs/)
    const answer = await answerTo(request, body)
    assert.equal(answer.status, 201)
    assert.deepEqual(await ended, { code: 0, signal: null })
    await assert.rejects(mira.send('/'), { code: 'ECONNREFUSED' })
    const told = example.log().map(({ type }) => type)
    // Behind it the audit log signs its end.
    assert.equal(told.filter((type) => type !== 'sys_audit_checkpoint').at(-1), 'sys_shutdown')
  })

  it('writes letters into a folder, or sends them by the mail server that is set', async () => {
    await using server = await mailServer()
    for (const HOLDFAST_MAIL of ['file', `smtp://localhost:${server.port}`]) {
      await using example = await startExample('admin-panel', { settings: { HOLDFAST_MAIL } })
      const mira = await visitor(example)
      await mira.setUp('mira', PASSWORD)
      const io = {
        environment: { HOLDFAST_DATA: example.data },
        now: Date.now,
        warn: () => {},
        readPassword: () => Promise.reject(new Error()),
      }
      const set = await run(commands, ['users', 'set-address', 'mira', 'mira@example.org', '--verified'], io)
      assert.equal(set.code, 0, set.error)
      const asked = await mira.send('/login/recover', { json: { who: 'mira' }, headers: { origin: example.origin } })
      assert.equal(asked.status, 202)
      await example.stop() // What is under way ends first.
      const folder = join(example.data, 'mail')
      const letter =
        HOLDFAST_MAIL === 'file' ? readFileSync(join(folder, readdirSync(folder)[0]!), 'utf8') : server.delivered[0]!.raw
      assert.match(letter, /^To: mira@example\.org\r$/m)
      assert.ok(letter.replaceAll('=\r\n', '').includes(`${example.origin}/login/recover/`), letter)
      assert.ok(example.log().some(({ type }) => type === 'mail_sent'))
    }
  })

  it('takes a note with a picture in two steps, shows the picture to its owner alone, and deletes it with the note', async () => {
    await using example = await startExample('admin-panel')
    const mira = await visitor(example)
    await mira.setUp('mira', PASSWORD)
    const headers = { origin: example.origin }
    const first = await mira.send('/dashboard/illustrated')
    const second = await mira.send('/dashboard/illustrated', {
      form: { ...hiddenFields(first.text), title: 'Heron', text: '' },
      headers,
    })
    const { body, headers: type } = formOf([
      ...Object.entries(hiddenFields(second.text)).map(([name, bytes]) => ({ name, bytes })),
      { name: 'alt', bytes: 'A grey heron' },
      { name: 'picture', file: 'heron.png', type: 'image/png', bytes: PNG },
    ])
    const request = mira.begin('/dashboard/illustrated', { method: 'POST', headers: { ...headers, ...type } })
    assert.equal((await answerTo(request, body)).status, 303)

    const [, address] = /src="([^"]+)"/.exec((await mira.send('/dashboard')).text.replace(/[^]*<main/, ''))!
    const picture = await mira.send(address!)
    assert.deepEqual([picture.status, picture.headers['content-type']], [200, 'image/png'])
    assert.match(String(picture.headers['content-security-policy']), /^sandbox/)
    assert.equal((await (await visitor(example)).send(address!)).status, 303)
    assert.equal((await mira.send(address!.replace(/[^/]+(?=\/picture)/, 'other'))).status, 404)
    const _csrf = await mira.token('/dashboard')
    await mira.send(address!.replace('/picture', '/delete'), { form: { _csrf }, headers })
    assert.deepEqual(readdirSync(join(example.data, 'pictures')), ['.held'])
  })

  it('takes a message of anybody whose browser worked for it, and none of a program that did not', async () => {
    await using example = await startExample('admin-panel')
    const [mira, stranger] = [await visitor(example), await visitor(example)]
    await mira.setUp('mira', PASSWORD)
    const headers = { origin: example.origin }
    const page = (await stranger.send('/contact')).text
    const written = { address: 'reader@app.example', message: 'Is the <b>weir</b> open?' }
    const form = { ...hiddenFields(page), ...written }
    const refused = await stranger.send('/contact', { form: { ...form, challenge: '', solution: '' }, headers })
    assert.deepEqual([refused.status, (await mira.send('/admin')).text.includes('reader@app.example')], [403, false])
    // Shown once more with what was typed, and with another challenge.
    assert.ok(refused.text.includes('reader@app.example'))
    const work = solved(askedOn(refused.text)!)
    const sent = await stranger.send('/contact', { form: { ...hiddenFields(refused.text), ...written, ...work }, headers })
    assert.deepEqual([sent.status, sent.headers.location], [303, '/contact?done=sent'])
    const read = (await mira.send('/admin')).text
    assert.match(read, /reader@app\.example/)
    assert.match(read, /Is the &lt;b&gt;weir&lt;\/b&gt; open\?/)
    const again = await stranger.send('/contact', { form: { ...form, ...work }, headers })
    assert.equal(again.status, 403, 'the work is good once')
  })

  it('takes an API key at /api/, within its scopes, and nowhere else', async () => {
    await using example = await startExample('admin-panel')
    const mira = await visitor(example)
    await mira.setUp('mira', PASSWORD)
    const made = await mira.send('/account/keys/create', {
      json: { name: 'reader', scopes: 'notes:read' },
      headers: { origin: example.origin },
    })
    assert.equal(made.status, 201)
    const { text, key } = JSON.parse(made.text) as { text: string; key: { id: string } }
    const program = await visitor(example)
    const headers = { authorization: `Bearer ${text}`, accept: 'application/json' }
    assert.match((await program.send('/api/me', { headers })).text, /"mira"/)
    assert.equal((await program.send('/api/notes', { headers })).status, 200)
    assert.equal((await program.send('/api/notes', { json: { title: 'x', text: '' }, headers })).status, 403)
    for (const path of ['/dashboard', '/admin', '/account/keys'])
      assert.equal((await program.send(path, { headers })).status, 403)
    const ended = await mira.send('/account/keys/revoke', { json: { key: key.id }, headers: { origin: example.origin } })
    assert.equal(ended.status, 200)
    assert.equal((await program.send('/api/me', { headers })).status, 401)
    assert.equal(example.stdout().includes(text.slice(20)), false)
  })

  it('stops as well when the signal goes to npm', async (t) => {
    const npm = npmStart([], { PORT: '0', HOLDFAST_ORIGIN: 'https://localhost', HOLDFAST_DATA: folder(t) })
    await npm.said(/one-time code/)
    npm.kill('SIGTERM')
    const { stdout } = await npm.ended
    assert.match(stdout, /sys_shutdown/)
  })

  it('keeps its users, its keys and its notes when it starts again, and asks for no set-up', async (t) => {
    const data = folder(t)
    await using first = await startExample('admin-panel', { data })
    const before = await visitor(first)
    assert.equal((await before.setUp('mira', PASSWORD)).status, 303)
    await before.send('/api/notes', { json: { title: 'Kept', text: '' }, headers: { origin: first.origin } })
    assert.deepEqual(await first.stop('SIGINT'), { code: 0, signal: null })

    await using second = await startExample('admin-panel', { data })
    assert.equal(second.setUpCode, undefined)
    const after = await visitor(second)
    assert.equal((await after.send('/setup')).status, 404)
    assert.equal((await after.signIn('mira', PASSWORD)).status, 303)
    assert.match((await after.send('/api/notes')).text, /"Kept"/)
    const cookieOfBefore = { cookie: [...before.cookies].map((pair) => pair.join('=')).join('; ') }
    assert.match((await after.send('/api/me', { headers: cookieOfBefore })).text, /"mira"/)
  })

  it('serves plain http behind a proxy that ends TLS, with a data folder that is not there yet', async (t) => {
    const data = join(folder(t), 'new')
    await using example = await startExample('admin-panel', { data, settings: BEHIND_PROXY })
    const proxy = await visitor({ ...example, origin: `http://localhost:${example.port}` })
    const headers = { ...FROM_PROXY, 'x-forwarded-for': '203.0.113.9' }
    const home = await proxy.send('/', { headers })
    assert.equal(home.status, 200)
    assert.match(String(home.headers['strict-transport-security']), /max-age/)
    const direct = await proxy.send('/', { headers: { host: 'app.example' } })
    assert.deepEqual([direct.status, direct.headers.location], [308, 'https://app.example/'])
  })
})

const postgres = await postgresUrl()
describe('the admin panel on PostgreSQL', { timeout: 60_000 }, () => {
  it(
    'keeps users and notes there, as a role that may not make tables',
    { skip: 'skip' in postgres && postgres.skip },
    async (t) => {
      const roles = await withRoles({ migrated: false, tables: ['notes', 'note_pictures'] })
      t.after(() => roles.close())
      const io = {
        environment: { HOLDFAST_DATABASE_URL: roles.ownerUrl },
        now: Date.now,
        warn: () => {},
        readPassword: () => Promise.reject(new Error('unused')),
      }
      const { code } = await run(commands, ['migrate', '--with', 'examples/admin-panel/data.ts'], io)
      assert.equal(code, 0)
      await roles.run(roles.owner, tableStatements(roles.plan))
      await using example = await startExample('admin-panel', { settings: { HOLDFAST_DATABASE_URL: roles.applicationUrl } })
      const mira = await visitor(example)
      assert.equal((await mira.setUp('mira', PASSWORD)).status, 303)
      const added = await mira.send('/api/notes', { json: { title: '50% off_', text: '' }, headers: { origin: example.origin } })
      assert.equal(added.status, 201)
      assert.match((await mira.send('/dashboard?search=0%25%20OFF_')).text, /50% off_/)
      assert.match((await mira.send('/dashboard?search=zebra')).text, /No note has these words/)
      assert.equal((await mira.send('/dashboard?search=%00zebra')).status, 400)
      assert.deepEqual(await roles.admin.kysely.selectFrom('notes').select('title').execute(), [{ title: '50% off_' }])
      assert.deepEqual(await example.stop(), { code: 0, signal: null })
    },
  )
})

const redis = await redisUrl()
describe('the admin panel with Redis', { timeout: 60_000 }, () => {
  it('counts requests there, for all processes together', { skip: 'skip' in redis && redis.skip }, async () => {
    const settings = { ...BEHIND_PROXY, HOLDFAST_REDIS_URL: 'url' in redis ? redis.url : '' }
    await using one = await startExample('admin-panel', { settings })
    await using other = await startExample('admin-panel', { settings })
    // Networks that nobody else counts in the same Redis.
    const [here, warm] = [newNetwork(), newNetwork()]
    for (const example of [one, other]) await untilConnected(example, warm)
    const before = left(await askFrom(here, other))
    for (let request = 0; request < 40; request++) await askFrom(here, one)
    const after = left(await askFrom(here, other))
    // Five a second come back meanwhile.
    assert.ok(after < before - 10, `${before} were left, then ${after}`)
    assert.deepEqual(await one.stop(), { code: 0, signal: null })
  })
})

/** The connection is made by the first request; until it is there each process counts for itself, and says so. */
async function untilConnected(example: Example, network: string): Promise<void> {
  const told = (type: string) => example.log().some((line) => line.type === type)
  do await askFrom(network, example)
  while (told('sys_store_lost') && !told('sys_store_back'))
}

/** One request of a client with that address, through the proxy. */
async function askFrom(address: string, example: Example): Promise<Answer> {
  const proxy = await visitor({ ...example, origin: `http://localhost:${example.port}` })
  return proxy.send('/', { headers: { ...FROM_PROXY, 'x-forwarded-for': address } })
}

/** What the answer says is left of the limit. */
function left(answer: Answer): number {
  return Number(/r=(\d+)/.exec(String(answer.headers['ratelimit']))?.[1])
}

function newNetwork(): string {
  return `2001:db8:${randomInt(65_536).toString(16)}:${randomInt(65_536).toString(16)}::1`
}

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'holdfast-example-'))
  t.after(() => rmSync(path, { recursive: true }))
  return path
}
