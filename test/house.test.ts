/** The rules of the house, as tests: each rule says why it is one. */
import assert from 'node:assert/strict'
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, it } from 'node:test'
import { controls } from '../src/controls/index.ts'
import { readSettings, SETTINGS } from '../src/settings/settings.ts'
import { OPTION_NAMES } from '../src/options.ts'

const root = join(import.meta.dirname, '..')
const sources = globSync('src/**/*.ts', { cwd: root }).filter((file) => !/\.(test|contract)\.ts$/.test(file))
const textOf = (file: string) => readFileSync(join(root, file), 'utf8')

/** Who may import whom: a folder imports from its own floor's list only. Each line says why it stands where it does. */
const FLOORS: readonly { readonly floor: number; readonly folders: readonly string[]; readonly why: string }[] = [
  {
    floor: 1,
    folders: ['crypto', 'http', 'html', 'validate', 'store', 'secrets', 'tls', 'outbound', 'mail'],
    why: 'ground: pure parts, usable alone',
  },
  { floor: 2, folders: ['engine'], why: 'knows requests, but no control and no account' },
  {
    floor: 3,
    folders: ['accounts', 'observe'],
    why: 'know users and events, but no HTTP; of each other nothing: they meet through events',
  },
  { floor: 3, folders: ['files'], why: 'knows requests and folders, but no user and no control' },
  { floor: 4, folders: ['console'], why: 'shows what accounts know' },
  { floor: 4, folders: ['forms'], why: 'knows requests, pages and files, but no user and no control' },
  { floor: 5, folders: ['controls'], why: 'decide about requests with all of that' },
  { floor: 6, folders: ['.', 'settings', 'services', 'recorded', 'database', 'inspect'], why: 'where everything meets' },
  { floor: 7, folders: ['adapters'], why: 'frameworks come and go; nothing depends on them' },
  { floor: 8, folders: ['cli', 'testing'], why: 'the outermost: a person, or a test, from outside' },
]

interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const imports: readonly Import[] = sources.flatMap((from) =>
  [...textOf(from).matchAll(/^(?:import|export)\s+(type\s+)?(?:[^'"`;]*?\sfrom\s+)?'(\.[^']+)'/gm)].map(([, type, path]) => ({
    from,
    to: relative(root, join(root, dirname(from), path!)),
    typeOnly: type !== undefined,
  })),
)

const folderOf = (file: string) => (file.split('/').length > 2 ? file.split('/')[1]! : '.')
const floorOf = (file: string) => FLOORS.find(({ folders }) => folders.includes(folderOf(file)))

describe('imports', () => {
  it('are found at all, so that the rules below are not empty', () => assert.ok(imports.length > 100))

  it('come from a folder that has a floor', () => {
    assert.deepEqual(
      sources.filter((file) => !floorOf(file)),
      [],
    )
  })

  it('go down only, so that each floor can be read and tested without those above it', () => {
    const up = imports.filter(({ from, to }) => floorOf(to)!.floor > floorOf(from)!.floor)
    assert.deepEqual(up, [])
  })

  it('keep accounts and observe apart, so that neither can be weakened by the other', () => {
    const crossing = imports.filter(
      ({ from, to }) => floorOf(from)!.floor === 3 && floorOf(to)!.floor === 3 && folderOf(from) !== folderOf(to),
    )
    assert.deepEqual(crossing, [])
  })

  it('reach of another control only its slot, so that a control can be replaced', () => {
    const control = (file: string) =>
      folderOf(file) === 'controls' && file.split('/').length > 3 ? file.split('/')[2] : undefined
    const reaching = imports.filter(
      ({ from, to }) => control(from) && control(to) && control(from) !== control(to) && !to.endsWith('/slot.ts'),
    )
    assert.deepEqual(reaching, [])
  })

  it('have no circles, so that every file can be understood after those it names', () => {
    const graph = Map.groupBy(
      imports.filter(({ typeOnly }) => !typeOnly),
      ({ from }) => from,
    )
    const circles: string[] = []
    const done = new Set<string>()
    const walk = (file: string, path: readonly string[]): void => {
      if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
      if (done.has(file)) return
      for (const { to } of graph.get(file) ?? []) walk(to, [...path, file])
      done.add(file)
    }
    for (const file of sources) walk(file, [])
    assert.deepEqual(circles, [])
  })
})

describe('files', () => {
  it('open with a sentence that says what they are for', () => {
    assert.deepEqual(
      sources.filter((file) => !/^(#!.*\n)?\/\*\*/.test(textOf(file))),
      [],
    )
  })

  it('stay short enough to hold one idea', () => {
    assert.deepEqual(
      sources.filter((file) => textOf(file).split('\n').length > 301),
      [],
    )
  })

  it('keep no state at module level: two Holdfasts in one process must not meet', () => {
    assert.deepEqual(
      sources.filter((file) => /^(export )?(let|var) /m.test(textOf(file))),
      [],
    )
  })
})

/** Who connects to somebody else, and why not through the guard of `holdfast/outbound`. */
const CONNECTING: Readonly<Record<string, string>> = {
  'src/outbound/exchange.ts': 'is the guard',
  'src/outbound/outbound.ts': 'is the guard, and looks names up for it',
  'src/settings/passwords.ts': 'hands the guard to the check of leaked passwords',
  'src/crypto/password/leaked.ts': 'gets the guard for the public service; an address of the operator may be anywhere',
  'src/controls/sign-in/providers/failure.ts': 'knows the errors of openid-client',
  'src/controls/sign-in/providers/open-id.ts': 'gives openid-client the guard as its fetch',
  'src/controls/sign-in/providers/plain-oauth.ts': 'gives openid-client the guard as its fetch',
  'src/controls/sign-in/providers/logout-token.ts': 'gives jose the guard as its fetch',
  'src/tls/acme/client.ts': 'puts the guard in the place of the transport of acme-client, or throws',
  'src/mail/smtp.ts': 'SMTP to the one server that the operator named; nodemailer may open no file and no address',
  'src/observe/logs/syslog.ts': 'syslog to the one server that the operator named',
  'src/store/postgres.ts': 'the database of the operator',
  'src/store/postgres-channel.ts': 'the database of the operator',
  'src/store/redis-connect.ts': 'the store of the operator',
  'src/console/passkey-script.ts': 'runs in a browser, and asks its own origin',
  'src/cli/editor.ts': 'starts the editor that the person at the terminal named',
  'src/testing/client.ts': "an application's own tests, on loopback",
}
const MEANS = [
  /\b(?:net|tls|https?|http2|dgram)\.(?:connect|createConnection|request|get|createSocket)\(/,
  /import (?!type)[^;'\n]*\{[^}]*(?<!type )\b(?:connect|createConnection|request|get|Socket|TLSSocket)\b[^}]*\} from 'node:(?:net|tls|https?|http2)'/,
  /from 'node:(?:dns|dns\/promises|dgram|child_process)'/,
  /(?<![.\w'"`/-])fetch(?=\(|\s*[,;)}]|\s*$)/m,
  /\b(?:WebSocket|EventSource|XMLHttpRequest|createRemoteJWKSet)\b|\bglobalThis\.fetch\b/,
  /import\('(?:pg|redis|nodemailer|openid-client|acme-client|undici|axios)'\)/,
  /^import (?!type)[^;'\n]* from '(?:pg|redis|nodemailer|openid-client|acme-client|undici|axios)'/m,
]
const connects = (text: string) => {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|(?<!:)\/\/.*/g, '')
  return MEANS.some((means) => means.test(code))
}

describe('requests to others', () => {
  it('go through the guard, or are made by a file that says here why not', () => {
    assert.deepEqual(sources.filter((file) => connects(textOf(file))).toSorted(), Object.keys(CONNECTING).toSorted())
  })

  it('are seen by whatever means they are made', () => {
    for (const text of [
      ...["const a = await fetch('https://a.example')", 'const { ask = fetch } = options', 'http.request(url, options)'],
      ...["import { request } from 'node:https'", "import { lookup } from 'node:dns/promises'", 'tls.connect({ host })'],
      ...["import { type Server, connect } from 'node:net'", "await import('undici')", "import axios from 'axios'"],
      ...[
        'new WebSocket(url)',
        'createRemoteJWKSet(url)',
        "import { execFile } from 'node:child_process'",
        'globalThis.fetch(url)',
      ],
    ])
      assert.ok(connects(text), text)
    for (const text of [
      ...["import { isIP } from 'node:net'", "import type { Socket } from 'node:net'", "import { type Socket } from 'node:net'"],
      ...['await outbound.fetch(url)', "x.header('sec-fetch-site')", '// fetch(url)'],
    ])
      assert.ok(!connects(text), text)
  })
})

describe('controls', () => {
  it('run in this order', () => {
    assert.deepEqual(
      controls.map(({ name }) => name),
      [
        ...[
          'client',
          'requestId',
          'headers',
          'target',
          'observe',
          'hosts',
          'https',
          'containment',
          'cors',
          'rateLimit',
          'body',
          'session',
        ],
        ...[
          'accessTokens',
          'apiKeys',
          'clientCertificates',
          'restrictions',
          'csrf',
          'authenticate',
          'signIn',
          'console',
          'authorize',
        ],
      ],
    )
  })

  for (const { name } of controls) {
    const folder = `src/controls/${name.replaceAll(/[A-Z]/g, (letter: string) => `-${letter.toLowerCase()}`)}`
    it(`${name} has a page of documentation and tests of its own`, () => {
      assert.ok(existsSync(join(root, folder, 'README.md')), `${folder}/README.md`)
      assert.ok(globSync(`${folder}/*.test.ts`, { cwd: root }).length > 0, `${folder}/*.test.ts`)
      assert.match(readFileSync(join(root, folder, 'README.md'), 'utf8'), /^# /)
    })
  }

  it('have defaults that somebody reviewed', () => {
    const snapshot = join(root, 'test/defaults.snapshot.json')
    const now = JSON.stringify(
      Object.fromEntries(controls.map((control) => [control.name, control.options(undefined)])),
      plain,
      2,
    )
    if (process.env['HOLDFAST_TEST_UPDATE'] === '1') writeFileSync(snapshot, `${now}\n`)
    assert.equal(`${now}\n`, readFileSync(snapshot, 'utf8'), 'Defaults changed: review, then run with HOLDFAST_TEST_UPDATE=1.')
  })
})

describe('options and settings', () => {
  it('name every option of createHoldfast that is not a control, and no other', () => {
    const declared = [...textOf('src/options.ts').matchAll(/^ {2}readonly (\w+)\??:/gm)].map(([, name]) => name)
    assert.deepEqual(declared.toSorted(), OPTION_NAMES.toSorted())
    assert.deepEqual(
      controls.filter(({ name }) => OPTION_NAMES.includes(name)),
      [],
    )
  })

  it('refuse a setting that is misspelt, instead of starting without it', () => {
    assert.throws(() => readSettings({ HOLDFAST_ORIGN: 'https://x.example' }), { message: /Did you mean "HOLDFAST_ORIGIN"/ })
    assert.throws(() => readSettings({ HOLDFAST_KEYS: 'a', HOLDFAST_KEYS_FILE: 'b' }), { message: /both set/ })
    assert.throws(() => readSettings({ PORT: '80a' }), { code: 'HF_OPTION_INVALID' })
    assert.equal(readSettings({ PORT: '9000' }).origin, 'https://localhost:9000')
  })

  it('are all in the README of the example', () => {
    const readme = textOf('docs/guides/run-the-example.md')
    assert.deepEqual(
      Object.keys(SETTINGS).filter((name) => !readme.includes(`\`${name}\``)),
      [],
    )
  })
})

function plain(_key: string, value: unknown): unknown {
  if (value instanceof Set) return [...value]
  if (value instanceof Map) return Object.fromEntries(value)
  return typeof value === 'function' ? `function ${value.name}` : value
}
