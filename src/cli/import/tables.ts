/** Which table of a foreign database holds the users, from the names of its columns alone: Django, Flask, Better Auth, or one that is named. */
import { Refusal } from '../command.ts'

/** Tables with their columns. */
export type Tables = ReadonlyMap<string, readonly string[]>

const USUAL = ['auth_user', 'user', 'users', 'accounts_user', 'account', 'accounts']
const HASHES = ['password', 'password_hash', 'hashed_password', 'encrypted_password', 'password_digest', 'pw_hash']
const LOGINS = ['email', 'username', 'login', 'user_name']

/** The query that reads all users, in an order that stays. Throws a Refusal when it is not clear which table is meant. */
export function usersQuery(tables: Tables, table: string | undefined): string {
  const better = table === undefined ? betterAuthQuery(tables) : undefined
  if (better !== undefined) return better
  const name = table ?? usualTable(tables)
  const columns = name === undefined ? undefined : tables.get(name)
  if (name === undefined || columns === undefined) {
    const known = [...tables.keys()].slice(0, 40).join(', ')
    throw new Refusal(
      2,
      `${table === undefined ? 'It is not clear which table holds the users' : `There is no table ${JSON.stringify(table)}`}. Name it with --table: ${known}.`,
    )
  }
  const order = LOGINS.find((column) => columns.includes(column)) ?? columns[0]!
  return `SELECT * FROM ${quoted(name)} ORDER BY ${quoted(order)}`
}

/** Better Auth keeps hashes in a table of their own, one row a way to sign in. */
function betterAuthQuery(tables: Tables): string | undefined {
  for (const [users, accounts] of [
    ['user', 'account'],
    ['users', 'accounts'],
  ] as const) {
    const columns = tables.get(accounts) ?? []
    const find = (...names: readonly string[]) => names.find((name) => columns.includes(name))
    const [owner, provider] = [find('userId', 'user_id'), find('providerId', 'provider_id')]
    const known = tables.get(users)
    if (!owner || !provider || !known || !columns.includes('password')) continue
    const banned = known.includes('banned') ? ', u.banned AS banned' : ''
    return `SELECT u.email AS email, u.name AS name${banned}, a.password AS password FROM ${quoted(users)} u
      LEFT JOIN ${quoted(accounts)} a ON a.${quoted(owner)} = u.id AND a.${quoted(provider)} = 'credential' ORDER BY u.email`
  }
  return undefined
}

function usualTable(tables: Tables): string | undefined {
  const fits = [...tables].filter(
    ([, columns]) => HASHES.some((name) => columns.includes(name)) && LOGINS.some((name) => columns.includes(name)),
  )
  return USUAL.find((name) => fits.some(([table]) => table === name)) ?? (fits.length === 1 ? fits[0]![0] : undefined)
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}
