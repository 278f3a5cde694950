/** `holdfast users`: makes, lists, disables and enables users, gives them roles and passwords. */
import type { CredentialProblem, DraftProblem } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Action, type Call, type Command, type Outcome } from '../command.ts'
import { withUser, type Found } from '../named-user.ts'
import { instant, table } from '../table.ts'
import { askerOf, SECOND_PERSON } from '../second-person.ts'
import { importUsers, wrapUsers } from './users-import.ts'
import { inviteUser } from './users-invite.ts'
import { askToGrant, checkRoles, deleteOne, lastOwner, setRoleOf } from './users-rights.ts'

const PROBLEMS: Readonly<
  Record<
    | CredentialProblem
    | 'service-account'
    | 'used-before'
    | 'login-taken'
    | 'address-taken'
    | Exclude<DraftProblem, 'role-unknown'>,
    string
  >
> = {
  'too-short': 'The password is too short: 15 characters at least, 8 beside a second factor.',
  'used-before': 'The password is one of those that this user had before.',
  'too-long': 'The password is too long: 256 characters at most.',
  common: 'The password is one of the first that a guesser tries: repeats, sequences, common words.',
  contextual: 'The password is made of the login, the name or the site.',
  'control-characters': 'The password holds a control character.',
  leaked: 'The password is in a collection of leaked ones.',
  unchecked: 'The service that knows leaked passwords did not answer. Try again later.',
  'hash-unreadable': 'The hash of the password cannot be verified.',
  'service-account': 'Nobody signs in as a service. Make an API key for it: holdfast api-keys create.',
  'login-taken': 'A user of that login, in this or another spelling, exists.',
  'login-invalid': 'That cannot be a login: 1 to 254 characters, no spaces, nothing invisible.',
  'address-invalid': 'That is no address of mail: ada@app.example, in ASCII.',
  'address-taken': 'It is the verified address of another user. Give each of them one of their own.',
  'name-invalid': 'That cannot be a name: 1 to 200 characters on one line.',
}

const ROLE = { role: { type: 'string', multiple: true, value: 'ROLE', what: 'A role; may be given more than once' } } as const

export const users: Command = {
  name: 'users',
  what: 'Make, list, disable and change users',
  more: 'A password is asked for at the terminal, or read as one line from standard input. It is never an argument.',
  actions: [
    {
      name: 'create',
      args: ['LOGIN'],
      what: 'Make a user',
      options: {
        ...ROLE,
        name: { type: 'string', value: 'NAME', what: 'The name to show [the login]' },
        address: { type: 'string', value: 'ADDRESS', what: 'Where mail goes' },
        verified: { type: 'boolean', what: 'You know that the user reads the mail of this address' },
        service: { type: 'boolean', what: 'For programs: nobody can sign in; it acts by its API keys' },
        'no-password': { type: 'boolean', what: 'Without a password: nobody can sign in until one is set' },
        ...SECOND_PERSON,
      },
      run: create,
    },
    {
      name: 'list',
      args: [],
      what: 'List users in the order they were made',
      options: {
        limit: { type: 'string', value: 'COUNT', what: 'At most so many [100]' },
        after: { type: 'string', value: 'ID', what: 'Those made after the user of this id' },
      },
      run: list,
    },
    {
      ...onUser('disable', 'Shut a user out, and end their sessions', disable),
      options: {
        'orphan-tenants': { type: 'boolean', what: 'Also the last owner of an organisation: an intruder must not stay for that' },
      },
    },
    onUser('enable', 'Let a user in again', async ({ accounts, user }) => {
      const { CLI } = await import('../open.ts')
      await accounts.users.enable(user.id, CLI)
      return done(`${shown(user.login)} is enabled.`, { user: { ...user, status: 'active' } })
    }),
    setRoleOf,
    deleteOne,
    {
      ...onUser(
        'set-address',
        'Set where mail goes; links that were sent to the address before end, and all sessions',
        setAddress,
      ),
      args: ['LOGIN', 'ADDRESS'],
      options: { verified: { type: 'boolean', what: 'You know that the user reads the mail of this address' } },
    },
    {
      name: 'unlock',
      args: ['LOGIN'],
      what: 'Forget the failures of a user who is locked out, of the password and of the second factor',
      run: unlock,
    },
    inviteUser,
    importUsers,
    wrapUsers,
    onUser('set-password', 'Set a password, and end all sessions of the user', setPassword),
    onUser('passkeys', 'List the passkeys and security keys of a user', listPasskeys),
    {
      ...onUser(
        'reset-factors',
        'Remove all second factors of a user who lost them, passkeys too, and end all their sessions',
        resetFactors,
      ),
      options: { reason: { type: 'string', value: 'TEXT', what: 'Why, and how you know that it is they; stands in the log' } },
    },
  ],
}

interface FoundByCall extends Found {
  readonly call: Call
}

async function disable({ accounts, user, call }: FoundByCall): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const disabled = await accounts.users.disable(user.id, CLI, { orphanTenants: call.flag('orphan-tenants') })
  if (!disabled.ok && disabled.reason === 'last-owner') return lastOwner(user.login, disabled.tenant)
  if (disabled.ok) return done(`${shown(user.login)} is disabled.`, { user: { ...user, status: 'disabled' } })
  return refused('last-administrator', `${shown(user.login)} is the last who can administer. Give somebody else the role first.`)
}

async function create(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  const [login, name, roles] = [call.args[0]!, call.option('name'), call.list('role') ?? []]
  return await withAccounts(call, { make: true, letters: 'where-possible' }, async (accounts) => {
    checkRoles(roles, accounts)
    const asked = await askerOf(call, accounts)
    const named = { login, roles, ...(name !== undefined && { name }) }
    const [service, address, addressVerified] = [call.flag('service'), call.option('address'), call.flag('verified')]
    if (addressVerified && address === undefined) throw new Refusal(2, 'Name the address that is verified: --address ADDRESS.')
    if (service && address !== undefined) throw new Refusal(2, 'A service gets no mail. Leave --address out.')
    const password = service || call.flag('no-password') ? undefined : await call.io.readPassword()
    const created = service
      ? await accounts.users.createService(named, CLI, asked)
      : await accounts.users.create(
          { ...named, addressVerified, ...(address !== undefined && { address }), ...(password && { password }) },
          CLI,
          asked,
        )
    if (created.ok) return done(`Made ${shown(created.user.login)}, id ${created.user.id}.`, { user: created.user })
    if (created.reason === 'approval-required') return await askToGrant(call, accounts, { ...asked, login, roles })
    return refused(created.reason, created.reason === 'role-unknown' ? 'A role is not known.' : PROBLEMS[created.reason])
  })
}

async function list(call: Call): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  const text = call.option('limit') ?? '100'
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > 500) throw new Refusal(2, `--limit is ${shown(text)}. Give a whole number from 1 to 500.`)
  const after = call.option('after')
  return await withAccounts(call, { make: false }, async (accounts) => {
    const found = await accounts.users.list({ limit, ...(after !== undefined && { after }) })
    const rows = found.map((user) => [
      user.login,
      user.name,
      user.roles.join(' ') || '-',
      user.status,
      instant(user.lastSignInAt),
      user.id,
    ])
    const shownRows = table(['LOGIN', 'NAME', 'ROLES', 'STATUS', 'LAST SIGN-IN', 'ID'], rows)
    return done(found.length === 0 ? 'No user.' : shownRows, { users: found })
  })
}

async function setPassword({ accounts, user, call }: FoundByCall): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const result = await accounts.credentials.setPassword(user.id, await call.io.readPassword(), CLI)
  if (result.ok) return done(`${shown(user.login)} has a new password; all sessions ended.`, { user })
  return refused(
    result.reason,
    result.reason === 'unknown-user' ? `There is no user ${shown(user.login)}.` : PROBLEMS[result.reason],
  )
}

async function setAddress({ accounts, user, call }: FoundByCall): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const [address, verified] = [call.args[1]!, call.flag('verified')]
  const result = await accounts.users.setAddress(user.id, address, CLI, { verified })
  if (!result.ok)
    return refused(result.reason, result.reason === 'unknown-user' ? 'There is no such user.' : PROBLEMS[result.reason])
  const changed = await accounts.users.byId(user.id)
  const known = changed?.address?.verified === true ? 'verified' : 'not verified'
  return done(`${shown(user.login)} has the address ${shown(changed?.address?.text ?? '')}, ${known}.`, { user: changed })
}

async function unlock(call: Call): Promise<Outcome> {
  const { CLI, withAccounts } = await import('../open.ts')
  const login = call.args[0]!
  return await withAccounts(call, { make: false, keys: true }, async (accounts) => {
    const user = await accounts.users.byLogin(login)
    if (!user || !(await accounts.users.unlock(user.id, CLI))) return refused('unknown-user', `There is no user ${shown(login)}.`)
    return done(`${shown(user.login)} may try again.`, { user })
  })
}

/** Whoever talks an operator into this gets past the second factor: the log has to say why it was done. */
async function resetFactors({ accounts, user, call }: FoundByCall): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const reason = call.option('reason')?.trim() ?? ''
  if (reason.length < 3 || reason.length > 200) throw new Refusal(2, 'Give --reason with 3 to 200 characters.')
  if (await accounts.factors.reset(user.id, CLI, reason)) {
    return done(`${shown(user.login)} signs in with the password alone; all sessions ended.`, { user })
  }
  return refused('no-second-factor', `${shown(user.login)} has no second factor.`)
}

async function listPasskeys({ accounts, user }: FoundByCall): Promise<Outcome> {
  const found = await accounts.passkeys.list(user.id)
  const rows = found.map(({ id, name, purpose, synced, createdAt, usedAt }) => [
    ...[name, purpose, synced ? 'yes' : 'no', instant(createdAt), instant(usedAt), id],
  ])
  const shownRows = table(['NAME', 'KIND', 'SYNCED', 'ADDED', 'LAST USED', 'ID'], rows)
  return done(found.length === 0 ? `${shown(user.login)} has no passkey.` : shownRows, { user, passkeys: found })
}

function onUser(name: string, what: string, work: (found: FoundByCall) => Promise<Outcome>): Action {
  return { name, args: ['LOGIN'], what, run: (call) => withUser(call, (found) => work({ ...found, call })) }
}
