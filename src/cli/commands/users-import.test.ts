import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { after, describe, it } from 'node:test'
import { createAccounts } from '../../accounts/index.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { createHasher } from '../../crypto/password/hasher.ts'
import type { ImportedSecrets } from '../../crypto/password/foreign/secrets.ts'
import { randomToken } from '../../crypto/random.ts'
import { Secret } from '../../crypto/secret.ts'
import { sqlite } from '../../store/sqlite.ts'
import { sqlStore } from '../../store/sql-atomic.ts'
import { freshPostgres, postgresUrl } from '../../../test/support/services.ts'
import { run } from '../run.ts'
import { commands } from './index.ts'

interface Vector {
  readonly source: string
  readonly name: string
  readonly stored: string
  readonly password: string
  readonly salt?: string
}

const service = await postgresUrl()
const root = mkdtempSync(join(tmpdir(), 'holdfast-import-'))
after(() => rmSync(root, { recursive: true }))
const vectors = JSON.parse(readFileSync(new URL('../../../test/vectors/passwords.json', import.meta.url), 'utf8')) as Vector[]
const vector = (source: string, name: string) => vectors.find((one) => one.source.startsWith(source) && one.name === name)!
const old = (password: string) => `sha1$abc$${createHash('sha1').update(`abc${password}`).digest('hex')}`
let files = 0

function file(extension: string, text: string | Uint8Array): string {
  const path = join(root, `users-${files++}.${extension}`)
  writeFileSync(path, text)
  return path
}

async function users(words: readonly string[], data = join(root, `data-${files++}`), environment: Record<string, string> = {}) {
  const said: string[] = []
  const answer = await run(commands, ['users', ...words], {
    environment: { HOLDFAST_DATA: data, ...environment },
    now: () => Date.UTC(2026, 5, 1),
    warn: (text) => void said.push(text),
    progress: (text) => void said.push(text),
    readPassword: () => Promise.reject(new Error('nobody is asked')),
  })
  return { ...answer, data, said }
}

async function json(words: readonly string[], data?: string, environment?: Record<string, string>) {
  const answer = await users([...words, '--json'], data, environment)
  return { ...answer, body: JSON.parse(answer.out) as Record<string, any> }
}

/** Tries the password at the door of an application on the same database. */
async function signIn(data: string, login: string, password: string, imported: ImportedSecrets = {}): Promise<boolean> {
  const database = sqlite(join(data, 'holdfast.sqlite'))
  try {
    const { doors } = createAccounts({
      database,
      once: sqlStore(database),
      keys: parseKeyring(generateKey()),
      hasher: createHasher({ insecureParameters: { memory: 64, passes: 1, parallelism: 1 }, imported }),
      emit: () => {},
      now: () => Date.UTC(2026, 5, 2),
      random: randomToken,
      sessions: { idle: 60_000, absolute: 600_000 },
      siteName: 'app.example',
    })
    const origin = { address: '192.0.2.7', network: '192.0.2.7', userAgent: 'test/1.0' }
    return (await doors.password.signIn({ login, password: new Secret(password) }, origin)).ok
  } finally {
    await database.close()
  }
}

describe('holdfast users import', () => {
  it('takes CSV, says what it took, and the users sign in with the passwords they have', async () => {
    const django = vector('Django 3', 'PBKDF2')
    const path = file(
      'csv',
      `\ufeffEmail,Password,Full Name,Is Active\r\nada@app.example,${django.stored},"Lovelace, Ada",t\r\nbob@app.example,!unusable,Bob,1\r\ncy@app.example,${old('letmein')},"Cy ""the"" Third",false\r\n`,
    )
    const { code, body, data } = await json(['import', path, '--role', 'member'])
    assert.equal(code, 0)
    assert.deepEqual(
      [body['imported'], body['existing'], body['withoutPassword'], body['rejected'].length, body['weak']],
      [3, 0, 1, 0, 1],
    )
    assert.deepEqual(
      body['formats'].map(({ scheme, count }: { scheme: string; count: number }) => [scheme, count]),
      [
        ['django pbkdf2-sha256 260000', 1],
        ['salted sha1', 1],
      ],
    )
    const listed = (await json(['list'], data)).body['users'] as {
      login: string
      name: string
      status: string
      roles: string[]
    }[]
    assert.deepEqual(listed.map(({ login, name, status, roles }) => [login, name, status, ...roles]).toSorted(), [
      ['ada@app.example', 'Lovelace, Ada', 'active', 'member'],
      ['bob@app.example', 'Bob', 'active', 'member'],
      ['cy@app.example', 'Cy "the" Third', 'disabled', 'member'],
    ])
    assert.equal(await signIn(data, 'ada@app.example', django.password), true)
    assert.equal(await signIn(data, 'ada@app.example', 'another'), false)
    assert.equal(await signIn(data, 'cy@app.example', 'letmein'), false)
  })

  it('reports each row that it does not take, with line and reason, and takes the rest', async () => {
    const lines = [
      'username;hash;active',
      `good;${old('a')};1`,
      `good;${old('b')};1`,
      `GOOD;${old('b')};1`,
      `with space;${old('a')};1`,
      `;${old('a')};1`,
      'plain;plain$$letmein;1',
      'odd;no hash at all;1',
      `unclear;${old('a')};maybe`,
      `few;${old('a')}`,
      `"open;${old('a')};1`,
      `quote"d;${old('a')};1`,
      `last;${old('a')};1`,
    ]
    const path = file('csv', lines.join('\n'))
    const { code, body, data } = await json(['import', path])
    assert.equal(code, 1)
    assert.equal(body['imported'], 2)
    assert.deepEqual(
      body['rejected'].map(({ at, reason }: { at: string; reason: string }) => `${at}: ${reason.split(/[.:]/)[0]!}`),
      [
        'line 3: The same login, in this or another spelling, stands at line 2',
        'line 4: The same login, in this or another spelling, stands at line 2',
        'line 5: That cannot be a login',
        'line 6: There is no login',
        'line 7: The hash cannot be used',
        'line 8: The hash cannot be used',
        'line 9: It does not say clearly whether the user is active',
        'line 10: It has 2 fields, and the first line names 3',
        'line 11: That cannot be read',
        'line 12: That cannot be read',
      ],
    )
    assert.equal((await json(['list'], data)).body['users'].length, 2)
    const text = await users(['import', path], data)
    assert.match(text.out, /line 7 plain: The hash cannot be used: it is the password itself/)
    assert.ok(!`${text.out}${text.error}${JSON.stringify(body)}`.includes('letmein'), 'no password in the report')
  })

  it('goes on where it stopped, and leaves those that exist as they are', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => JSON.stringify({ login: `user-${index}`, hash: old('letmein') }))
    const half = file('jsonl', rows.slice(0, 120).join('\n'))
    const all = file('jsonl', `${rows.join('\n')}\n\nnot json\n[1]\n`)
    const first = await json(['import', half])
    assert.deepEqual([first.body['imported'], first.body['existing']], [120, 0])
    const second = await json(['import', all], first.data)
    assert.deepEqual([second.body['imported'], second.body['existing'], second.body['rejected'].length], [130, 120, 2])
    assert.deepEqual(
      second.said.map((line) => line.replace(/^\[[#·]{24}\] +/, '')),
      ['39 %  100 users', '79 %  200 users'],
    )
    const third = await users(['import', all], first.data)
    assert.match(third.out, /Imported 0 users. 250 exist already/)
  })

  it('tries without changing anything: formats, weak ones, what a sign-in will cost', async () => {
    const path = file(
      'jsonl',
      [
        JSON.stringify({ email: 'a@app.example', passwordHash: vector('Werkzeug 3', 'scrypt').stored, name: 'A' }),
        JSON.stringify({ email: 'b@app.example', passwordHash: old('letmein') }),
        JSON.stringify({ email: 'c@app.example', passwordHash: null }),
        JSON.stringify({ email: 'd@app.example', passwordHash: 'x', name: 'D' }),
      ].join('\n'),
    )
    const tried = await users(['import', path, '--dry-run'])
    assert.equal(tried.code, 1)
    assert.match(tried.out, /Nothing was changed\. 3 users can be imported\. 1 without a password\. 1 not taken\./)
    assert.match(tried.out, /werkzeug scrypt 32768:8:1 +1 +\d+ ms/)
    assert.match(tried.out, /salted sha1 +1 +\d+ ms +weak/)
    assert.match(tried.out, /1 weak: a stolen copy is quick to guess/)
    assert.equal((await users(['list'], tried.data)).code, 3, 'there is no database')
  })

  it('wraps hashes as they come in, or all at once later', async () => {
    const path = file('jsonl', JSON.stringify({ login: 'bob', hash: old('letmein') }))
    const values = (data: string) => {
      const database = new DatabaseSync(join(data, 'holdfast.sqlite'), { readOnly: true })
      const rows = database.prepare('SELECT value FROM hf_credentials').all() as { value: string }[]
      database.close()
      return rows.map(({ value }) => value.slice(0, 9))
    }
    const wrapped = await users(['import', path, '--wrap'])
    assert.deepEqual(values(wrapped.data), ['$hf-wrap$'])
    assert.ok(await signIn(wrapped.data, 'bob', 'letmein'))
    const later = await users(['import', path])
    assert.deepEqual(values(later.data), ['sha1$abc$'])
    assert.equal((await users(['wrap'], later.data)).out, 'Wrapped 1 hashes.')
    assert.deepEqual(values(later.data), ['$hf-wrap$'])
    assert.ok(await signIn(later.data, 'bob', 'letmein'))
  })

  it('takes users whose hash cannot be read without a password, when told to', async () => {
    const path = file('jsonl', JSON.stringify({ login: 'bob', hash: 'plain$$letmein' }))
    const { code, body, data } = await json(['import', path, '--drop-unreadable', '--wrap'])
    assert.deepEqual([code, body['imported'], body['withoutPassword']], [0, 1, 1])
    assert.equal(await signIn(data, 'bob', 'letmein'), false)
  })

  it('refuses what it cannot read, and says what to do', async () => {
    const bad = async (...words: string[]) => (await users(['import', ...words])).error
    // What is wrong with a file that was read is what was found.
    const found = async (path: string) => (await users(['import', path])).out
    assert.match(await bad(join(root, 'nowhere.csv')), /cannot be read: ENOENT/)
    assert.match(await bad(file('txt', 'x')), /Name it .csv, .tsv or .jsonl/)
    assert.match(await found(file('csv', 'one\nx')), /The first line does not name the columns/)
    assert.match(await found(file('csv', 'email,email,hash\n')), /The first line does not name the columns/)
    assert.match(await found(file('jsonl', '{"email":"a","name":"b"}')), /There is no column of the hash/)
    assert.match(await found(file('jsonl', `{"login":"${'x'.repeat(70_000)}"}`)), /at most 64 KiB/)
    assert.match(await found(file('jsonl', new Uint8Array([0x22, 0xff, 0x22]))), /line 1/)
    assert.match(await bad(file('csv', 'login,hash\n'), '--table', 'x'), /--table is for databases/)
    assert.match(await bad(file('csv', 'login,hash\n'), '--role', 'king'), /king/)
    assert.match(await bad(file('csv', 'login,hash\n'), '--single-hash', '--flask-security'), /the opposite/)
    assert.match(await bad('postgres://me:secret@127.0.0.1/x'), /PGPASSWORD/)
    assert.ok(!(await bad('postgres://me:secret@127.0.0.1/x')).includes('secret'))
  })
})

describe('holdfast users import, from databases', () => {
  const hash = vector('Django 3', 'BCryptSHA256')
  const flask = vector('Flask-Security', 'bcrypt')
  const better = vector('Better Auth', 'scrypt')
  const DJANGO = `CREATE TABLE auth_user (id integer PRIMARY KEY, password varchar(128), is_superuser bool, username varchar(150), first_name varchar(150), last_name varchar(150), email varchar(254), is_active bool)`
  const FLASK = `CREATE TABLE "user" (id integer PRIMARY KEY, email varchar(255), password varchar(255), active boolean, fs_uniquifier varchar(64))`
  const BETTER = [
    `CREATE TABLE "user" (id text PRIMARY KEY, email text, name text)`,
    `CREATE TABLE account (id text PRIMARY KEY, "userId" text, "providerId" text, password text)`,
  ]

  function database(...statements: string[]): string {
    const path = join(root, `source-${files++}.db`)
    const source = new DatabaseSync(path)
    for (const statement of statements) source.exec(statement)
    source.close()
    return path
  }

  it('knows Django', async () => {
    const path = database(
      DJANGO,
      `INSERT INTO auth_user VALUES (1, '${hash.stored}', 1, 'ada', 'Ada', 'Lovelace', 'ada@app.example', 1), (2, '!', 0, 'bob', '', '', '', 0)`,
      'CREATE TABLE django_session (session_key text)',
    )
    const { body, data } = await json(['import', path])
    assert.deepEqual([body['imported'], body['withoutPassword'], body['formats'][0].scheme], [2, 1, 'django bcrypt 6'])
    assert.ok(await signIn(data, 'ada', hash.password))
    const listed = (await json(['list'], data)).body['users'] as { name: string; status: string }[]
    assert.deepEqual(listed.map(({ name, status }) => [name, status]).toSorted(), [
      ['Ada Lovelace', 'active'],
      ['bob', 'disabled'],
    ])
  })

  it('knows Flask-Security by its column, and says that its salt is needed', async () => {
    const path = database(FLASK, `INSERT INTO "user" VALUES (1, 'ada@app.example', '${flask.stored}', 1, 'abc')`)
    const tried = await users(['import', path])
    assert.match(tried.out, /flask-security bcrypt 5/)
    assert.match(tried.out, /passwords.imported.flaskSecuritySalt/)
    assert.ok(await signIn(tried.data, 'ada@app.example', flask.password, { flaskSecuritySalt: flask.salt! }))
    const single = await json(['import', path, '--single-hash', '--dry-run'])
    assert.equal(single.body['formats'][0].scheme, 'bcrypt 5')
  })

  it('knows Better Auth, whose hashes stand in a second table', async () => {
    const path = database(
      ...BETTER,
      `INSERT INTO "user" VALUES ('1', 'ada@app.example', 'Ada'), ('2', 'bob@app.example', 'Bob')`,
      `INSERT INTO account VALUES ('1', '1', 'credential', '${better.stored}'), ('2', '1', 'google', NULL), ('3', '2', 'google', NULL)`,
    )
    const { body, data } = await json(['import', path])
    assert.deepEqual([body['imported'], body['withoutPassword']], [2, 1])
    assert.ok(await signIn(data, 'ada@app.example', better.password))
  })

  it('asks for the table when it is not clear, and does not write into the source', async () => {
    const path = database('CREATE TABLE one (email text, password text)', 'CREATE TABLE two (email text, password text)')
    const before = readFileSync(path)
    assert.match((await users(['import', path])).error, /Name it with --table: one, two/)
    assert.match((await users(['import', path, '--table', 'three"; DROP TABLE one'])).error, /There is no table/)
    assert.equal((await json(['import', path, '--table', 'two'])).body['imported'], 0)
    assert.deepEqual(readFileSync(path), before)
  })

  it('reads PostgreSQL in pages', { skip: 'skip' in service ? service.skip : false }, async () => {
    const source = await freshPostgres()
    try {
      const { sql } = await import('kysely')
      await sql.raw(DJANGO).execute(source.kysely)
      await sql
        .raw(
          `INSERT INTO auth_user SELECT n, '${old('letmein')}', false, 'user-' || n, '', '', '', n <> 7 FROM generate_series(1, 1203) n`,
        )
        .execute(source.kysely)
      const url = new URL(source.url)
      const PGPASSWORD = decodeURIComponent(url.password)
      url.password = ''
      const { body } = await json(['import', url.href, '--dry-run'], undefined, PGPASSWORD === '' ? {} : { PGPASSWORD })
      assert.deepEqual([body['imported'], body['formats'][0].scheme, body['formats'][0].count], [1203, 'salted sha1', 1203])
    } finally {
      await source.close()
    }
  })
})
