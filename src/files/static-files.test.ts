/** Static files without Holdfast around them: what caches are told, and what is refused at start-up. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import http2 from 'node:http2'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { staticFiles, type StaticFilesOptions } from './static-files.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-static-'))
after(() => rmSync(root, { recursive: true, force: true }))

async function withServer(options: StaticFilesOptions, ask: (get: (path: string) => Promise<Response>) => Promise<void>) {
  const assets = staticFiles(root, options)
  const server = http.createServer(async (_request, response) => {
    if (!(await assets(response))) response.writeHead(404).end()
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  try {
    await ask((path) => fetch(`http://127.0.0.1:${port}${path}`))
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

describe('static files', () => {
  it('are kept for a year when their name changes with them, and for an hour otherwise', async () => {
    const hashed = ['app-3f9ac1d2.js', 'app.3f9ac1d27b00.css', 'chunk-ABCD2345.js']
    const plain = ['app.css', 'app-version2.css', 'jquery-3-7-1-min.js', 'notes-20240101.html', 'FACADE-README.txt', 'decade.css']
    for (const name of [...hashed, ...plain]) writeFileSync(join(root, name), name)
    await withServer({}, async (get) => {
      for (const name of hashed)
        assert.equal((await get(`/${name}`)).headers.get('cache-control'), 'public, max-age=31536000, immutable', name)
      for (const name of plain) assert.equal((await get(`/${name}`)).headers.get('cache-control'), 'public, max-age=3600', name)
    })
    // A pattern that remembers where it was must not say yes every other time.
    await withServer({ immutable: /^app\.css$/g, maxAge: 5 }, async (get) => {
      for (let round = 0; round < 3; round++) assert.match((await get('/app.css')).headers.get('cache-control')!, /immutable/)
      assert.equal((await get('/decade.css')).headers.get('cache-control'), 'public, max-age=5')
    })
  })

  it('change their tag with their content, and have one of their own for each copy', async () => {
    await withServer({}, async (get) => {
      writeFileSync(join(root, 'a.txt'), 'one')
      const first = (await get('/a.txt')).headers.get('etag')
      writeFileSync(join(root, 'a.txt'), 'three')
      const second = (await get('/a.txt')).headers.get('etag')
      assert.notEqual(first, second)
      writeFileSync(join(root, 'b.txt'), 'three')
      assert.equal((await get('/b.txt')).headers.get('etag'), second)
    })
  })

  it('are bytes to a browser when their ending says nothing, and empty when they are', async () => {
    writeFileSync(join(root, 'constructor'), '')
    await withServer({}, async (get) => {
      const { status, headers } = await get('/constructor')
      assert.deepEqual(
        [status, headers.get('content-type'), headers.get('content-length')],
        [200, 'application/octet-stream', '0'],
      )
    })
  })

  it('are not served from nowhere, nor under half a folder', () => {
    assert.throws(() => staticFiles(join(root, 'nowhere')), { message: /staticFiles\.root/ })
    assert.throws(() => staticFiles(import.meta.filename), { message: /not of a file/ })
    assert.throws(() => staticFiles(root, { prefix: '/static' }), { message: /Begin and end it with a slash/ })
    assert.throws(() => staticFiles(root, { maxAge: -1 }), { message: /maxAge/ })
    assert.throws(() => staticFiles(root, { dotfiles: 'allow' } as never), { code: 'HF_OPTION_UNKNOWN' })
  })

  it('are closed when a client of HTTP/2 is gone before the answer begins', { skip: process.platform !== 'linux' }, async () => {
    const path = join(root, 'large.css')
    writeFileSync(path, 'x'.repeat(2_000_000))
    const assets = staticFiles(root)
    const serving: Promise<unknown>[] = []
    const server = http2.createServer(
      (_request, response) => void serving.push(assets(response as unknown as http.ServerResponse)),
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    for (let count = 0; count < 30; count++) {
      const stream = client.request({ ':path': '/large.css' })
      stream.on('error', () => {}).resume()
      // At once, and while the answer is under way.
      for (let turn = 0; turn < count % 6; turn++) await new Promise((resolve) => setImmediate(resolve))
      stream.close(http2.constants.NGHTTP2_CANCEL)
      await once(stream, 'close')
    }
    await Promise.allSettled(serving)
    await new Promise((resolve) => setImmediate(resolve))
    client.destroy()
    server.close()
    const held = readdirSync('/proc/self/fd').filter((fd) => targetOf(fd) === path)
    assert.ok(serving.length > 0)
    assert.deepEqual(held, [])
  })
})

function targetOf(fd: string): string | undefined {
  try {
    return readlinkSync(`/proc/self/fd/${fd}`)
  } catch {
    return undefined
  }
}
