/**
 * Tools of others against the admin panel in a process of its own, on loopback, each for at most twenty seconds: hydra, sqlmap, wapiti, ffuf
 * and slowhttptest fire exactly what they should, and all of it stands in incidents. The tools are found on the path; Debian has packages of all of them.
 */
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { commands } from '../../src/cli/commands/index.ts'
import { run } from '../../src/cli/run.ts'
import { Secret } from '../../src/crypto/secret.ts'
import { detections } from '../../src/observe/detections/index.ts'
import { startExample, type Example } from '../support/example.ts'

const LONGEST = 20_000
const NAMES = detections.map(({ name }) => name)
const required = process.env['HOLDFAST_TEST_REQUIRE'] === '1'

interface Tool {
  readonly name: string
  /** Its words, for a panel and a folder of its own. */
  readonly words: (example: Example, folder: string) => readonly string[]
  /** What it fires: this, and nothing else. */
  readonly fires: readonly string[]
}

const TOOLS: readonly Tool[] = [
  {
    name: 'hydra',
    words({ port, origin }, folder) {
      writeFileSync(join(folder, 'passwords'), Array.from({ length: 14 }, (_, index) => `password${index}`).join('\n'))
      const form = '/login:login=^USER^&password=^PASS^'
      const header = `H=Origin\\: ${origin.replaceAll(':', '\\:')}`
      const target = ['-s', String(port), 'localhost', 'https-post-form', `${form}:${header}:F=problem`]
      return ['-l', 'mira', '-P', join(folder, 'passwords'), '-t', '2', '-I', '-F', ...target]
    },
    fires: ['attack-tool', 'brute-force-address'],
  },
  {
    name: 'sqlmap',
    words: ({ origin }, folder) => [
      ...['-u', `${origin}/?name=x`, '-p', 'name', '--batch', '--disable-coloring', '--flush-session'],
      ...['--timeout', '3', '--retries', '0', '--output-dir', folder, '--ignore-code', '*'],
    ],
    fires: ['attack-tool', 'sql-probe'],
  },
  {
    name: 'wapiti',
    words: ({ origin }, folder) => [
      ...['-u', `${origin}/?name=x`, '--scope', 'page', '-m', 'xss,file', '--verify-ssl', '0', '--flush-session'],
      ...['-f', 'json', '-o', join(folder, 'report.json'), '--max-scan-time', '15', '--store-session', folder],
    ],
    // It calls itself a browser.
    fires: ['protocol-abuse', 'script-probe', 'traversal-probe'],
  },
  {
    name: 'ffuf',
    words({ origin }, folder) {
      const words = [
        'news',
        'old',
        'images',
        'shop',
        'blog',
        'forum',
        'test',
        'stage',
        'internal',
        'reports',
        'export',
        'users',
        'x1',
        'x2',
      ]
      writeFileSync(join(folder, 'words'), words.join('\n'))
      return ['-u', `${origin}/FUZZ`, '-w', join(folder, 'words'), '-k', '-t', '2', '-s', '-maxtime', '15']
    },
    fires: ['attack-tool', 'forced-browsing'],
  },
  {
    name: 'slowhttptest',
    words: ({ origin }) => ['-H', '-c', '12', '-r', '12', '-i', '2', '-l', '16', '-u', `${origin}/`, '-p', '3'],
    fires: ['protocol-abuse'],
  },
]

describe('tools of others', { timeout: 150_000 }, () => {
  const folders: string[] = []
  after(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })))

  for (const { name, words, fires } of TOOLS) {
    const missing = spawnSync('which', [name]).status !== 0
    if (missing && required) throw new Error(`HOLDFAST_TEST_REQUIRE=1, and ${name} is not installed.`)

    it(`${name} fires ${fires.join(' and ')}`, { skip: missing && `${name} is not installed` }, async (context) => {
      const folder = mkdtempSync(join(tmpdir(), `holdfast-${name}-`))
      folders.push(folder)
      await using example = await startExample('admin-panel')
      const began = performance.now()
      const output = await runFor(LONGEST, name, words(example, folder))
      await new Promise<void>((resolve) => void setTimeout(resolve, 1000))
      const lines = example.log()
      const fired = lines.filter(({ type }) => type === 'detection_fired').map(({ data }) => String(data?.['detection']))
      context.diagnostic(
        `${((performance.now() - began) / 1000).toFixed(1)} s, ${lines.length} events, fired ${[...new Set(fired)].join(', ')}`,
      )
      assert.deepEqual([...new Set(fired)].toSorted(), fires, output.slice(-2000))
      assert.deepEqual(await inIncidents(example), fires)
      assert.ok(lines.every(({ type }) => type !== 'sys_crash'))
    })
  }
})

/** Which detections stand in incidents, as an operator sees them. */
async function inIncidents({ data, origin }: Example): Promise<readonly string[]> {
  const environment = { HOLDFAST_DATA: data, HOLDFAST_ORIGIN: origin }
  const io = { environment, operator: 'eva', now: Date.now, warn: () => {}, readPassword: async () => new Secret('') }
  const { out } = await run(commands, ['incident', 'list', '--all', '--json'], io)
  const { incidents } = JSON.parse(out) as { readonly incidents: readonly { readonly detections: readonly string[] }[] }
  return [...new Set(incidents.flatMap((incident) => incident.detections))].filter((one) => NAMES.includes(one)).toSorted()
}

/** Runs it until it ends or its time is over; it is ended by its own process id. */
function runFor(milliseconds: number, command: string, words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, words, { stdio: ['ignore', 'pipe', 'pipe'], cwd: tmpdir() })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (output += text))
    const timer = setTimeout(() => child.kill('SIGKILL'), milliseconds)
    child.once('error', reject)
    child.once('close', () => {
      clearTimeout(timer)
      resolve(output)
    })
  })
}
