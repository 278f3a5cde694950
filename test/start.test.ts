/** What an ordinary start does not need is not loaded by it: that would cost every start its time, and every process its memory. */
import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import https from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { pathToFileURL } from 'node:url'
import { npmStart } from './support/example.ts'
import { freePort } from './support/ports.ts'
import { answerTo } from './support/visitor.ts'

const root = join(import.meta.dirname, '..')
const HOOK = pathToFileURL(join(import.meta.dirname, 'support/loaded.js')).href

interface Manifest {
  readonly type?: string
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const manifestOf = (folder: string) => JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest

/** What `npm start` and its first answer had loaded by the end. */
async function startOnce(data: string): Promise<{ readonly files: readonly string[]; readonly node: readonly string[] }> {
  const [port, written] = [await freePort(), join(data, 'loaded.json')]
  const settings = { PORT: String(port), HOLDFAST_DATA: data, NODE_OPTIONS: `--import=${HOOK}`, HOLDFAST_TEST_LOADED: written }
  const npm = npmStart([], settings)
  try {
    await npm.said(/Field notes is at/)
    const front = https.request({ host: 'localhost', port, rejectUnauthorized: false })
    assert.equal((await answerTo(front, '')).status, 200)
  } finally {
    npm.kill('SIGTERM')
    await npm.ended
  }
  return JSON.parse(readFileSync(written, 'utf8')) as Awaited<ReturnType<typeof startOnce>>
}

describe('the start of the example', { timeout: 180_000 }, () => {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-start-'))
  let loaded: Awaited<ReturnType<typeof startOnce>>

  before(async () => {
    // The first makes keys, certificate and database, and compiles. Each one after it is ordinary.
    await startOnce(data)
    loaded = await startOnce(data)
  })
  after(() => rmSync(data, { recursive: true, force: true }))

  it('is listened to at all', () => {
    for (const file of ['/src/holdfast.ts', '/src/controls/index.ts', '/examples/admin-panel/main.ts'])
      assert.ok(
        loaded.files.some((url) => url.endsWith(file)),
        file,
      )
    assert.ok(loaded.node.includes('NativeModule http'))
  })

  it('loads of the packages that the kit may use those alone that every start needs', () => {
    const { dependencies, peerDependencies } = manifestOf('.')
    const used = Object.keys({ ...dependencies, ...peerDependencies }).filter((name) =>
      loaded.files.some((url) => url.includes(`/node_modules/${name}/`)),
    )
    assert.deepEqual(used.toSorted(), ['fastify', 'kysely', 'otpauth', 'uqr'])
  })

  it('loads nothing of ours that waits for a certificate, a letter, an incident, a CAPTCHA, a provider, a test or the command', () => {
    const later =
      /\/src\/(?:(?:cli|testing|inspect|observe\/playbooks|accounts\/letters)\/|observe\/incidents\/report|tls\/acme\/acme)/
    const also = /\/src\/controls\/sign-in\/(?:captcha\/siteverify-answer|providers\/(?:open-id|plain-oauth|logout-token))/
    assert.deepEqual(
      loaded.files.filter((url) => later.test(url) || also.test(url)),
      [],
    )
  })

  it('loads neither the client that is behind `fetch`, nor what reads TypeScript', () => {
    assert.deepEqual(
      loaded.node.filter((name) => /undici\/undici|amaro/.test(name)),
      [],
    )
  })

  it('finds what kind of file each of ours is in a file of two lines, and not in the list of all that is exported', () => {
    assert.deepEqual(manifestOf('src'), { type: 'module' })
  })
})
