/** Static files without Holdfast around them: what caches are told, and what is refused at start-up. */
import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
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
})
