/** The documentation is tried: its code compiles and, where it listens, answers; its links lead somewhere; its commands exist. */
import assert from 'node:assert/strict'
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import net, { type AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { parse } from '../src/cli/arguments.ts'
import { commands } from '../src/cli/commands/index.ts'
import { anchorsOf, commandsOf, linksOf, pages, read, root, type Block } from './support/markdown.ts'

interface Manifest {
  readonly scripts: Readonly<Record<string, string>>
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest
const blocks = pages
  .filter((page) => page === 'README.md' || page.startsWith('docs/guides/'))
  .flatMap((page) => read(page).blocks.filter(({ language }) => language === 'ts'))
const nameOf = ({ page, line }: Block) => `${page.replaceAll(/[^\w]/g, '-')}-${line}`
const listens = ({ text }: Block) => /\blisten\(/.test(text)

describe('code in the documentation', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-docs-'))
  before(() => {
    link('holdfast', root)
    for (const name of Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })) {
      link(name, join(root, 'node_modules', name))
    }
    writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
    for (const block of blocks) writeFileSync(join(folder, `${nameOf(block)}.ts`), `${block.text}\nexport {}\n`)
  })
  after(() => rmSync(folder, { recursive: true, force: true }))

  it('is there in the README and in guides', () => {
    assert.ok(blocks.some(({ page }) => page === 'README.md'))
    assert.ok(blocks.filter(listens).length >= 4, 'blocks that listen')
  })

  it('compiles, each block by itself', () => {
    const tsconfig = { extends: join(root, 'tsconfig.json'), compilerOptions: { typeRoots: [join(root, 'node_modules/@types')] } }
    writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ ...tsconfig, include: ['*.ts'] }))
    const tsc = join(root, 'node_modules/typescript/bin/tsc')
    const { status, stdout } = spawnSync(process.execPath, [tsc, '-p', folder], { cwd: root, encoding: 'utf8' })
    // Errors of the kit's own source are for "npm run check" to say.
    const errors = stdout.split('\n').filter((line) => /^\S/.test(line) && !line.startsWith('src/'))
    assert.deepEqual(errors, [])
    assert.ok(status === 0 || stdout.startsWith('src/'), `tsc ended with ${status}: ${stdout}`)
  })

  describe('that listens', { concurrency: 2 }, () => {
    for (const block of blocks.filter(listens)) {
      it(`${block.page}:${block.line} starts, and its home page answers`, { timeout: 30_000 }, async () => {
        const port = await freePort()
        const own = join(folder, `run-${nameOf(block)}`)
        mkdirSync(own)
        const file = join(folder, `run-${nameOf(block)}.ts`)
        writeFileSync(file, block.text.replaceAll(/\b3000\b/g, String(port)))
        const child = spawn(process.execPath, ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning', file], {
          cwd: own,
          stdio: ['ignore', 'ignore', 'pipe'],
        })
        try {
          const response = await answerOf(child, port)
          assert.equal(response.status, 200)
          assert.match(response.headers.get('content-security-policy') ?? '', /default-src 'self'/)
        } finally {
          await ended(child)
        }
      })
    }
  })

  function link(name: string, target: string): void {
    const path = join(folder, 'node_modules', name)
    mkdirSync(dirname(path), { recursive: true })
    symlinkSync(target, path, 'dir')
  }
})

describe('links in the documentation', () => {
  it('lead to a file, and to a heading that it has', () => {
    const links = pages.flatMap(linksOf)
    assert.ok(links.length > 50)
    const broken = links.filter(({ page, path, anchor }) => {
      const target = path === '' ? page : join(dirname(page), path)
      if (!existsSync(join(root, target))) return true
      return anchor !== undefined && !anchorsOf(target).has(anchor)
    })
    assert.deepEqual(broken, [])
  })
})

describe('commands in the documentation', () => {
  const found = pages.flatMap((page) => commandsOf(page).map((command) => ({ page, command })))

  it('are found at all', () => assert.ok(found.length > 20, `${found.length}`))

  it('are scripts of package.json, and verbs of the command with options that it knows', () => {
    const wrong = found.flatMap(({ page, command }) => {
      const problem = problemOf(command.split(/\s+/))
      return problem === undefined ? [] : [`${page}: ${command}: ${problem}`]
    })
    assert.deepEqual(wrong, [])
  })

  it('would be found out if they did not exist', () => {
    assert.match(problemOf(['npm', 'run', 'chekc'])!, /no script/)
    assert.match(problemOf(['holdfast', 'user', 'list'])!, /no command/)
    assert.match(problemOf(['npm', 'run', 'holdfast', '--', 'users', 'lsit'])!, /Did you mean/)
    assert.match(problemOf(['holdfast', 'users', 'list', '--jsn'])!, /no option/)
    assert.equal(problemOf(['holdfast', 'users', 'create', 'ada@app.example', '--role', 'admin']), undefined)
  })
})

/** What is wrong with a command line, if anything. A line that ends in `…` shows only how commands begin. */
function problemOf(words: readonly string[]): string | undefined {
  const [program, verb = '', ...rest] = words
  if (program === 'holdfast') return problemOfVerb([verb, ...rest])
  if (program === 'npx') return verb === 'holdfast' ? problemOfVerb(rest) : `npx ${verb} is not ours`
  if (verb === 'start' || verb === 'test') return verb in manifest.scripts ? undefined : `there is no script ${verb}`
  if (verb !== 'run') return ['ci', 'install', 'pack'].includes(verb) ? undefined : `npm ${verb} is not used here`
  const [script = '', dashes, ...handed] = rest
  if (!(script in manifest.scripts)) return `there is no script ${script}`
  return script === 'holdfast' && dashes === '--' && handed.length > 0 ? problemOfVerb(handed) : undefined
}

function problemOfVerb([verb = '', ...words]: readonly string[]): string | undefined {
  if (verb === 'help') return undefined
  const command = commands.find(({ name }) => name === verb)
  if (command === undefined) return `there is no command ${verb}`
  if (words.length === 0) return undefined
  try {
    parse(command, words)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** Asks until somebody answers. Fails at once when the process ended, with what it said. */
async function answerOf(child: ChildProcess, port: number): Promise<Response> {
  let said = ''
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()))
  for (;;) {
    if (child.exitCode !== null) throw new Error(`it ended with ${child.exitCode}: ${said}`)
    const response = await fetch(`http://localhost:${port}/`).catch(() => undefined)
    if (response) return response
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill('SIGKILL')
  })
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = net.createServer()
    probe.once('error', reject)
    probe.listen(0, 'localhost', () => {
      const { port } = probe.address() as AddressInfo
      probe.close(() => resolve(port))
    })
  })
}
