import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { Body } from '../../engine/facts.ts'
import { CLOSED, type RoutePolicy } from '../../engine/policy.ts'
import { fakeInbound, runControls, startControls, type Ran } from '../../../test/support/exchange.ts'
import { body } from './body.ts'
import type { BodyInput } from './options.ts'

interface Sent {
  readonly type?: string
  readonly coding?: string
  readonly options?: BodyInput
  readonly route?: Partial<RoutePolicy>
}

function post(
  content: string | Buffer | Readable,
  { type = 'application/json', coding, options = {}, route = {} }: Sent = {},
): Promise<Ran> {
  const headers: [string, string][] = []
  if (type !== '') headers.push(['Content-Type', type])
  if (coding !== undefined) headers.push(['Content-Encoding', coding])
  const policy = { ...CLOSED, ...route }
  const placed = {
    name: 'placed',
    options: () => ({}),
    start: () => ({ enter: (x: { route: RoutePolicy }) => void (x.route = policy) }),
  }
  return runControls([placed, body], { body: options }, { method: 'POST', headers, body: content })
}

const form = (content: string | Buffer, sent: Sent = {}): Promise<Ran> =>
  post(content, { type: 'application/x-www-form-urlencoded', ...sent })

const reasons = ({ events }: Ran): unknown[] => events.map(({ type, data }) => `${type}: ${String(data?.['reason'])}`)

function refusedWith(ran: Ran, status: number, code: string, reason: string): void {
  assert.deepEqual(ran.faults, [])
  assert.equal(ran.reply?.status, status)
  assert.deepEqual(ran.reply?.denial, { code, reason })
  assert.deepEqual(reasons(ran), [`input_validation_fail: ${reason}`])
  assert.equal(ran.x.get(Body), undefined)
}

describe('body: what it reads', () => {
  it('parses JSON and keeps the bytes', async () => {
    const { reply, x } = await post('{"a":[1,"é"]}', { type: 'application/json; charset=utf-8' })
    assert.equal(reply, undefined)
    assert.deepEqual(x.get(Body), { type: 'application/json', value: { a: [1, 'é'] }, bytes: Buffer.from('{"a":[1,"é"]}') })
  })

  it('parses a form into an object without a prototype', async () => {
    const { x } = await form('a=1&b=x+y&b=%C3%A9')
    const value = x.get(Body)?.value as object
    assert.equal(Object.getPrototypeOf(value), null)
    assert.deepEqual({ ...value }, { a: '1', b: ['x y', 'é'] })
  })

  it('takes an empty form, and refuses empty JSON', async () => {
    const stream = Readable.from([])
    assert.deepEqual({ ...((await form(stream as never)).x.get(Body)?.value as object) }, {})
    refusedWith(await post(Readable.from([])), 400, 'body-malformed', 'empty')
  })

  it('leaves a request without a body alone, whatever type it claims', async () => {
    const { reply, x, events } = await runControls(
      [body],
      {},
      { method: 'POST', headers: { 'content-type': 'text/plain', 'content-length': '0' } },
    )
    assert.deepEqual([reply, x.get(Body), events.length], [undefined, undefined, 0])
    assert.equal((await runControls([body], {}, {})).reply, undefined)
  })

  it('reads the bodies of PATCH and DELETE as well', async () => {
    for (const method of ['PUT', 'PATCH', 'DELETE', 'QUERY']) {
      const { x } = await runControls([body], {}, { method, headers: { 'content-type': 'application/json' }, body: '{"a":1}' })
      assert.deepEqual(x.get(Body)?.value, { a: 1 })
    }
  })

  it('tells a body over HTTP/2 by its stream, not by a header', async () => {
    const send = (endAfterHeaders: boolean) => {
      const stream = Object.assign(Readable.from([Buffer.from('{"a":1}')], { objectMode: false }), {
        stream: { endAfterHeaders },
      })
      const inbound = fakeInbound({
        method: 'POST',
        httpVersion: '2.0',
        headers: { 'content-type': 'application/json', 'transfer-encoding': undefined },
      })
      return runControls(
        [body],
        {},
        { ...inbound, header: (name) => (name === 'content-length' ? undefined : inbound.header(name)), stream },
      )
    }
    assert.deepEqual((await send(false)).x.get(Body)?.value, { a: 1 })
    assert.equal((await send(true)).x.get(Body), undefined)
  })

  it('reads the JSON types that are listed, and only those', async () => {
    assert.deepEqual(
      (await post('{"a":1}', { type: 'application/merge-patch+json' })).x.get(Body)?.type,
      'application/merge-patch+json',
    )
    assert.equal((await post('{"a":1}', { type: 'application/vnd.api+json' })).x.get(Body), undefined)
    const options = { jsonTypes: ['application/vnd.api+json'] }
    assert.deepEqual((await post('{"a":1}', { type: 'application/vnd.api+json', options })).x.get(Body)?.value, { a: 1 })
  })
})

describe('body: media types', () => {
  for (const [type, reason] of [
    ['', 'content-type-missing'],
    ['json', 'content-type-malformed'],
    ['application/json\t; charset=utf-8', 'content-type-malformed'],
    ['application/json;', 'content-type-malformed'],
    ['application/json, text/plain', 'content-type-malformed'],
    ['application/json; charset=utf-8; charset=utf-7', 'content-type-duplicate-parameter'],
    ['text/plain', 'text-plain'],
    ['text/plain; application/json', 'content-type-malformed'],
    ['TEXT/PLAIN', 'text-plain'],
    ['application/json; charset=utf-16', 'charset'],
    ['application/x-www-form-urlencoded; charset=iso-8859-1', 'charset'],
  ] as const) {
    it(`refuses ${JSON.stringify(type)}`, async () => {
      refusedWith(await post('{"a":1,"x":"="}', { type }), 415, 'body-type-unsupported', reason)
    })
  }

  it('does not care about the case of a type (A06)', async () => {
    assert.deepEqual(
      (await post('a=1', { type: 'Application/X-WWW-Form-UrlEncoded' })).x.get(Body)?.type,
      'application/x-www-form-urlencoded',
    )
  })

  it('says which codings it knows, and closes the connection', async () => {
    const { reply } = await post('{}', { coding: 'snappy' })
    assert.deepEqual([reply?.status, reply?.head, reply?.close], [415, { 'accept-encoding': 'gzip, deflate, br, zstd' }, true])
  })

  for (const coding of ['snappy', 'gzip, gzip', 'gzip,br', '', 'gzip ']) {
    it(`refuses the coding ${JSON.stringify(coding)}`, async () => {
      refusedWith(await post(gzipSync('{}'), { coding }), 415, 'body-type-unsupported', 'content-encoding')
    })
  }
})

describe('body: sizes', () => {
  const of = (length: number): string => JSON.stringify('x'.repeat(length - 2))

  it('takes 100 KiB and not a byte more, declared or not', async () => {
    assert.equal((await post(of(102_400))).reply, undefined)
    refusedWith(await post(of(102_401)), 413, 'body-too-large', 'too-large')
    refusedWith(await post(Readable.from([Buffer.from(of(102_401))], { objectMode: false })), 413, 'body-too-large', 'too-large')
    assert.equal((await form(`a=${'x'.repeat(102_398)}`)).reply, undefined)
    refusedWith(await form(`a=${'x'.repeat(102_399)}`), 413, 'body-too-large', 'too-large')
  })

  it('takes what a route allows instead, more or less', async () => {
    assert.equal((await post(of(150_000), { route: { bodyLimit: 150_000 } })).reply, undefined)
    refusedWith(await post(of(11), { route: { bodyLimit: 10 } }), 413, 'body-too-large', 'too-large')
  })

  it('closes the connection after a refusal that left bytes unread, and not after one that read all', async () => {
    assert.equal((await post(of(102_401))).reply?.close, true)
    assert.equal((await post('{')).reply?.close, false)
  })

  it('decodes each coding, bounded by what comes out', async () => {
    const codings = {
      gzip: gzipSync,
      'x-gzip': gzipSync,
      GZIP: gzipSync,
      deflate: deflateSync,
      br: brotliCompressSync,
      zstd: zstdCompressSync,
    }
    for (const [coding, compress] of Object.entries(codings)) {
      assert.deepEqual((await post(compress('{"a":1}'), { coding })).x.get(Body)?.value, { a: 1 })
      refusedWith(await post(compress(of(1_000_000)), { coding }), 413, 'body-too-large', 'too-large')
    }
    assert.deepEqual((await post('{"a":1}', { coding: 'identity' })).x.get(Body)?.value, { a: 1 })
  })

  it('refuses a coding that the bytes do not have', async () => {
    refusedWith(await post('{"a":1}', { coding: 'gzip' }), 400, 'body-malformed', 'malformed-encoding')
  })

  it('refuses a length that is no number', async () => {
    const headers = { 'content-type': 'application/json', 'content-length': '1e2' }
    refusedWith(await runControls([body], {}, { method: 'POST', headers, body: '{}' }), 400, 'body-malformed', 'content-length')
  })

  it('refuses a body that ends early', async () => {
    const stream = new PassThrough()
    const answer = post(stream)
    stream.write('{"a":')
    setImmediate(() => stream.destroy())
    refusedWith(await answer, 400, 'body-incomplete', 'aborted')
  })

  it('answers 408 for a body that does not come in time', async (t) => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const stream = new PassThrough()
    const answer = post(stream, { options: { timeout: '5s' } })
    t.mock.timers.tick(5500)
    refusedWith(await answer, 408, 'body-timeout', 'timeout')
  })
})

describe('body: contents', () => {
  const deep = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth)
  const keys = (count: number): string =>
    JSON.stringify(Object.fromEntries(Array.from({ length: count }, (_, n) => [`k${n}`, n])))

  for (const [title, content, reason] of [
    ['nesting beyond 32', deep(33), 'too-deep'],
    ['50 000 open brackets', '['.repeat(50_000), 'too-deep'],
    ['1001 keys', keys(1001), 'too-many-keys'],
    ['colliding integer-like keys in number', keys(2000).replaceAll('k', ''), 'too-many-keys'],
    ['more than 10 000 elements', `[${'1,'.repeat(10_001)}1]`, 'too-many-elements'],
    ['the same key twice', '{"role":"user","role":"admin"}', 'duplicate-key'],
    ['the same key twice, once escaped', '{"role":"user","r\\u006fle":"admin"}', 'duplicate-key'],
    ['__proto__', '{"a":{"__proto__":{"admin":true}}}', 'forbidden-key'],
    ['constructor.prototype', '{"constructor":{"prototype":{"admin":true}}}', 'forbidden-key'],
    ['a comment', '{}//', 'malformed'],
    ['a byte order mark', '\uFEFF{}', 'malformed'],
  ] as const) {
    it(`refuses JSON with ${title}`, async () => refusedWith(await post(content), 400, 'body-malformed', reason))
  }

  for (const [title, content, reason] of [
    ['201 fields', 'a=1&'.repeat(201), 'too-many-fields'],
    ['201 fields of an array', 'a[]=1&'.repeat(201), 'too-many-fields'],
    ['__proto__', '__proto__[admin]=1', 'forbidden-name'],
    ['constructor', 'constructor=1', 'forbidden-name'],
    ['a broken escape', 'a=%zz', 'bad-percent'],
    ['escapes that are no UTF-8', 'a=%ff', 'bad-utf8'],
  ] as const) {
    it(`refuses a form with ${title}`, async () => refusedWith(await form(content), 400, 'body-malformed', reason))
  }

  it('refuses bytes that are no UTF-8', async () => {
    refusedWith(await post(Buffer.from([0x22, 0xff, 0x22])), 400, 'body-malformed', 'bad-utf8')
  })

  it('gives no meaning to brackets', async () => {
    assert.deepEqual({ ...((await form('id[$ne]=1')).x.get(Body)?.value as object) }, { 'id[$ne]': '1' })
  })

  it('leaves Object.prototype as it was', async () => {
    await post('{"__proto__":{"polluted":1}}')
    await form('__proto__.polluted=1&constructor.prototype.polluted=1')
    assert.equal(({} as { polluted?: unknown }).polluted, undefined)
  })
})

describe('body: together with the application', () => {
  it('says plainly when a parser stood before it', async () => {
    const stream = Readable.from([Buffer.from('{}')], { objectMode: false })
    stream.resume()
    await once(stream, 'end')
    const { reply, faults } = await post(stream)
    assert.equal(reply?.status, 500)
    assert.match(String(faults[0]), /Put Holdfast before every body parser/)
  })

  it('takes only options that make sense', () => {
    const start = (options: object) => () => startControls([body], { body: options })
    assert.throws(start({ jsno: 1 }), /HF_OPTION_UNKNOWN.*Did you mean "json"/)
    assert.throws(start({ json: 0 }), /HF_OPTION_INVALID: body.json is 0/)
    assert.throws(start({ depth: 1000 }), /body.depth is 1000/)
    assert.throws(start({ timeout: 'soon' }), /body.timeout is "soon"/)
    for (const type of ['text/plain', 'application/*', 'Application/x+json', 'a/b+json; x=y', '']) {
      assert.throws(start({ jsonTypes: [type] }), /body.jsonTypes/)
    }
  })

  it('advises against sizes that a few requests could exhaust', () => {
    assert.deepEqual(startControls([body]).findings, [])
    const { findings } = startControls([body], { body: { json: 5_000_000, timeout: '10m' } })
    assert.deepEqual(
      findings.map(({ id }) => id),
      ['HF-BODY-1', 'HF-BODY-2'],
    )
  })
})
