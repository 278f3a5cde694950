/** Uploads, downloads and static files through real servers, under every framework. */
import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import net from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { ADAPTERS, startApp, type TestApp } from '../../test/support/app.ts'
import { formOf, PNG, type FormPart } from '../../test/support/files.ts'

const avatar = (part: Partial<FormPart> = {}): FormPart => ({
  name: 'avatar',
  file: 'me.png',
  type: 'image/png',
  bytes: PNG,
  ...part,
})

/** Every file below the folder of uploads, those that are held back included. */
const kept = (app: TestApp) =>
  readdirSync(app.state.files.uploads, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ name }) => name)

async function send(app: TestApp, parts: readonly FormPart[]) {
  const { status, text } = await app.fetch('/upload', { method: 'POST', ...formOf(parts) })
  return { status, ...(JSON.parse(text) as { reason?: string; field?: string; fields: object; files: Record<string, File[]> }) }
}

interface File {
  readonly file: string
  readonly name: string
  readonly size: number
  readonly sha256: string
}

for (const adapter of ADAPTERS) {
  describe(`files under ${adapter}`, () => {
    it('are taken under a name of our own, with their fields, and handed out to be saved', async () => {
      await using app = await startApp({ adapter })
      const sent = await send(app, [{ name: 'title', bytes: 'Me' }, avatar({ file: '../../a<b>.png' })])
      assert.equal(sent.status, 200)
      assert.deepEqual(sent.fields, { title: 'Me' })
      const { file, name, size } = sent.files['avatar']![0]!
      assert.match(file, /^[\w-]{32}\.png$/)
      assert.deepEqual([name, size], ['a_b_.png', PNG.length])
      assert.deepEqual(kept(app), [file])
      assert.deepEqual(readFileSync(join(app.state.files.uploads, file)), PNG)

      const name8 = encodeURIComponent('Größe "1".png\r\nx: y')
      const got = await app.fetch(`/download?file=${file}&name=${name8}`)
      assert.equal(got.status, 200)
      assert.equal(
        got.headers['content-disposition'],
        `attachment; filename="Gr__e _1_.pngx_ y"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%20_1_.pngx_%20y`,
      )
      assert.equal(got.headers['x-content-type-options'], 'nosniff')
      assert.equal(got.headers['cache-control'], 'no-store')
      assert.deepEqual(got.all('content-security-policy'), [`sandbox; default-src 'none'; frame-ancestors 'none'`])
      assert.equal(got.headers['content-length'], String(PNG.length))
      const part = await app.fetch(`/download?file=${file}`, { headers: { range: 'bytes=1-3' } })
      assert.deepEqual([part.status, part.text], [206, 'PNG'])
      const missing = await app.fetch('/download?file=..%2Fsite%2Fapp.css')
      assert.equal(missing.status, 404)
    })

    it('are refused with a reason, said on the bus, and nothing stays behind', async () => {
      await using app = await startApp({ adapter })
      const page = avatar({ bytes: '<script>alert(1)</script>'.repeat(9) })
      const refused = await send(app, [avatar({ name: 'papers', type: 'application/pdf', bytes: '%PDF-1.7 ...' }), page])
      assert.deepEqual([refused.status, refused.reason, refused.field], [415, 'type', 'avatar'])
      assert.deepEqual(kept(app), [])
      const event = app.events.find(({ type }) => type === 'input_validation_fail')
      assert.deepEqual(event?.data, { reason: 'upload-type', status: 415, field: 'avatar' })
    })

    it('are served from the folder: tags, parts, packed copies, and the year for names that change', async () => {
      await using app = await startApp({ adapter })
      const { cookie } = await app.signIn('member')
      const get = (path: string, headers: Record<string, string> = {}, method = 'GET') =>
        app.fetch(path, { method, headers: { cookie, ...headers } })
      const plain = await get('/assets/app.css?v=1')
      assert.deepEqual([plain.status, plain.text], [200, 'body { color: black }\n'])
      assert.equal(plain.headers['content-type'], 'text/css; charset=utf-8')
      assert.match(plain.headers.vary!, /accept-encoding/i)
      assert.match(String(plain.headers['content-security-policy']), /default-src 'self'/)
      const etag = plain.headers.etag!
      assert.match(etag, /^"[\w-]{32}"$/)
      const same = await get('/assets/app.css', { 'if-none-match': `"other", W/${etag}` })
      assert.deepEqual([same.status, same.text, same.headers.etag], [304, '', etag])
      const head = await get('/assets/app.css', {}, 'HEAD')
      assert.deepEqual([head.status, head.text, head.headers['content-length']], [200, '', '22'])

      const part = await get('/assets/app.css', { range: 'bytes=-3', 'if-range': etag })
      assert.deepEqual([part.status, part.text, part.headers['content-range']], [206, ' }\n', 'bytes 19-21/22'])
      assert.equal((await get('/assets/app.css', { range: 'bytes=-3', 'if-range': '"other"' })).status, 200)
      const beyond = await get('/assets/app.css', { range: 'bytes=99-' })
      assert.deepEqual([beyond.status, beyond.headers['content-range']], [416, 'bytes */22'])
      assert.equal((await get('/assets/app.css', { range: 'bytes=0-1,2-3,0-9' })).status, 200)

      const packed = await get('/assets/app.css', { 'accept-encoding': 'gzip, br;q=0.9' })
      assert.deepEqual([packed.text, packed.headers['content-encoding']], ['brotli', 'br'])
      assert.notEqual(packed.headers.etag, etag)
      assert.equal((await get('/assets/app.css', { 'accept-encoding': 'gzip, br;q=0' })).text, 'gzip')
      assert.equal((await get('/assets/same.css')).status, 200)
      assert.equal((await get('/assets/js/app-3f9ac1d27b.js')).text, 'hashed()')
    })

    it('outside of the folder, hidden, or disguised are not there (A66, A67)', async () => {
      await using app = await startApp({ adapter })
      const { cookie } = await app.signIn('member')
      const paths = [
        '.env',
        '',
        'js',
        'js/',
        'link.txt',
        'up/secret.txt',
        'up/uploads/',
        'app.css/',
        'APP.CSS::$DATA',
        'app.css.',
      ]
      paths.push('../secret.txt', '..%2fsecret.txt', '%2e%2e/secret.txt', 'js/..%5c..%5csecret.txt', '..;/secret.txt')
      paths.push(
        '..%252fsecret.txt',
        '%c0%ae%c0%ae/secret.txt',
        'app.css%00',
        'con',
        'nul.txt',
        'SECRET~1.TXT',
        '../site-secret/a.txt',
      )
      for (const path of paths) {
        const { status, text } = await app.fetch(`/assets/${path}`, { headers: { cookie } })
        assert.ok(status >= 400 && status < 500, `${path}: ${status}`)
        assert.doesNotMatch(text, /SECRET=/, path)
      }
      assert.notEqual((await app.fetch('/assets-secret/a.txt', { headers: { cookie } })).status, 200)
      assert.notEqual((await app.fetch('/assets/app.css', { method: 'POST', headers: { cookie } })).status, 200)
    })

    it('that break off in the middle leave nothing behind', async () => {
      await using app = await startApp({ adapter })
      const { body, headers } = formOf([avatar({ bytes: Buffer.concat([PNG, Buffer.alloc(60_000)]) })])
      const head = Object.entries({ host: `localhost:${app.port}`, ...headers }).map(([name, value]) => `${name}: ${value}\r\n`)
      const socket = net.connect(app.port, '127.0.0.1')
      socket.on('error', () => {})
      socket.write(`POST /upload HTTP/1.1\r\n${head.join('')}\r\n`)
      socket.write(body.subarray(0, 40_000))
      await until(() => kept(app).length === 1)
      socket.destroy()
      await until(() => kept(app).length === 0)
    })
  })
}

describe('an upload', () => {
  const refusals: readonly (readonly [string, string, readonly FormPart[]])[] = [
    ['a file that is larger than agreed', 'too-large', [avatar({ bytes: Buffer.concat([PNG, Buffer.alloc(200_000)]) })]],
    ['more files than agreed', 'too-many', [avatar(), avatar()]],
    ['a field that nobody named', 'unknown-field', [avatar(), { name: 'role', bytes: 'admin' }]],
    ['a file under a name that nobody gave', 'unknown-field', [avatar({ name: 'virus' })]],
    ['names that reach into objects', 'unknown-field', [avatar({ name: '__proto__' })]],
    ['a field twice', 'repeated-field', [1, 2].map((bytes) => ({ name: 'title', bytes: String(bytes) }))],
    ['a field that is too long', 'too-large', [{ name: 'title', bytes: 'a'.repeat(51) }]],
    ['a field with control characters', 'content', [{ name: 'title', bytes: 'a\u0000b' }]],
    ['a field with a bidi override', 'content', [{ name: 'title', bytes: 'a\u202eb' }]],
    ['a type that is not named', 'type', [avatar({ type: 'image/jpeg', bytes: Buffer.from([0xff, 0xd8, 0xff, 0xe0]) })]],
    ['a type that is said wrongly', 'type', [avatar({ type: 'image/gif' })]],
    ['an empty file', 'type', [avatar({ bytes: '' })]],
    ['SVG', 'type', [avatar({ type: 'image/svg+xml', bytes: '<svg onload="alert(1)"/>' })]],
    ['a gzip bomb', 'bomb', [avatar({ name: 'papers', type: 'application/gzip', bytes: gzipSync(Buffer.alloc(40_000_000)) })]],
    [
      'gzip that is none',
      'archive',
      [avatar({ name: 'papers', type: 'application/gzip', bytes: Buffer.from([31, 139, 8, 0, 9]) })],
    ],
    ['ten thousand parts', 'too-many', Array.from({ length: 10_000 }, (_, index) => ({ name: `t${index}`, bytes: '' }))],
  ]

  it('refuses what was not agreed, each time without a trace', async () => {
    await using app = await startApp()
    for (const [title, reason, parts] of refusals) {
      const sent = await send(app, parts)
      const allowed = title.startsWith('ten thousand') ? ['too-many', 'unknown-field'] : [reason]
      assert.ok(allowed.includes(sent.reason!), `${title}: ${sent.reason}`)
      assert.deepEqual(kept(app), [], title)
    }
    assert.deepEqual(app.faults, [])
  })

  it('refuses bodies that are no form, or no whole one (A81)', async () => {
    await using app = await startApp()
    const { body, headers } = formOf([avatar()])
    const type = headers['content-type']
    const post = async (bytes: Buffer | string, fields: Record<string, string> = {}) => {
      const { status, text } = await app.fetch('/upload', {
        method: 'POST',
        headers: { 'content-type': type, ...fields },
        body: Buffer.from(bytes as string),
      })
      return `${status} ${(JSON.parse(text) as { reason: string }).reason}`
    }
    assert.equal(await post('{}', { 'content-type': 'application/json' }), '415 not-multipart')
    assert.equal(await post(body, { 'content-type': 'multipart/form-data' }), '415 not-multipart')
    assert.equal(await post(body, { 'content-type': `${type}; boundary=other` }), '415 not-multipart')
    assert.equal(await post(gzipSync(body), { 'content-encoding': 'gzip' }), '415 not-multipart')
    assert.equal(await post(body.subarray(0, -30)), '400 incomplete')
    assert.equal(await post(body.subarray(0, 10)), '400 incomplete')
    assert.equal(await post(Buffer.concat([Buffer.from('before\r\n'), body])), '400 malformed')
    assert.equal(await post(Buffer.alloc(1_000_000, 0x41)), '400 malformed')
    assert.deepEqual(kept(app), [])
    assert.deepEqual(app.faults, [])
  })

  it('keeps of the head of a part no more than 8 KiB, and goes on', async () => {
    await using app = await startApp()
    const sent = await send(app, [avatar({ type: `image/png\r\nx-pad: ${'a'.repeat(100_000)}` })])
    assert.ok([200, 413].includes(sent.status), `${sent.status}`)
    assert.ok(kept(app).length <= 1)
  })

  it('takes a form in which no file was chosen, and the token of the form beside it', async () => {
    await using app = await startApp()
    const sent = await send(app, [
      avatar({ file: '', type: 'application/octet-stream', bytes: '' }),
      { name: '_csrf', bytes: 'x' },
    ])
    assert.equal(sent.status, 200)
    assert.deepEqual(sent.files, { avatar: [], papers: [] })
    assert.ok(existsSync(app.state.files.uploads))
    assert.deepEqual(kept(app), [])
  })
})

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setImmediate(resolve))
}
