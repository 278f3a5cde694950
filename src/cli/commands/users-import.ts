/** `holdfast users import` and `holdfast users wrap`: users of another system with their passwords, and Argon2id over those at once. */
import { normaliseLogin, normaliseName } from '../../accounts/users/normalise.ts'
import { unknownRole } from '../../accounts/users/roles.ts'
import type { Accounts, NewUser } from '../../accounts/types.ts'
import { done, Refusal, verdict, type Action, type Call, type Outcome } from '../command.ts'
import { readRow, type Columns, type ImportedUser, type Row, type Tell } from '../import/row.ts'
import { progressBar } from '../progress.ts'
import { createSurvey, type Survey } from '../import/survey.ts'

const EVERY = 100

export const importUsers: Action = {
  name: 'import',
  args: ['FILE'],
  what: 'Bring users from another system, who sign in with the passwords they have: CSV, JSON lines, a SQLite file, or postgres://user@host/db',
  options: {
    'dry-run': { type: 'boolean', what: 'Change nothing; say what was found, what is weak, and what a sign-in will cost' },
    login: { type: 'string', value: 'COLUMN', what: 'The column of the login [login, email or username]' },
    hash: { type: 'string', value: 'COLUMN', what: 'The column of the hash [password_hash, password, …]' },
    table: { type: 'string', value: 'TABLE', what: 'The table of a database [auth_user, user, users, …]' },
    role: { type: 'string', multiple: true, value: 'ROLE', what: 'A role for all of them; may be given more than once' },
    wrap: { type: 'boolean', what: 'Put Argon2id over every hash as it comes in' },
    'flask-security': { type: 'boolean', what: 'The hashes are double ones of Flask-Security' },
    'single-hash': { type: 'boolean', what: 'They are not, although there is a column fs_uniquifier' },
    'drop-unreadable': { type: 'boolean', what: 'Take users whose hash cannot be verified without a password' },
  },
  run: (call) => (call.flag('dry-run') ? tryOut(call) : bring(call)),
}

export const wrapUsers: Action = {
  name: 'wrap',
  args: [],
  what: 'Put Argon2id over every imported hash at once, without waiting for the users to sign in',
  async run(call) {
    const { CLI, withAccounts } = await import('../open.ts')
    return await withAccounts(call, { make: false }, async ({ credentials }) => {
      const counts = await credentials.wrapImported(CLI, (count) => call.io.progress?.(`${count} hashes`))
      const left = counts.unreadable === 0 ? '' : ` ${counts.unreadable} could not be read; their users must reset the password.`
      return done(`Wrapped ${counts.wrapped} hashes.${left}`, counts)
    })
  },
}

/** Rows of the source, each login once. */
async function* rowsOf(call: Call, tell: Tell): AsyncGenerator<Row> {
  const { openSource } = await import('../import/source.ts')
  const columns = columnsOf(call)
  const seen = new Map<string, string>()
  for await (const found of openSource(call.args[0]!, call.option('table'), { environment: call.io.environment, tell })) {
    const row = readRow(found, columns)
    const key = row.ok ? normaliseLogin(row.user.login) : undefined
    const before = key?.ok ? seen.get(key.value) : undefined
    if (key?.ok && before === undefined) seen.set(key.value, row.at)
    yield before === undefined
      ? row
      : { ok: false, at: row.at, problem: `The same login, in this or another spelling, stands at ${before}.` }
  }
}

async function tryOut(call: Call): Promise<Outcome> {
  const { openHasher, settingsOf } = await import('../open.ts')
  const survey = createSurvey(openHasher(settingsOf(call), call.io), () => performance.now())
  await eachRow(call, survey, async (row) => {
    const { login, name } = row.user
    if (!normaliseLogin(login).ok) return REASONS['login-invalid']
    if (!normaliseName(name ?? login).ok) return REASONS['name-invalid']
    const accepted = await acceptHash(call, survey, row.user)
    return accepted.ok ? undefined : accepted.problem
  })
  await survey.measure()
  return outcomeOf(survey, `Nothing was changed. ${survey.counts.imported} users can be imported.`)
}

async function bring(call: Call): Promise<Outcome> {
  const { openHasher, settingsOf, withAccounts } = await import('../open.ts')
  const hasher = openHasher(settingsOf(call), call.io)
  const survey = createSurvey(hasher, () => performance.now())
  const wrap = call.flag('wrap') ? hasher.wrap : undefined
  await withAccounts(call, { make: true }, async (accounts) => {
    const roles = call.list('role') ?? []
    const names = Object.keys(accounts.roles)
    const unknown = roles.find((name) => !names.includes(name))
    if (unknown !== undefined) throw new Refusal(2, unknownRole(unknown, { names }))
    await eachRow(call, survey, async ({ user }) => {
      if (await accounts.users.byLogin(user.login)) return 'existing'
      const accepted = await acceptHash(call, survey, user)
      if (!accepted.ok) return accepted.problem
      const { hash } = accepted
      const passwordHash = hash === undefined ? undefined : ((await wrap?.(hash)) ?? hash)
      const { login, name, disabled } = user
      const optional = { ...(name !== undefined && { name }), ...(passwordHash !== undefined && { passwordHash }) }
      return await create(accounts, { login, roles, disabled, ...optional })
    })
  })
  const { imported, existing } = survey.counts
  return outcomeOf(survey, `Imported ${imported} users. ${existing} exist already and were left as they are.`)
}

/** `existing`, a reason for people, or nothing when it was done. */
type Result = 'existing' | (string & {}) | undefined

async function eachRow(call: Call, survey: Survey, work: (row: Extract<Row, { ok: true }>) => Promise<Result>): Promise<void> {
  let [number, share] = [0, 0]
  for await (const row of rowsOf(call, (read) => (share = read))) {
    number += 1
    if (number % EVERY === 0) call.io.progress?.(progressBar(share, `${number} users`))
    const result = row.ok ? await work(row) : row.problem
    if (result === undefined) survey.counts.imported += 1
    else if (result === 'existing') survey.counts.existing += 1
    else survey.reject({ at: row.at, login: row.ok ? row.user.login : '', reason: result })
  }
}

type Accepted = { readonly ok: true; readonly hash: string | undefined } | { readonly ok: false; readonly problem: string }

/** The hash that comes along, or why it cannot, unless its user is to come without it. */
async function acceptHash(call: Call, survey: Survey, { hash }: ImportedUser): Promise<Accepted> {
  const problem = hash === undefined ? undefined : await survey.note(hash)
  if (problem !== undefined && !call.flag('drop-unreadable')) return { ok: false, problem }
  const kept = problem === undefined ? hash : undefined
  if (kept === undefined) survey.counts.withoutPassword += 1
  return { ok: true, hash: kept }
}

async function create(accounts: Accounts, user: NewUser): Promise<Result> {
  const { CLI } = await import('../open.ts')
  const created = await accounts.users.create(user, CLI)
  if (created.ok) return undefined
  return created.reason === 'login-taken' ? 'existing' : (REASONS[created.reason] ?? created.reason)
}

const REASONS: Readonly<Record<string, string>> = {
  'login-invalid': 'That cannot be a login: 1 to 254 characters, no spaces, nothing invisible.',
  'name-invalid': 'That cannot be a name: 1 to 200 characters on one line.',
  'hash-unreadable': 'The hash cannot be verified.',
}

function outcomeOf(survey: Survey, headline: string): Outcome {
  const { rejected, withoutPassword } = survey.counts
  const more = `${headline} ${withoutPassword} without a password. ${rejected} not taken.`
  return verdict(rejected === 0, survey.text(more), survey.json())
}

function columnsOf(call: Call): Columns {
  const [double, single] = [call.flag('flask-security'), call.flag('single-hash')]
  if (double && single) throw new Refusal(2, '--flask-security and --single-hash say the opposite.')
  return { login: call.option('login'), hash: call.option('hash'), flaskSecurity: double ? true : single ? false : undefined }
}
