import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { fakeInbound, startControls, type FakeRequest } from '../../../test/support/exchange.ts'
import { CLOSED } from '../../engine/policy.ts'
import { target } from './target.ts'

const running = startControls([target], {}, { public: ['/prices'] })

async function refused(request: FakeRequest) {
  const { reply, events } = await running.run(request)
  assert.ok(reply?.denial, 'it was let through')
  return {
    status: reply.status,
    code: reply.denial.code,
    reason: reply.denial.reason,
    close: reply.close,
    said: events.map((event) => event.data?.['reason']),
  }
}

const fields = (count: number) => Array.from({ length: count }, (_, index) => [`X-${index}`, 'v'] as const)

const h2 = (...headers: [string, string][]) => ({
  httpVersion: '2.0',
  headers: [[':method', 'GET'], ...headers] as [string, string][],
})

describe('target', () => {
  it('gives path, search and route of an ordinary request', async () => {
    const { x, reply, events } = await running.run({ target: '/prices?page=2' })
    assert.equal(reply, undefined)
    assert.deepEqual([x.path, x.search, x.route.public], ['/prices', '?page=2', true])
    assert.equal(events.length, 0)
  })

  it('keeps a route that nobody named closed', async () => {
    assert.deepEqual((await running.run({ target: '/admin' })).x.route, CLOSED)
    assert.deepEqual((await running.run({ target: '/prices', method: 'POST' })).x.route, CLOSED)
  })

  it('refuses every disguise of a path, and says which (A53, A55–A64, A90)', async () => {
    const disguises = {
      '/%61dmin': 'encoded-unreserved',
      '/admin%2fusers': 'encoded-slash',
      '//admin': 'double-slash',
      '//evil.example/x': 'double-slash',
      '/\\evil.example': 'backslash',
      '/x/../admin': 'dot-segment',
      '/x/%2e%2e/admin': 'dot-segment',
      '/admin;x': 'path-parameter',
      '/admin%00': 'encoded-control',
      '/%c0%af': 'bad-utf8',
      '/admin%5cusers': 'encoded-backslash',
      '/%2561dmin': 'double-encoding',
      '/a%zz': 'bad-percent',
      '/a?x=%': 'bad-percent',
      '/a#b': 'fragment',
    }
    for (const [path, reason] of Object.entries(disguises)) {
      assert.deepEqual(
        await refused({ target: path }),
        { status: 400, code: 'bad-target', reason, close: true, said: [reason] },
        path,
      )
    }
  })

  it('refuses targets that are no path (A49)', async () => {
    assert.equal((await refused({ target: 'http://evil.example/' })).reason, 'absolute-form')
    assert.equal((await refused({ target: 'evil.example:443', method: 'GET' })).reason, 'authority-form')
    assert.equal((await refused({ target: '*', method: 'OPTIONS' })).reason, 'asterisk-form')
  })

  it('refuses methods that are not served (A11, A104)', async () => {
    assert.equal((await refused({ method: 'TRACE' })).status, 405)
    assert.equal((await refused({ method: 'CONNECT' })).status, 405)
    for (const method of ['QUERY', 'PROPFIND', 'get', 'BREW']) assert.equal((await refused({ method })).status, 501, method)
  })

  it('lets no header choose another path or method (A65, A10)', async () => {
    const headers = {
      'x-original-url': '/prices',
      'x-rewrite-url': '/prices',
      'x-middleware-subrequest': 'middleware',
      'x-http-method-override': 'GET',
    }
    const { x } = await running.run({ target: '/admin', method: 'POST', headers })
    assert.deepEqual([x.path, x.method, x.route.public], ['/admin', 'POST', false])
  })
})

describe('target, fields', () => {
  it('refuses a field that may stand once standing twice, in any case (A15, A47, A68)', async () => {
    for (const name of [
      'Host',
      'Content-Type',
      'Authorization',
      'Origin',
      'Sec-Fetch-Site',
      'Content-Length',
      'Transfer-Encoding',
    ]) {
      const headers = [
        [name, '1'],
        ['Accept', '*/*'],
        [name.toUpperCase(), '1'],
      ] as const
      assert.deepEqual(
        await refused({ method: 'POST', headers }),
        { status: 400, code: 'duplicate-header', reason: 'duplicate-header', close: true, said: ['duplicate-header'] },
        name,
      )
    }
  })

  it('lets fields repeat that are lists', async () => {
    const { reply } = await running.run({
      headers: [
        ['Accept', 'text/html'],
        ['Accept', '*/*'],
        ['Cookie', 'a=1'],
        ['Cookie', 'b=2'],
      ],
    })
    assert.equal(reply, undefined)
  })

  it('counts fields and cookies (A89)', async () => {
    assert.equal((await running.run({ headers: fields(99) })).reply, undefined)
    assert.equal((await refused({ headers: fields(100) })).status, 431)
    assert.equal((await running.run({ headers: { cookie: Array(50).fill('a=1').join('; ') } })).reply, undefined)
    assert.equal((await refused({ headers: { cookie: 'a=;'.repeat(4000) } })).code, 'too-many-cookies')
  })

  it('refuses a body where none belongs and ends the connection (A88)', async () => {
    for (const method of ['GET', 'HEAD']) {
      assert.equal((await refused({ method, headers: { 'content-length': '5' } })).reason, 'body-in-get')
      assert.equal((await refused({ method, headers: { 'transfer-encoding': 'chunked' } })).close, true)
      assert.equal((await running.run({ method, headers: { 'content-length': '0' } })).reply, undefined)
    }
    assert.equal((await running.run({ method: 'DELETE', headers: { 'content-length': '5' } })).reply, undefined)
  })

  it('knows one transfer coding', async () => {
    for (const coding of ['xchunked', 'gzip, chunked', 'identity', ''])
      assert.equal(
        (await refused({ method: 'POST', headers: { 'transfer-encoding': coding } })).reason,
        'transfer-coding',
        coding,
      )
    assert.equal((await running.run({ method: 'POST', headers: { 'Transfer-Encoding': 'Chunked' } })).reply, undefined)
  })

  it('refuses versions that are none of ours (A48)', async () => {
    assert.equal((await refused({ httpVersion: '0.9' })).reason, 'bad-version')
    assert.equal((await refused({ httpVersion: '2.0', headers: { host: 'app.example' } })).reason, 'bad-version')
    assert.equal(
      (await refused({ httpVersion: '1.0', method: 'POST', headers: { 'transfer-encoding': 'chunked' } })).reason,
      'chunked-in-1.0',
    )
    assert.equal((await running.run({ httpVersion: '1.0' })).reply, undefined)
  })

  it('takes HTTP/2 with its own name for the host, and with both when they agree', async () => {
    assert.equal((await running.run(h2([':authority', 'app.example']))).reply, undefined)
    assert.equal((await running.run(h2([':authority', 'app.example'], ['host', 'app.example']))).reply, undefined)
    assert.equal((await refused(h2([':authority', 'app.example'], ['host', 'evil.example']))).reason, 'duplicate-header')
  })

  it('never throws, whatever is asked for', async () => {
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: 'binary' }), fc.string(), fc.array(fc.string()), async (path, method, rawHeaders) => {
        const { faults, x, reply } = await running.run({ ...fakeInbound({ method, target: path }), rawHeaders })
        assert.deepEqual(faults, [])
        assert.ok(reply !== undefined || x.path.startsWith('/'))
      }),
      { numRuns: 300 },
    )
  })
})

describe('target, turned off', () => {
  it('leaves the path as it was sent, for the controls behind it', async () => {
    const { x, reply } = await startControls([target], { target: false }, { public: ['/prices'] }).run({
      target: '/x/../prices?a=1',
    })
    assert.deepEqual([x.path, x.search, x.route.public, reply], ['/x/../prices', '?a=1', false, undefined])
  })
})
