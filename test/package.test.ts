/** The package as somebody gets it: built, packed, unpacked elsewhere, imported by plain Node, type-checked by a strict consumer. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'

const root = join(import.meta.dirname, '..')
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const subpaths = Object.entries(manifest.exports).flatMap(([subpath, entry]) =>
  typeof entry === 'string' ? [] : [{ name: join('holdfast', subpath), source: entry['holdfast-source'] }],
)

interface Manifest {
  readonly version: string
  readonly exports: Readonly<Record<string, string | { readonly 'holdfast-source': string }>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly peerDependencies: Readonly<Record<string, string>>
}

const folder = mkdtempSync(join(tmpdir(), 'holdfast-package-'))
const staged = join(folder, 'staged')
const consumer = join(folder, 'consumer')
const installed = join(consumer, 'node_modules/holdfast')

before(() => {
  mkdirSync(staged)
  run(process.execPath, [join(root, 'scripts/build.ts'), join(staged, 'dist')], root)
  for (const file of ['package.json', 'README.md', 'LICENSE', 'SECURITY.md', 'CHANGELOG.md'])
    cpSync(join(root, file), join(staged, file))
  cpSync(join(root, 'ops'), join(staged, 'ops'), { recursive: true })
  run('npm', ['pack', '--ignore-scripts', '--offline', '--pack-destination', folder], staged)
  install()
})
after(() => rmSync(folder, { recursive: true, force: true }))

describe('the package', () => {
  it('holds what is needed to run and to read, and nothing else', () => {
    const files = globSync('**/*', { cwd: installed, exclude: (name) => name === 'node_modules' }).filter((file) =>
      statSync(join(installed, file)).isFile(),
    )
    const unexpected = files.filter(
      (file) =>
        !/^(?:dist\/.+(?:\.js|\.d\.ts)|dist\/package\.json|ops\/.+\.(?:yml|json)|package\.json|README\.md|LICENSE|SECURITY\.md|CHANGELOG\.md)$/.test(
          file,
        ),
    )
    assert.deepEqual(unexpected, [])
    assert.deepEqual(
      files.filter((file) => /\.(?:test|contract)\./.test(file)),
      [],
    )
    for (const file of ['README.md', 'LICENSE', 'SECURITY.md', 'dist/index.js', 'dist/index.d.ts', 'ops/prometheus/rules.yml'])
      assert.ok(files.includes(file), file)
  })

  it('names no path of the machine it was built on', () => {
    const files = globSync('dist/**/*.{js,ts}', { cwd: installed })
    assert.ok(files.length > 100)
    assert.deepEqual(
      files.filter((file) => readFileSync(join(installed, file), 'utf8').includes(root)),
      [],
    )
  })

  it('gives plain Node the same names under each subpath as the source does', async () => {
    const script = `const names = {}
      for (const name of ${JSON.stringify(subpaths.map(({ name }) => name))}) names[name] = Object.keys(await import(name)).sort()
      console.log(JSON.stringify(names))`
    const found = JSON.parse(node(['--input-type=module', '--eval', script])) as Record<string, string[]>
    for (const { name, source } of subpaths) {
      const expected = Object.keys((await import(join(root, source))) as object).toSorted()
      assert.ok(expected.length > 0, name)
      assert.deepEqual(found[name], expected, name)
    }
  })

  it('lets itself be found: package.json is exported, and inner files are not', () => {
    const script = `import manifest from 'holdfast/package.json' with { type: 'json' }
      const inner = await import('holdfast/dist/engine/engine.js').catch((error) => error.code)
      console.log(manifest.version, inner)`
    assert.equal(node(['--input-type=module', '--eval', script]).trim(), `${manifest.version} ERR_PACKAGE_PATH_NOT_EXPORTED`)
  })

  it('serves a request in plain Node', () => {
    writeFileSync(join(consumer, 'serve.mjs'), SERVE)
    assert.deepEqual(JSON.parse(node(['serve.mjs'])), { home: 200, policy: true, closed: 401 })
  })

  it('has a command that can be executed', () => {
    const command = join(installed, 'dist/cli/main.js')
    assert.match(readFileSync(command, 'utf8'), /^#!\/usr\/bin\/env (?:-S )?node/)
    if (process.platform !== 'win32') assert.equal(statSync(command).mode & 0o111, 0o111)
    const help = node([command, 'help'])
    for (const verb of ['users', 'sessions', 'keys', 'migrate', 'help']) assert.ok(help.includes(verb), verb)
  })

  it('type-checks in a strict consumer that uses each subpath, declarations included', () => {
    writeFileSync(join(consumer, 'consumer.ts'), CONSUMER)
    for (const { name } of subpaths) assert.ok(CONSUMER.includes(`'${name}'`), `the consumer uses ${name}`)
    writeFileSync(join(consumer, 'package.json'), JSON.stringify({ type: 'module' }))
    writeFileSync(join(consumer, 'tsconfig.json'), JSON.stringify({ compilerOptions: STRICT, files: ['consumer.ts'] }))
    run(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.json'], consumer)
  })
})

/** What `npm install` would do, without a network: the tarball unpacked, what it depends on beside it. */
function install(): void {
  mkdirSync(installed, { recursive: true })
  const [tarball] = globSync('*.tgz', { cwd: folder })
  run('tar', ['-xzf', join(folder, tarball!), '--strip-components=1', '-C', installed], folder)
  for (const name of [
    ...Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies }),
    '@types/node',
    '@types/express',
    '@types/pg',
  ]) {
    const link = join(consumer, 'node_modules', name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(root, 'node_modules', name), link, 'dir')
  }
}

function node(args: readonly string[]): string {
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', ...args], consumer)
}

/** Runs to the end; fails with everything that was said. `--conditions` and the like of this run are not handed down. */
function run(command: string, args: readonly string[], cwd: string): string {
  const { NODE_OPTIONS: _, ...env } = process.env
  const { status, stdout, stderr, error } = spawnSync(command, args, { cwd, env, encoding: 'utf8', timeout: 60_000 })
  assert.equal(status, 0, `${command} ${args.slice(0, 3).join(' ')}\n${stdout}${stderr}${error?.message ?? ''}`)
  return stdout
}

const SERVE = `
import { createHoldfast } from 'holdfast'
import { node } from 'holdfast/node'
import { createServer } from 'holdfast/server'
const port = await new Promise((resolve) => {
  const probe = createServer({}, () => {}).listen(0, 'localhost', () => {
    const { port } = probe.address()
    probe.close(() => resolve(port))
  })
})
const holdfast = await createHoldfast({ origin: \`http://localhost:\${port}\`, data: 'data', log: 'silent', public: ['/'] })
const server = createServer(holdfast, node(holdfast, (request, response) => response.end('hello')))
await new Promise((resolve) => server.listen(port, 'localhost', resolve))
const home = await fetch(holdfast.site.origin)
const closed = await fetch(holdfast.site.origin + '/other')
console.log(JSON.stringify({ home: home.status, policy: home.headers.has('content-security-policy'), closed: closed.status }))
server.closeAllConnections()
server.close(() => holdfast.stop())
`

const STRICT = {
  target: 'esnext',
  module: 'nodenext',
  lib: ['esnext', 'dom'],
  types: ['node'],
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  noEmit: true,
}

const CONSUMER = `
import { createHoldfast, HoldfastError, readSettings, Secret, type HoldfastOptions, type SecurityEvent } from 'holdfast'
import { defineChannel, webhook } from 'holdfast/alerts'
import { layout } from 'holdfast/console'
import { express, requires } from 'holdfast/express'
import { fastify, requires as preHandler } from 'holdfast/fastify'
import { staticFiles, upload } from 'holdfast/files'
import { choice, form, number, steps, text as line } from 'holdfast/forms'
import { hono, requires as middleware } from 'holdfast/hono'
import { html, type SafeHtml } from 'holdfast/html'
import { node, type Handler } from 'holdfast/node'
import { createOutbound } from 'holdfast/outbound'
import { policyFor, rule } from 'holdfast/policies'
import { fieldCipher } from 'holdfast/secrets'
import { createServer } from 'holdfast/server'
import { memoryStore, openDatabase, type Database } from 'holdfast/store'
import { expectOneWinner, race, someone, startTesting, testPolicy } from 'holdfast/testing'
import { certificateFiles } from 'holdfast/tls'
import expressApp from 'express'
import { Hono } from 'hono'

const options: HoldfastOptions = {
  origin: 'https://app.example',
  public: ['/'],
  keys: new Secret('text'),
  rateLimit: { limits: { export: '5/min' } },
  headers: { trustedTypes: 'enforce' },
  log: (event: SecurityEvent) => void event.type.startsWith('authn_'),
}
// Were a declaration missing, everything would be \`any\`, and these lines would not be errors.
// @ts-expect-error a control is not spelled like that
const misspelt: HoldfastOptions = { origin: 'https://app.example', ratelimit: {} }
// @ts-expect-error trustedTypes is one of three words
const misvalued: HoldfastOptions = { origin: 'https://app.example', headers: { trustedTypes: 'maybe' } }
// @ts-expect-error a template gives SafeHtml, not text
const text: string = html\`<p>\${1}</p>\`
// @ts-expect-error a handler takes a request
const handler: Handler = (request: number) => request
// @ts-expect-error no such option of a page
layout({ titel: 'x' })
// @ts-expect-error the store takes a key first
memoryStore().take(1)
const notes = policyFor('notes', { edit: rule.owner((note: { ownerId: string }) => note.ownerId) })
testPolicy(notes, [['the owner', 'edit', someone('ada'), { ownerId: 'ada' }, 'allow'], ['a stranger', 'edit', someone('eve'), { ownerId: 'ada' }, 'deny']])
// @ts-expect-error a root is a path
const files = () => staticFiles(5)
// @ts-expect-error a request goes to an address
const later = () => createOutbound({}).fetch(5)
// @ts-expect-error a webhook is signed
const unsigned = webhook({ url: 'https://hooks.example' })
const order = form('order', { count: number({ label: 'Count' }), gift: number({ label: 'Gift', required: false }), size: choice({ label: 'Size', choices: { s: 'S', m: 'M' } }) })
const named = form('named', { name: line({ label: 'Name' }) })
// @ts-expect-error there is no such option
line({ label: 'Name', maximum: 5 })
// @ts-expect-error values are of the kind of their fields
const shown = () => order.view({}, { values: { count: '5' } })
async function ordered(request: object): Promise<readonly [number, 's' | 'm', number, string]> {
  const sent = await order.read(request)
  if (!sent.ok) return [sent.status, 's', 0, sent.errors[0]!.message]
  // @ts-expect-error a number that may be missing
  const gift: number = sent.value.gift
  // @ts-expect-error there is no such field
  void sent.value.role
  const at = await steps('both', [order, named]).read(request)
  if (!at.done) return [at.step, 's', 0, at.form]
  const [{ count, size }, { name }] = at.sent.value
  return [count, size, gift, name]
}
// @ts-expect-error there is no such action
notes.decide(null, 'burn', { ownerId: 'ada' }, { now: 0 })
// @ts-expect-error that is not a note
notes.decide(null, 'edit', 5, { now: 0 })

export async function main(): Promise<void> {
  const holdfast = await createHoldfast(options)
  const database: Database = await openDatabase(readSettings(process.env).databaseUrl?.reveal() ?? ':memory:')
  const app = expressApp().get('/', requires({ role: 'admin', within: '5m' }), (request, response) => {
    const page: SafeHtml = html\`<p>\${holdfast.of(request).principal?.name}</p>\`
    response.send(page.toString())
  })
  createServer(holdfast, express(holdfast, app), { tls: await certificateFiles('cert.pem', 'key.pem') })
  createServer(holdfast, hono(holdfast, new Hono().get('/', middleware({ role: 'admin' }), (c) => c.text('hello'))))
  createServer(holdfast, node(holdfast, (_request, response) => response.end()))
  await fastify(holdfast).get('/', { preHandler: preHandler({ permission: 'notes:read' }) }, () => 'hello').listen({ port: 0 })
  await database.close()
  await using testing = await startTesting((started) => node(started, (_request, response) => response.end()))
  expectOneWinner(await race(2, () => testing.visitor().get('/')), ({ status }) => status === 200)
}
export { HoldfastError, misspelt, misvalued, text, handler, later, unsigned, defineChannel, files, shown, ordered, upload, fieldCipher }
`
