/** What every adapter must do: the same requests through node:http, Express 5, Fastify 5 and Hono 4. */
import assert from 'node:assert/strict'
import http from 'node:http'
import http2 from 'node:http2'
import { once } from 'node:events'
import { describe, it } from 'node:test'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, drain, onUpgrade } from '../src/adapters/server.ts'
import { localCertificate } from '../src/tls/local.ts'
import { ADAPTERS, startApp, type Response } from './support/app.ts'
import { nodeApp } from './support/apps/node.ts'

const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
const SAME_ORIGIN = { 'sec-fetch-site': 'same-origin' }

/** Headers that stand on every answer, whoever wrote it. */
function dressed(response: Response): void {
  assert.equal(response.headers['x-content-type-options'], 'nosniff')
  assert.match(String(response.headers['content-security-policy']), /object-src 'none'/)
  assert.equal(response.headers['x-frame-options'], 'DENY')
  assert.match(String(response.headers['x-request-id']), /^[\w-]{22}$/)
  assert.equal(response.headers['x-powered-by'], undefined)
  assert.equal(response.headers['server'], undefined)
}

for (const adapter of ADAPTERS) {
  describe(`the adapter for ${adapter}`, () => {
    it('serves an open page and dresses it', async () => {
      await using app = await startApp({ adapter })
      const response = await app.fetch('/')
      assert.equal(response.status, 200)
      assert.equal(response.text, '<h1>home</h1>')
      dressed(response)
      assert.equal(response.headers['set-cookie'], undefined)
    })

    it('answers HEAD with the head of GET and no body', async () => {
      await using app = await startApp({ adapter })
      const response = await app.fetch('/', { method: 'HEAD' })
      assert.deepEqual([response.status, response.text], [200, ''])
      dressed(response)
    })

    it('streams, and sends events as they come', async () => {
      await using app = await startApp({ adapter })
      const stream = await app.fetch('/stream')
      assert.deepEqual([stream.status, stream.text], [200, 'one two three'])
      dressed(stream)
      const events = await app.fetch('/sse')
      assert.match(String(events.headers['content-type']), /^text\/event-stream/)
      assert.match(events.text, /data: 1\n\ndata: 2\n\n/)
      dressed(events)
    })

    it('tells what requests came to, each once, when their answers are over', async () => {
      await using app = await startApp({ adapter })
      const told: string[] = []
      app.holdfast.answers.on(() => assert.fail('a listener that throws harms no other'))
      app.holdfast.answers.on(({ x, status, complete }) => void told.push(`${x.method} ${x.path} ${status} ${complete}`))
      for (const path of ['/', '/me', '/nothing-here']) await app.fetch(path)
      await new Promise((resolve) => setImmediate(resolve))
      assert.deepEqual(told.toSorted(), ['GET / 200 true', 'GET /me 401 true', 'GET /nothing-here 401 true'])
    })

    it('asks for a sign-in: a page goes there, a program is told', async () => {
      await using app = await startApp({ adapter })
      const page = await app.fetch('/me?x=1', { headers: { accept: 'text/html' } })
      assert.deepEqual([page.status, page.headers.location], [303, '/login?next=%2Fme%3Fx%3D1'])
      const program = await app.fetch('/me', { headers: { accept: 'application/json' } })
      assert.equal(program.status, 401)
      assert.equal(program.headers['content-type'], 'application/problem+json')
      assert.equal(JSON.parse(program.text).code, 'sign-in-required')
      dressed(program)
      assert.deepEqual(app.state.hits, {})
    })

    it('knows who is signed in, and keeps what they read out of caches', async () => {
      await using app = await startApp({ adapter })
      const { cookie, login } = await app.signIn('member')
      const response = await app.fetch('/me', { headers: { cookie } })
      assert.deepEqual(JSON.parse(response.text), { login, address: '127.0.0.1' })
      assert.match(String(response.headers['cache-control']), /no-store/)
    })

    it('lets a role in, and only that role', async () => {
      await using app = await startApp({ adapter })
      const [member, admin] = [await app.signIn('member'), await app.signIn('admin')]
      assert.equal((await app.fetch('/admin', { headers: { cookie: admin.cookie } })).text, 'ADMIN')
      const refused = await app.fetch('/admin', { headers: { cookie: member.cookie } })
      assert.equal(refused.status, 403)
      dressed(refused)
      assert.equal(app.events.at(-1)?.type, 'authz_fail')
      assert.equal(app.events.at(-1)?.principal, member.userId)
    })

    it('says 404 for what is not there, in its own words, to those who may know', async () => {
      await using app = await startApp({ adapter })
      const { cookie } = await app.signIn('member')
      const response = await app.fetch('/nothing', { headers: { cookie } })
      assert.equal(response.status, 404)
      assert.equal(JSON.parse(response.text).code, 'not-found')
      dressed(response)
      assert.equal((await app.fetch('/nothing')).status, 401)
    })

    it('answers for a handler that throws: an error id, nothing of the error, and the process lives', async () => {
      await using app = await startApp({ adapter })
      const response = await app.fetch('/boom', { headers: { accept: 'text/html' } })
      assert.equal(response.status, 500)
      assert.doesNotMatch(response.text, /secret stack|select \*|at .*\.ts/i)
      assert.ok(response.text.includes(String(response.headers['x-request-id'])))
      dressed(response)
      assert.equal((app.faults[0] as Error).message, 'secret stack at select * from users')
      assert.equal((await app.fetch('/')).status, 200)
    })

    it('gives the handler the parsed body of a form and of JSON', async () => {
      await using app = await startApp({ adapter })
      const form = await app.fetch('/echo', { method: 'POST', headers: { ...FORM, ...SAME_ORIGIN }, body: 'a=1&b=%C3%A9+x' })
      assert.deepEqual(JSON.parse(form.text), { body: { a: '1', b: 'é x' } })
      const json = await app.fetch('/echo', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...SAME_ORIGIN },
        body: '{"a":[1,{"b":null}]}',
      })
      assert.deepEqual(JSON.parse(json.text), { body: { a: [1, { b: null }] } })
    })

    it('leaves a raw body to the handler, counted', async () => {
      await using app = await startApp({ adapter })
      const headers = { 'content-type': 'application/octet-stream', ...SAME_ORIGIN }
      const small = await app.fetch('/raw', { method: 'POST', headers, body: Buffer.alloc(150_000) })
      assert.deepEqual([small.status, small.text], [200, '150000'])
      const large = await app.fetch('/raw', { method: 'POST', headers, body: Buffer.alloc(250_000) }).catch(() => undefined)
      assert.notEqual(large?.status, 200)
      assert.equal((await app.fetch('/')).status, 200)
    })

    it('redirects to its own paths', async () => {
      await using app = await startApp({ adapter })
      assert.equal((await app.fetch('/redirect?to=/me')).headers.location, '/me')
      assert.equal((await app.fetch('/redirect?to=//evil.example')).headers.location, '/')
    })

    it('outlives a client that goes away in the middle', async () => {
      await using app = await startApp({ adapter })
      await app.raw(
        `POST /echo HTTP/1.1\r\nHost: localhost:${app.port}\r\nSec-Fetch-Site: same-origin\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"a"`,
        { quiet: 30 },
      )
      await app.raw(`GET /stream HTTP/1.1\r\nHost: localhost:${app.port}\r\n\r\n`, { quiet: 1 })
      assert.equal((await app.fetch('/')).status, 200)
    })

    it('keeps what the application varies by, and overrules what would weaken the head', async () => {
      await using app = await startApp({ adapter, options: { cors: { origins: ['https://friend.example'] } } })
      const response = await app.fetch('/leaky')
      dressed(response)
      assert.match(String(response.headers.vary), /origin/i)
    })

    it('works over TLS with its own cookie name', async () => {
      await using app = await startApp({ adapter, tls: true })
      const { cookie, login } = await app.signIn('member')
      const response = await app.fetch('/me', { headers: { cookie } })
      assert.equal(JSON.parse(response.text).login, login)
      assert.match(String(response.headers['strict-transport-security']), /max-age=\d+/)
    })
  })
}

describe('the server', () => {
  it('guards WebSocket upgrades: origin, session, and nothing opened otherwise', async () => {
    await using app = await startApp()
    let opened = 0
    onUpgrade(app.holdfast, app.server, (_request, socket) => {
      opened++
      socket.end('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n')
    })
    const { cookie } = await app.signIn('member')
    const ask = (lines: string) =>
      app.raw(
        `GET /socket HTTP/1.1\r\nHost: localhost:${app.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n${lines}\r\n`,
      )
    assert.match(await ask(`Origin: https://evil.example\r\nCookie: ${cookie}\r\n`), /^HTTP\/1\.1 403 /)
    assert.match(await ask(`Cookie: ${cookie}\r\n`), /^HTTP\/1\.1 403 /)
    assert.match(await ask(`Origin: ${app.origin}\r\n`), /^HTTP\/1\.1 401 /)
    assert.equal(opened, 0)
    assert.match(await ask(`Origin: ${app.origin}\r\nCookie: ${cookie}\r\n`), /^HTTP\/1\.1 101 /)
    assert.equal(opened, 1)
  })

  it('speaks HTTP/2 through the same listener', async () => {
    await using app = await startApp({ tls: true })
    const certificate = await localCertificate(mkdtempSync(join(tmpdir(), 'holdfast-h2-')))
    const server = createServer(app.holdfast, nodeApp(app.holdfast, app.state), { tls: { ...certificate, http2: true } })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const client = http2.connect(`https://127.0.0.1:${port}`, { ca: certificate.ca })
    const get = async (path: string, more: Record<string, string> = {}) => {
      const stream = client.request({ ':path': path, ':authority': `localhost:${app.port}`, ...more })
      const [head] = (await once(stream, 'response')) as [Record<string, string | number>]
      let text = ''
      for await (const chunk of stream) text += String(chunk)
      return { head, text }
    }
    const home = await get('/')
    assert.deepEqual([home.head[':status'], home.text], [200, '<h1>home</h1>'])
    assert.equal(home.head['x-content-type-options'], 'nosniff')
    assert.equal((await get('/me')).head[':status'], 401)
    assert.equal((await get('/boom')).head[':status'], 500)
    assert.equal((await get('/', { ':authority': 'evil.example' })).head[':status'], 421)
    client.close()
    await drain(server, 100)
  })

  it('answers what the parser refuses with a strict head, and says so', async () => {
    await using app = await startApp()
    const answer = await app.raw('GET / HTTP/1.1\r\nHost: x\r\nbad header\r\n\r\n')
    assert.match(answer, /^HTTP\/1\.1 400 /)
    assert.match(answer, /x-content-type-options: nosniff/)
    assert.equal(app.events.at(-1)?.data?.['reason'], 'unreadable-request')
  })

  it('drains: what runs is answered, what comes later is not taken', async () => {
    const server = http.createServer((_request, response) => setImmediate(() => response.end('done')))
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const running = fetch(`http://127.0.0.1:${port}/`)
    await once(server, 'request')
    await drain(server, 1000)
    assert.equal(await (await running).text(), 'done')
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`))
  })
})
