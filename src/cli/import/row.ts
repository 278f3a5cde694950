/** One user to import, read from a record of any source by the names of its columns. What is unclear is a problem, never a guess. */

/** A record as it comes: names of columns and what stands in them. */
export type Entry = Readonly<Record<string, unknown>>

/** Hears how much of a source was read: 0 to 1. */
export type Tell = (share: number) => void

/** Who is to be imported. */
export interface ImportedUser {
  readonly login: string
  readonly name: string | undefined
  /** As it is to be stored; `undefined`: without a password. */
  readonly hash: string | undefined
  readonly disabled: boolean
}

/** `at` says where it stood: `line 7`. */
export type Row =
  | { readonly ok: true; readonly at: string; readonly user: ImportedUser }
  | { readonly ok: false; readonly at: string; readonly problem: string }

/** A record, or why there is none. */
export type Found =
  | { readonly at: string; readonly entry: Entry }
  | { readonly at: string; readonly entry?: undefined; readonly problem: string }

export interface Columns {
  /** The column of the login. @default the first of the usual names */
  readonly login?: string | undefined
  /** The column of the hash. @default the first of the usual names */
  readonly hash?: string | undefined
  /** `yes`: hashes are Flask-Security's double ones. @default where there is a column `fs_uniquifier` */
  readonly flaskSecurity?: boolean | undefined
}

const LOGINS = ['login', 'email', 'username', 'user_name', 'email_address']
const HASHES = ['password_hash', 'hashed_password', 'encrypted_password', 'password_digest', 'pw_hash', 'hash', 'password']
const NAMES = ['name', 'full_name', 'display_name']
const ON = ['is_active', 'active', 'enabled']
const OFF = ['disabled', 'is_disabled', 'banned', 'locked']
const LONGEST = 1024
const FLASK_SECURITY = '$flask-security'
const FIREBASE = '$firebase-scrypt$'

/** Reads one record. */
export function readRow(found: Found, columns: Columns): Row {
  const { at } = found
  if (found.entry === undefined) return { ok: false, at, problem: found.problem }
  const values = new Map(Object.entries(found.entry).map(([name, value]) => [plainName(name), value]))
  const text = (name: string) => asText(values.get(name))
  const problem = (text: string): Row => ({ ok: false, at, problem: text })

  const named = columns.login === undefined ? undefined : plainName(columns.login)
  // Django signs in by the name, everybody else by the address where there is one.
  const order = values.has('is_superuser') ? ['username', ...LOGINS] : LOGINS
  const login = text(named ?? order.find((name) => values.has(name)) ?? '')
  if (login === undefined || login === '') return problem('There is no login.')
  if (login.length > LONGEST) return problem('The login is too long.')

  const hashColumn = columns.hash === undefined ? HASHES.find((name) => values.has(name)) : plainName(columns.hash)
  if (hashColumn === undefined || !values.has(hashColumn)) return problem('There is no column of the hash.')
  const hash = hashOf(values, hashColumn, columns)
  if (hash === false) return problem('The hash is no text, or too long.')

  const disabled = disabledBy(values)
  if (disabled === undefined) return problem('It does not say clearly whether the user is active.')
  const parts = [text('first_name'), text('last_name')].filter(Boolean).join(' ')
  const name = NAMES.map(text).find(Boolean) ?? (parts === '' ? undefined : parts)
  return { ok: true, at, user: { login, name, hash, disabled } }
}

/** `undefined`: no password. `false`: something that is no hash. */
function hashOf(values: ReadonlyMap<string, unknown>, column: string, { flaskSecurity }: Columns): string | undefined | false {
  const value = values.get(column)
  if (value === null || value === undefined || value === '') return undefined
  if (typeof value !== 'string' || value.length > LONGEST) return false
  if (/^[!*]/.test(value)) return undefined // Django and passlib: a password that cannot be used
  const salt = values.get('salt')
  if (column === 'password_hash' && values.has('local_id') && typeof salt === 'string') return `${FIREBASE}${salt}$${value}`
  const isDouble = flaskSecurity ?? values.has('fs_uniquifier')
  return isDouble && value.startsWith('$') ? `${FLASK_SECURITY}${value}` : value
}

/** `undefined`: unclear. A user whom nobody meant to let in must not come in by an odd spelling. */
function disabledBy(values: ReadonlyMap<string, unknown>): boolean | undefined {
  const on = ON.filter((name) => values.has(name)).map((name) => asBoolean(values.get(name)))
  const off = OFF.filter((name) => values.has(name)).map((name) => asBoolean(values.get(name) ?? false))
  if ([...on, ...off].includes(undefined)) return undefined
  return on.includes(false) || off.includes(true)
}

function asBoolean(value: unknown): boolean | undefined {
  const text = asText(value)?.toLowerCase()
  if (['1', 'true', 't', 'yes', 'y'].includes(text ?? '')) return true
  return ['0', 'false', 'f', 'no', 'n'].includes(text ?? '') ? false : undefined
}

function asText(value: unknown): string | undefined {
  if (typeof value === 'string') return value.trim()
  return typeof value === 'number' || typeof value === 'bigint' || typeof value === 'boolean' ? String(value) : undefined
}

/** `passwordHash`, `password-hash` and `Password Hash` are `password_hash`. */
function plainName(name: string): string {
  return name
    .slice(0, 128)
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .replaceAll(/[ -]/g, '_')
    .toLowerCase()
}
