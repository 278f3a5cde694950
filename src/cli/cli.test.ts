import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { fileURLToPath } from 'node:url'
import { softAuthenticator } from '../../test/support/authenticator.ts'
import { enrol } from '../../test/support/second-factor.ts'
import { createAccounts, loadWebAuthn, recordRoles, relyingParty } from '../accounts/index.ts'
import { generateKey, parseKeyring } from '../crypto/keyring.ts'
import { createHasher } from '../crypto/password/hasher.ts'
import { randomToken } from '../crypto/random.ts'
import { Secret } from '../crypto/secret.ts'
import { sqlite } from '../store/sqlite.ts'
import { sqlStore } from '../store/sql-atomic.ts'
import type { Io } from './command.ts'
import { commands } from './commands/index.ts'
import { parse } from './arguments.ts'
import { sessions as sessionsCommand } from './commands/sessions.ts'
import { run } from './run.ts'

const MAIN = fileURLToPath(new URL('main.ts', import.meta.url))
const PASSWORD = 'crimson kettle orbit lagoon'
const root = mkdtempSync(join(tmpdir(), 'holdfast-cli-'))
let folders = 0

after(() => rmSync(root, { recursive: true }))

interface Result {
  readonly code: number | null
  readonly out: string
  readonly error: string
}

/** The command in a process of its own, with the environment of nobody. */
async function holdfast(words: readonly string[], input = '', environment: Record<string, string> = {}): Promise<Result> {
  const child = spawn(process.execPath, [MAIN, ...words], { cwd: root, env: environment })
  const text = { out: '', error: '' }
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => void (text.out += chunk))
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (text.error += chunk))
  child.stdin.on('error', () => {}).end(input)
  const code = await new Promise<number | null>((resolve) => void child.on('close', resolve))
  return { code, ...text }
}

/** The same in this process, which is quicker. */
async function here(
  words: string,
  { data, password = PASSWORD, environment = {} }: { data: string; password?: string; environment?: Record<string, string> },
) {
  const warnings: string[] = []
  const io: Io = {
    environment: { HOLDFAST_DATA: data, ...environment },
    now: () => Date.UTC(2026, 5, 1),
    warn: (text) => void warnings.push(text),
    readPassword: async () => new Secret(password),
  }
  return { ...(await run(commands, words.split(' '), io)), warnings }
}

const fresh = () => join(root, `data-${folders++}`)

describe('holdfast, as a process', () => {
  it('makes a user with a password from standard input, lists, disables, and refuses nonsense', async () => {
    const data = ['--data', fresh()]
    const made = await holdfast(['users', 'create', 'bob', '--role', 'member', ...data], `${PASSWORD}\nignored\n`)
    assert.deepEqual([made.code, made.error], [0, ''])
    assert.match(made.out, /^Made "bob", id \S{22}\.\n$/)

    const listed = await holdfast(['users', 'list', '--json', ...data])
    const { users } = JSON.parse(listed.out) as { users: { login: string; status: string; roles: string[] }[] }
    assert.deepEqual([users.length, users[0]!.login, users[0]!.status, users[0]!.roles], [1, 'bob', 'active', ['member']])

    assert.equal((await holdfast(['users', 'disable', 'BOB', ...data])).out, '"bob" is disabled.\n')
    assert.match((await holdfast(['users', 'list', ...data])).out, /bob +bob +member +disabled/)

    const nonsense = await holdfast(['frobnicate', '--data'])
    assert.deepEqual([nonsense.code, nonsense.out], [2, ''])
    assert.match(nonsense.error, /^holdfast: There is no command "frobnicate"\. Known: users, /)
  })

  it('ends without a fault when its reader has seen enough', async () => {
    const child = spawn(process.execPath, [MAIN, 'help'], { cwd: root, env: {} })
    child.stdout.destroy()
    let said = ''
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => void (said += chunk))
    const code = await new Promise<number | null>((resolve) => void child.on('close', resolve))
    assert.deepEqual([code, said], [0, ''])
  })

  it('refuses an empty password, one that is not UTF-8 and one without end, and makes no user', async () => {
    const data = ['--data', fresh()]
    for (const [input, code] of [
      ['', 2],
      ['\n', 2],
      ['x'.repeat(100_000), 1],
    ] as const) {
      const result = await holdfast(['users', 'create', 'bob', ...data], input)
      assert.deepEqual([result.code, result.out], [code, ''], JSON.stringify(input.slice(0, 5)))
      assert.match(result.error, /^holdfast: .+\n$/)
      assert.ok(!result.error.includes('    at '))
    }
    assert.deepEqual(JSON.parse((await holdfast(['users', 'list', '--json', ...data])).out), { users: [] })
  })

  it('says in one line, without a stack, when it could not complete', async () => {
    const file = join(root, 'no-database')
    writeFileSync(file, 'this is not a database, but it is long enough to be looked at as one '.repeat(20))
    for (const environment of [
      { HOLDFAST_DATABASE_URL: file },
      { HOLDFAST_DATABASE_URL: 'postgres://somebody:hunter2@127.0.0.1:1/none' },
      { HOLDFAST_DATABASE_URL: 'mysql://somebody:hunter2@127.0.0.1/none' },
      { HOLDFAST_DATABSE_URL: 'x' },
    ]) {
      const result = await holdfast(['users', 'list'], '', environment)
      assert.deepEqual([result.code, result.out], [3, ''])
      assert.ok(result.error.split('\n').length <= 3 && !result.error.includes('    at '), result.error)
      assert.ok(!result.error.includes('hunter2'))
    }
  })
})

describe('holdfast', () => {
  it('prints help from the list, for all and for each', async () => {
    const data = fresh()
    const all = await here('help', { data })
    for (const { name, actions } of commands) {
      assert.ok(all.out.includes(`  ${name} `))
      const help = await here(`help ${name}`, { data })
      assert.equal(help.code, 0)
      for (const action of actions) assert.ok(help.out.includes(`holdfast ${name} ${action.name}`.trim()))
      assert.equal((await here(`${name} --help`, { data })).out, help.out)
    }
    assert.equal(existsSync(data), false, 'help makes nothing')
  })

  it('says what was meant', async () => {
    const data = fresh()
    const cases: [string, RegExp][] = [
      ['user list', /no command "user"\. Did you mean "users"\?/],
      ['users creat bob', /users cannot "creat"\. Did you mean "create"\?/],
      ['users create bob --rol admin', /no option "--rol"\. Did you mean "--role"\?/],
      ['users create bob --role', /role/],
      ['users create bob --json=yes', /json/],
      ['users create', /LOGIN is missing\. Usage: holdfast users create LOGIN/],
      ['users create bob carol', /one word too many/],
      ['users', /Say what to do with users: create, list/],
      ['users list --limit 1e3', /--limit is "1e3"\. Give a whole number from 1 to 500/],
      ['help usres', /Did you mean "users"\?/],
      ['users create bob --password hunter2', /never an argument/],
      ['users create bob --role admn', /There is no role "admn"\. Did you mean "admin"\?/],
      ['keys generate --id a.b', /A key id has/],
    ]
    for (const [words, message] of cases) {
      const result = await here(words, { data })
      assert.deepEqual([result.code, result.out], [2, ''], words)
      assert.match(result.error, message)
      assert.ok(!result.error.includes('hunter2'))
      const json = await here(`${words} --json`, { data })
      if (json.code === 2) assert.equal((JSON.parse(json.out) as { error: { reason: string } }).error.reason, 'usage', words)
    }
  })

  it('does not fill a wrong folder, but says that there is nothing', async () => {
    const data = fresh()
    for (const words of ['users list', 'users disable bob', 'sessions list bob', 'migrate --dry-run']) {
      const result = await here(words, { data })
      assert.equal(result.code, 3, words)
      assert.match(result.error, /There is no database at/)
    }
    assert.equal(existsSync(data), false)
  })

  it('refuses what users refuse, with 1 and a reason for programs', async () => {
    const data = fresh()
    await here('users create root --role admin', { data })
    const cases: [string, string, string?][] = [
      ['users create ROOT', 'login-taken'],
      ['users create bob', 'too-short', 'short'],
      ['users create bob\u202e', 'login-invalid'],
      ['users disable nobody', 'unknown-user'],
      ['users disable root', 'last-administrator'],
      ['users set-role root member', 'last-administrator'],
      ['users set-password root', 'common', 'a'.repeat(30)],
      ['sessions list nobody', 'unknown-user'],
      ['sessions end root abc', 'unknown-session'],
    ]
    for (const [words, reason, password] of cases) {
      const result = await here(`${words} --json`, { data, ...(password !== undefined && { password }) })
      assert.equal(result.code, 1, words)
      assert.equal((JSON.parse(result.out) as { error: { reason: string } }).error.reason, reason, words)
      const text = await here(words, { data, ...(password !== undefined && { password }) })
      assert.deepEqual([text.code, text.out], [1, ''])
      assert.doesNotMatch(text.error, /[\u202e]/)
    }
  })

  it('changes roles, passwords and status', async () => {
    const data = fresh()
    await here('users create root --role admin', { data })
    await here('users create bob --no-password', { data })
    assert.equal((await here('users set-role bob admin --role member', { data })).out, '"bob" has admin, member.')
    assert.equal((await here('users set-role bob', { data })).code, 2)
    assert.equal((await here('users disable root', { data })).code, 0)
    assert.equal((await here('users enable root', { data })).code, 0)
    assert.equal((await here('users set-role bob --none', { data })).out, '"bob" has no role.')
    assert.match((await here('users set-password bob', { data })).out, /new password; all sessions ended/)
    assert.equal((await here('sessions list bob', { data })).out, 'No session.')
    assert.equal((await here('sessions end bob', { data })).code, 2)
    assert.equal((await here('sessions end bob --all', { data })).out, 'Ended 0 sessions.')
  })

  it('gives users an address, shows it to programs, and refuses one that is another user’s', async () => {
    const data = fresh()
    await here('users create ada --no-password --address Ada@App.example --verified', { data })
    await here('users create bob --no-password --address bob@app.example', { data })
    const listed = await here('users list --json', { data })
    const { users } = JSON.parse(listed.out) as { users: { login: string; address: object }[] }
    assert.deepEqual(users.map(({ login, address }) => [login, address]).toSorted(), [
      ['ada', { text: 'Ada@app.example', verified: true }],
      ['bob', { text: 'bob@app.example', verified: false }],
    ])
    const set = await here('users set-address bob new@app.example --verified', { data })
    assert.equal(set.out, '"bob" has the address "new@app.example", verified.')
    const taken = await here('users set-address bob ada@app.example --verified', { data })
    assert.deepEqual([taken.code, taken.out], [1, ''])
    assert.match(taken.error, /the verified address of another user/)
    assert.match((await here('users set-address bob nowhere', { data })).error, /no address of mail/)
    assert.match((await here('users create eve --no-password --verified', { data })).error, /Name the address/)
    assert.match((await here('users create eve --service --address a@b.example', { data })).error, /A service gets no mail/)
  })

  it('takes an id that begins with a hyphen for a value, and a misspelt option for one', () => {
    const { args } = parse(sessionsCommand, ['end', 'ada', '-Kq3xT0b_9wZ-aaaaaaaaaa', '--json']).call
    assert.deepEqual(args, ['ada', '-Kq3xT0b_9wZ-aaaaaaaaaa'])
    assert.deepEqual(parse(sessionsCommand, ['end', 'ada', '--Kq3xT0b_9wZaaaaaaaaaa']).call.args.length, 2)
    assert.throws(() => parse(sessionsCommand, ['end', 'ada', '--everything-of-it']), /has no option/)
  })

  it('lists every session that may live, and ends it by its id', async () => {
    const data = fresh()
    await here('users create bob --role member', { data })
    const database = sqlite(join(data, 'holdfast.sqlite'))
    const now = Date.UTC(2026, 5, 1)
    const accounts = createAccounts({
      database,
      once: sqlStore(database),
      keys: parseKeyring(generateKey()),
      hasher: createHasher(),
      emit: () => {},
      now: () => now - 3 * 3_600_000,
      random: randomToken,
      sessions: { idle: 8 * 3_600_000, absolute: 12 * 3_600_000 },
      siteName: 'app.example',
    })
    const from = { address: '192.0.2.1', network: '192.0.2.1', userAgent: 'Browser/1.0' }
    const signedIn = await accounts.doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from)
    assert.ok(signedIn.ok)
    const { id } = signedIn.session
    const listed = await here('sessions list bob --json', { data })
    assert.ok(!listed.out.includes(signedIn.token.reveal()))
    const { sessions } = JSON.parse(listed.out) as { sessions: { id: string; userAgent: string }[] }
    assert.deepEqual([sessions.length, sessions[0]!.id, sessions[0]!.userAgent], [1, id, 'Browser/1.0'])
    assert.match((await here('sessions list bob', { data })).out, /2026-05-31 21:00:00Z +password +192\.0\.2\.1 +Browser/)
    assert.equal((await here(`sessions end bob ${id}`, { data })).out, 'Ended 1 session.')
    assert.equal((await accounts.sessions.find(signedIn.token.reveal(), now)).ok, false)
    await database.close()
  })

  it('lets somebody try again who is locked out, with the key ring of the application and not without', async () => {
    const data = fresh()
    await here('users create bob --role member', { data })
    const unknown = await here('users unlock bob', { data })
    assert.equal(unknown.code, 3)
    assert.match(unknown.error, /key ring of the application is not known/)
    const keys = generateKey()
    writeFileSync(join(data, 'keys'), keys)
    const database = sqlite(join(data, 'holdfast.sqlite'))
    const accounts = createAccounts({
      ...{ database, once: sqlStore(database), keys: parseKeyring(keys), hasher: createHasher(), random: randomToken },
      ...{ now: () => Date.UTC(2026, 5, 1), emit: () => {}, siteName: 'app.example' },
      ...{ sessions: { idle: 8 * 3_600_000, absolute: 12 * 3_600_000 }, limits: { burst: { limit: 1, period: 3_600_000 } } },
    })
    const from = { address: '192.0.2.1', network: '192.0.2.1', userAgent: 'Browser/1.0' }
    const enter = (password: string) => accounts.doors.password.signIn({ login: 'bob', password: new Secret(password) }, from)
    await enter('wrong')
    const locked = await enter(PASSWORD)
    assert.ok(!locked.ok && locked.reason === 'throttled')
    assert.equal((await here('users unlock bob', { data })).out, '"bob" may try again.')
    assert.ok((await enter(PASSWORD)).ok)
    assert.equal((await here('users unlock eve', { data })).code, 1)
    await database.close()
  })

  it('resets the second factor of a user, with a reason that stands in the log', async () => {
    const data = fresh()
    await here('users create bob --role member', { data })
    const database = sqlite(join(data, 'holdfast.sqlite'))
    const now = () => Date.UTC(2026, 5, 1)
    const party = { id: 'app.example', name: 'App', origin: 'https://app.example' }
    const accounts = createAccounts({
      relyingParty: relyingParty(party, await loadWebAuthn()),
      ...{
        database,
        once: sqlStore(database),
        keys: parseKeyring(generateKey()),
        hasher: createHasher(),
        now,
        random: randomToken,
      },
      ...{ emit: () => {}, sessions: { idle: 8 * 3_600_000, absolute: 12 * 3_600_000 }, siteName: 'app.example' },
    })
    const from = { address: '192.0.2.1', network: '192.0.2.1', userAgent: 'Browser/1.0' }
    const enter = () => accounts.doors.password.signIn({ login: 'bob', password: new Secret(PASSWORD) }, from)
    const signedIn = await enter()
    assert.ok(signedIn.ok)
    const { token } = await enrol(accounts, signedIn.token.reveal(), now)
    const asked = await enter()
    assert.ok(!asked.ok && asked.reason === 'second-factor')

    const ceremony = await accounts.passkeys.begin({ token, purpose: 'passkey' })
    const response = softAuthenticator(party).create(ceremony!)
    assert.ok((await accounts.passkeys.confirm({ token, response, name: 'Telephone' }, from)).ok)
    assert.match((await here('users passkeys bob', { data })).out, /NAME +KIND +SYNCED .*\n.*Telephone +passkey +no/)
    const log = join(root, 'factors.log')
    assert.match((await here('users reset-factors bob', { data })).error, /Give --reason/)
    const reset = await here('users reset-factors bob --reason telephone-lost,seen-in-person', {
      data,
      environment: { HOLDFAST_LOG: log },
    })
    assert.equal(reset.out, '"bob" signs in with the password alone; all sessions ended.')
    const [line] = readFileSync(log, 'utf8').trim().split('\n')
    const event = JSON.parse(line!) as { type: string; data: { reason: string; actor: string } }
    assert.deepEqual(
      [event.type, event.data.reason, event.data.actor],
      ['authn_factor_removed', 'telephone-lost,seen-in-person', 'system:cli'],
    )
    assert.equal((await accounts.sessions.find(token, now())).ok, false)
    assert.ok((await enter()).ok)
    assert.equal((await here('users passkeys bob', { data })).out, '"bob" has no passkey.')
    const again = await here('users reset-factors bob --reason again --json', { data })
    assert.deepEqual([again.code, (JSON.parse(again.out) as { error: { reason: string } }).error.reason], [1, 'no-second-factor'])
    await database.close()
  })

  it('knows the roles that the application left when it started', async () => {
    const data = fresh()
    await here('users create root --role admin', { data })
    const database = sqlite(join(data, 'holdfast.sqlite'))
    await recordRoles(sqlStore(database), { owner: ['*'], editor: ['notes:*'] }, Date.UTC(2026, 5, 1))
    await database.close()
    assert.equal((await here('users set-role root owner', { data })).code, 0)
    assert.match((await here('users set-role root admin', { data })).error, /There is no role "admin"\. Known: owner, editor\./)
    assert.match((await here('users set-role root editor', { data })).error, /the last who can administer/)
  })

  it('writes its acts into the application’s log', async () => {
    const data = fresh()
    const log = join(root, 'events.log')
    await here('users create root --role admin', { data, environment: { HOLDFAST_LOG: log } })
    const [line] = readFileSync(log, 'utf8').trim().split('\n')
    const event = JSON.parse(line!) as { type: string; data: { actor: string } }
    assert.deepEqual([event.type, event.data.actor], ['user_created', 'system:cli'])
  })

  it('migrates once, and says what is missing without doing it', async () => {
    const data = fresh()
    const first = JSON.parse((await here('migrate --json', { data })).out) as { applied: string[] }
    assert.ok(first.applied.includes('accounts-1'))
    assert.deepEqual(JSON.parse((await here('migrate --json', { data })).out), { applied: [] })
    assert.equal((await here('migrate --dry-run', { data })).out, 'Nothing is missing.')
  })

  it('generates keys that the key ring takes', async () => {
    const { key } = JSON.parse((await here('keys generate --id k1 --json', { data: fresh() })).out) as { key: string }
    assert.deepEqual(parseKeyring(key).ids, ['k1'])
  })
})
