/** `holdfast api-keys`: makes, lists and ends keys of programs, for users and services. */
import type { ApiKey, ApiKeyCreated } from '../../accounts/types.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Call, type Command, type Outcome } from '../command.ts'
import { withUser, type Found } from '../named-user.ts'
import { instant, table } from '../table.ts'

type Problem = Extract<ApiKeyCreated, { ok: false }>['reason']

const DAY = 86_400_000
const PROBLEMS: Readonly<Record<Problem, string>> = {
  'unknown-user': 'There is no such user.',
  'unknown-tenant': 'The user belongs to no such tenant. "holdfast tenants list" names them by their id.',
  'sealed-account': 'The sealed account has no keys: they would outlive its hour.',
  'user-disabled': 'The user is disabled, and so would be the key.',
  'name-invalid': 'That cannot be the name of a key: 1 to 80 characters on one line.',
  'name-taken': 'A living key has this name. Revoke it first, or choose another name.',
  'scope-invalid': `That is no permission. Write 'notes:read', 'notes:*' for the group, or '*' for everything.`,
  'scope-not-held':
    'The user may not do this there, so neither may the key. Give the user a role that permits it first, in the tenant for a key of one.',
  'expiry-invalid':
    'A key lasts 1 to 365 days. For one without a last day give --insecure-no-expiry and a reason of at least 10 characters.',
  'limit-invalid': '--per-minute is a whole number from 1 to 100000.',
  'too-many': 'The user has 50 living keys. Revoke some first.',
}

export const apiKeys: Command = {
  name: 'api-keys',
  what: 'Make, list and end API keys',
  more: 'A key is shown once, when it is made. For a program make a service first: holdfast users create NAME --service.',
  actions: [
    {
      name: 'create',
      args: ['LOGIN'],
      what: 'Make a key of a user or a service',
      options: {
        name: { type: 'string', value: 'NAME', what: 'What it is for' },
        scope: {
          type: 'string',
          multiple: true,
          value: 'PERMISSION',
          what: 'What it may do; may be given more than once [nothing]',
        },
        tenant: { type: 'string', value: 'TENANT', what: 'Acts in this tenant, and may nothing outside it [in none]' },
        days: { type: 'string', value: 'DAYS', what: 'How long it lasts, 1 to 365 [90]' },
        'per-minute': { type: 'string', value: 'COUNT', what: 'Requests a minute [the limit of every user]' },
        'insecure-no-expiry': { type: 'string', value: 'REASON', what: 'Without a last day; the reason stands in the log' },
      },
      run: (call) => withUser(call, (found) => create(call, found)),
    },
    {
      name: 'list',
      args: ['LOGIN'],
      what: 'The keys of a user, the newest first',
      run: (call) =>
        withUser(call, async ({ accounts, user }) => {
          const found = await accounts.apiKeys.list(user.id, call.io.now())
          return done(describe(found), { keys: found })
        }),
    },
    {
      name: 'revoke',
      args: ['LOGIN', '[ID]'],
      what: 'End one key by its id, or all of them',
      options: { all: { type: 'boolean', what: 'All keys of the user' } },
      run: (call) => withUser(call, (found) => revoke(call, found)),
    },
  ],
}

async function create(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const name = call.option('name')
  if (name === undefined) throw new Refusal(2, 'Say with --name what the key is for.')
  const [days, perMinute] = [number(call, 'days'), number(call, 'per-minute')]
  const [tenant, insecureNoExpiry] = [call.option('tenant'), call.option('insecure-no-expiry')]
  const made = await accounts.apiKeys.create(
    {
      userId: user.id,
      name,
      scopes: call.list('scope') ?? [],
      tenant,
      ...(days !== undefined && { expiresIn: days * DAY }),
      ...(perMinute !== undefined && { perMinute }),
      ...(insecureNoExpiry !== undefined && { insecureNoExpiry }),
    },
    CLI,
  )
  if (!made.ok) return refused(made.reason, PROBLEMS[made.reason])
  const text = made.text.reveal()
  const until = made.key.expiresAt === undefined ? 'It has no last day.' : `It ends ${instant(made.key.expiresAt)}.`
  return done(`${text}\n${until} It is shown this once.`, { key: made.key, text })
}

async function revoke(call: Call, { accounts, user }: Found): Promise<Outcome> {
  const { CLI } = await import('../open.ts')
  const id = call.args[1]
  if ((id === undefined) !== call.flag('all')) throw new Refusal(2, 'Name one key by its id, or give --all.')
  if (id === undefined) {
    const revoked = await accounts.apiKeys.revokeAll(user.id, CLI)
    return done(`Ended ${revoked} ${revoked === 1 ? 'key' : 'keys'}.`, { revoked })
  }
  if (await accounts.apiKeys.revoke(user.id, id, CLI)) return done('Ended 1 key.', { revoked: 1 })
  return refused('unknown-key', `${shown(user.login)} has no living key ${shown(id)}.`)
}

function number(call: Call, name: string): number | undefined {
  const text = call.option(name)
  if (text === undefined) return undefined
  if (/^\d{1,6}$/.test(text)) return Number(text)
  throw new Refusal(2, `--${name} is ${shown(text)}. Give a whole number.`)
}

function describe(found: readonly ApiKey[]): string {
  if (found.length === 0) return 'No key.'
  const rows = found.map(({ id, name, status, tenant, scopes, lastUsedAt, expiresAt }) => [
    id,
    name,
    status,
    tenant ?? '-',
    scopes.join(' ') || '-',
    instant(lastUsedAt),
    expiresAt === undefined ? 'never' : instant(expiresAt),
  ])
  return table(['KEY', 'NAME', 'STATUS', 'TENANT', 'SCOPES', 'LAST USED', 'ENDS'], rows)
}
