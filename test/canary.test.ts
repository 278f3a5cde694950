/**
 * Canaries: a secret that nothing else contains goes into every input there is, and every place where words come out is searched
 * for it: the log, the process's output, the answers, the files of the data folder. Source: OWASP Logging Cheat Sheet, "Data to
 * exclude"; ASVS 5.0, 16.2.5; CWE-532, CWE-209, CWE-312.
 */
import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import tls from 'node:tls'
import { filesIn, leaks, newSecret, WRITTEN, type Canary, type Sink } from './support/canaries.ts'
import { startExample, type Example } from './support/example.ts'
import { visitor, type Answer, type Sending, type Visitor } from './support/visitor.ts'

/** No secrets: that they are found shows that the search looks at the right places. */
const NOTE = `note-${newSecret()}`
const PATH = `path-${newSecret()}`

describe('a secret', { timeout: 60_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-canary-'))
  const canaries: Canary[] = []
  const answers: Sink[] = []
  const sinks: Sink[] = []
  let example: Example | undefined

  before(async () => {
    const key = randomBytes(32).toString('base64url')
    watch('key', key)
    example = await startExample('admin-panel', { data, settings: { HOLDFAST_KEYS: `canary:${key}` } })
    const [anybody, mira] = [await visitor(example), await visitor(example)]
    await useDoors(example, anybody, mira)
    await useForms(mira, example.origin)
    await useHeaders(example, anybody, mira)
    await useBrokenRequests(example)
    await sendReports(example)
    await send(mira, '/dashboard', { form: { title: NOTE, text: '' }, headers: { origin: example.origin } })
    await send(mira, '/dashboard')
    await send(await visitor(example), `/${PATH}`)
    await example.stop()
    const output = { 'standard output': example.stdout(), 'standard error': example.stderr() }
    sinks.push(
      ...Object.entries(output).map(([name, text]) => ({ name, bytes: Buffer.from(text) })),
      ...filesIn(data),
      ...answers,
    )
  })
  after(async () => {
    await example?.stop()
    rmSync(data, { recursive: true, force: true })
  })

  it('is planted in more than fifty inputs, and every kind of place is searched', () => {
    assert.ok(canaries.length > 50, `${canaries.length} canaries`)
    assert.ok(answers.length > 80, `${answers.length} answers`)
    const of = (name: RegExp) => Buffer.concat(sinks.filter((sink) => name.test(sink.name)).map(({ bytes }) => bytes))
    assert.ok(of(/^file holdfast\.sqlite/).includes(NOTE), 'the database file is searched')
    assert.ok(of(/^answer to GET \/dashboard/).includes(NOTE), 'answers are searched')
    assert.ok(of(/^standard output/).includes(PATH), 'the log is searched')
    assert.ok(of(/^standard error/).includes('The example broke on purpose'), 'standard error is searched')
    const told = ['authn_login_fail', 'malicious_csrf', 'malicious_host', 'session_forged', 'sys_crash', 'browser_report']
    for (const type of [...told, 'input_validation_fail'])
      assert.ok(of(/^standard output/).includes(`"${type}"`), `${type} was told`)
  })

  it('is found by the search however it is written', () => {
    const planted = { name: 'planted', value: newSecret(), belongs: [/^home$/] }
    for (const [how, write] of WRITTEN) {
      const bytes = Buffer.from(`before ${write(planted.value)} after`)
      assert.deepEqual(leaks([planted], [{ name: 'trap', bytes }]), [`planted in trap, ${how}`])
      assert.deepEqual(leaks([planted], [{ name: 'home', bytes }]), [])
    }
  })

  it('comes out nowhere but where it belongs', () => assert.deepEqual(leaks(canaries, sinks), []))

  /** A new secret. */
  function plant(name: string, ...belongs: RegExp[]): string {
    return watch(name, newSecret(), ...belongs)
  }

  /** A secret that somebody else made. */
  function watch(name: string, value: string | undefined, ...belongs: RegExp[]): string {
    assert.ok(value !== undefined && value.length >= 12, `${name} is there`)
    canaries.push({ name, value, belongs })
    return value
  }

  function keep(name: string, { headers, text }: Answer): void {
    const { 'set-cookie': cookies = [], ...others } = headers
    answers.push({ name: `answer to ${name}`, bytes: Buffer.from(`${JSON.stringify(others)}\n${text}`) })
    answers.push({ name: `cookie from ${name}`, bytes: Buffer.from(cookies.join('\n')) })
  }

  async function send(who: Visitor, path: string, sending: Sending = {}): Promise<void> {
    const usual = sending.form || sending.json !== undefined ? 'POST' : 'GET'
    keep(`${sending.method ?? usual} ${path.split('?')[0]}`, await who.send(path, sending))
  }

  /** The doors, with what is right and with what is wrong. */
  async function useDoors({ origin, setUpCode }: Example, anybody: Visitor, mira: Visitor): Promise<void> {
    const code = watch('set-up code', setUpCode, /^standard error$/)
    const own = plant('password of the first administrator')
    const setUp = { login: 'mira', displayName: 'Mira', password: own, passwordAgain: own }
    const headers = { origin }
    await send(anybody, '/setup', { form: { ...setUp, code: plant('wrong set-up code') }, headers })
    await send(anybody, '/setup', { form: { ...setUp, code, passwordAgain: plant('password typed differently') }, headers })
    await send(anybody, '/setup', { json: { ...setUp, code: plant('wrong set-up code as JSON') }, headers })
    await send(anybody, '/setup', { form: { ...setUp, code }, headers })
    watch('first session token', anybody.cookies.get('__Host-hf_sid'), /^cookie from POST \/setup$/)

    const typed = plant('password typed into the field for the name', /^answer to POST \/login$/)
    await send(mira, '/login', { form: { login: typed, password: 'x' }, headers })
    await send(mira, '/login', { form: { login: 'mira', password: plant('wrong password') }, headers })
    await send(mira, '/login', { json: { login: 'mira', password: plant('wrong password as JSON') }, headers })
    await send(mira, '/login', {
      form: { login: 'mira', password: plant('password from elsewhere') },
      headers: { origin: 'https://evil.example' },
    })
    await send(mira, '/login', { form: { login: 'mira', password: own, other: plant('field that no form has') }, headers })
    const before = watch('session token', mira.cookies.get('__Host-hf_sid'), /^cookie from POST \/login$/)
    await send(mira, '/login/again', { form: { password: plant('wrong password, asked again') }, headers })
    await send(mira, '/login/again', { form: { password: own }, headers })
    assert.notEqual(mira.cookies.get('__Host-hf_sid'), before)
    watch('renewed session token', mira.cookies.get('__Host-hf_sid'), /^cookie from POST \/login\/again$/)
    await send(mira, '/account/sessions/end', { form: { session: plant('session that is not there') }, headers })
  }

  /** The application's own forms and bodies. */
  async function useForms(mira: Visitor, origin: string): Promise<void> {
    const _csrf = watch('form token', await mira.token('/dashboard'))
    const tomas = { login: 'tomas', role: 'member', _csrf }
    await send(mira, '/admin/users', { form: { ...tomas, password: plant('first password') } })
    await send(mira, '/admin/users', { form: { ...tomas, password: plant('password of a taken name') } })
    await send(mira, '/admin/users', { form: { ...tomas, role: 'root', password: plant('password beside an error') } })
    const headers = { origin }
    await send(mira, '/dashboard', { form: { title: '', text: '', password: plant('password in another form') }, headers })
    await send(mira, '/dashboard', { form: { title: 'x', text: 'x', _csrf: plant('wrong form token') } })
    await send(mira, '/dashboard', {
      form: { title: 'x', text: 'x' },
      headers: { 'x-csrf-token': plant('wrong token of a script') },
    })
    await send(mira, '/api/notes', { json: { title: 'x', text: 'x', password: plant('password as JSON') }, headers })
    await send(mira, '/api/notes', { json: { [plant('name of a field')]: 1 }, headers })
  }

  /** Headers and addresses, where they are served, refused, redirected, not found, or where the application breaks. */
  async function useHeaders(example: Example, anybody: Visitor, mira: Visitor): Promise<void> {
    // Whoever is sent to sign in is told the way back.
    const wayBack = /^answer to GET \/(?:nothing|api\/me|admin)$/
    for (const path of ['/', '/boom', '/nothing', '/api/me', '/admin', '/%00', '/a//../b']) {
      const headers = {
        cookie: `__Host-hf_sid=${plant(`forged cookie at ${path}`)}; other=${plant(`other cookie at ${path}`)}`,
        authorization: `Bearer ${plant(`bearer token at ${path}`)}`,
        'x-csrf-token': plant(`form token at ${path}`),
        'x-api-key': plant(`API key at ${path}`),
        referer: `https://elsewhere.example/?token=${plant(`token in the referrer at ${path}`)}`,
      }
      await send(await visitor(example), `${path}?password=${plant(`password in the address of ${path}`, wayBack)}`, { headers })
      const forged = { cookie: `__Host-hf_sid=${plant(`forged cookie at ${path}`)}aaaaaaaaaaaaaaaaaaa` }
      await send(await visitor(example), path, { headers: forged })
    }
    const basic = Buffer.from(`mira:${plant('password of Basic authentication')}`).toString('base64')
    await send(anybody, '/api/me', { headers: { authorization: `Basic ${basic}` } })
    await send(anybody, '/login', {
      method: 'DELETE',
      headers: { authorization: `Bearer ${plant('bearer token of a wrong method')}` },
    })
    await send(mira, `/boom?token=${plant('address where the application breaks')}`)
  }

  /** What the parser refuses, other hosts, bodies that break off. */
  async function useBrokenRequests({ port }: Example): Promise<void> {
    const host = `host: localhost:${port}\r\nconnection: close\r\n`
    const broken = `{"password":"${plant('password in broken JSON')}", oops}`
    const length = `content-type: application/json\r\ncontent-length: ${broken.length}\r\n`
    const requests = {
      json: `POST /login HTTP/1.1\r\n${host}${length}\r\n${broken}`,
      header: `GET /?password=${plant('address of a broken request')} HTTP/1.1\r\nbad header ${plant('broken header')}\r\n\r\n`,
      flood: `GET / HTTP/1.1\r\n${host}cookie: ${plant('cookie of a flood')}${'x'.repeat(20_000)}\r\n\r\n`,
      cookies: `GET / HTTP/1.1\r\n${host}cookie: __Host-hf_sid=${plant('one cookie of two')}; __Host-hf_sid=${plant('other cookie of two')}\r\n\r\n`,
      host: `GET /?token=${plant('address at another host')} HTTP/1.1\r\nhost: evil.example\r\nconnection: close\r\n\r\n`,
      absolute: `GET https://evil.example/?token=${plant('absolute address')} HTTP/1.1\r\n${host}\r\n`,
      fragment: `GET /#${plant('fragment of an address')} HTTP/1.1\r\n${host}\r\n`,
      upgrade: `GET /socket?ticket=${plant('ticket of a WebSocket')} HTTP/1.1\r\nhost: localhost:${port}\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n`,
    }
    for (const [name, bytes] of Object.entries(requests)) await raw(port, `broken ${name}`, bytes)
  }

  /** What browsers report holds addresses and samples of pages. */
  async function sendReports({ port }: Example): Promise<void> {
    const place = (name: string) =>
      `https://localhost/page?token=${plant(`query of the ${name}`)}#${plant(`fragment of the ${name}`)}`
    const old = {
      'document-uri': place('document'),
      'blocked-uri': place('blocked'),
      'script-sample': plant('sample'),
      'violated-directive': 'script-src',
    }
    const body = { documentURL: place('new document'), sample: plant('new sample'), effectiveDirective: 'style-src' }
    const reports = {
      'application/csp-report': { 'csp-report': old },
      'application/reports+json': [{ type: 'csp-violation', url: place('page'), body }],
    }
    for (const [type, report] of Object.entries(reports)) {
      const text = JSON.stringify(report)
      const head = `host: localhost:${port}\r\ncontent-type: ${type}\r\ncontent-length: ${text.length}\r\nconnection: close\r\n`
      await raw(port, `a report as ${type}`, `POST /_holdfast/reports HTTP/1.1\r\n${head}\r\n${text}`)
    }
  }

  /** Bytes as no client of ours would send them; what comes back until the connection ends is kept. */
  async function raw(port: number, name: string, bytes: string): Promise<void> {
    const text = await new Promise<string>((resolve) => {
      const socket = tls.connect({ host: 'localhost', port, rejectUnauthorized: false }, () => socket.end(bytes))
      let received = ''
      socket.setTimeout(5000, () => socket.destroy())
      socket.on('data', (chunk) => (received += chunk.toString('latin1')))
      socket.on('error', () => {})
      socket.on('close', () => resolve(received))
    })
    assert.match(text, /^HTTP\/1\.1 /, `${name} was answered`)
    answers.push({ name: `answer to ${name}`, bytes: Buffer.from(text) })
  }
})
