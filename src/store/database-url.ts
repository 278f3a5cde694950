/** From the one setting that says where the data lies to the database: `postgres://…`, `sqlite:…`, `file:…` or a path. */
import { fileURLToPath } from 'node:url'
import type { Database } from './database.ts'
import { StoreError } from './errors.ts'
import { postgres } from './postgres.ts'
import { sqlite } from './sqlite.ts'

const FORMS = 'Give postgres://user:password@host:5432/database, sqlite:./data/holdfast.db, a path, or :memory:.'

/**
 * Opens the database that `address` names and asks it for an answer, so that a wrong one is known at start-up.
 * Rejects with a StoreError for another scheme, a file that cannot be opened, or a server that does not answer. Never repeats the
 * address: it may hold a password.
 */
export async function openDatabase(address: string): Promise<Database> {
  const database = connect(address.trim())
  try {
    await database.ping()
    return database
  } catch (error) {
    await database.close()
    if (error instanceof StoreError) throw error
    throw new StoreError(
      'store-unavailable',
      `The ${database.dialect} database does not answer: ${reason(error)}. Check that it runs and that the address is right.`,
      {
        cause: error,
      },
    )
  }
}

function connect(address: string): Database {
  const scheme = /^([A-Za-z][A-Za-z0-9+.-]+):/.exec(address)?.[1]?.toLowerCase()
  switch (scheme) {
    case 'postgres':
    case 'postgresql':
      return postgres(address)
    case 'sqlite':
    case 'file':
      return sqlite(pathOf(address, scheme))
    case undefined:
      if (address === '') throw new StoreError('store-misconfigured', `No database was given. ${FORMS}`)
      return sqlite(address)
    default:
      throw new StoreError('store-misconfigured', `Holdfast knows no database "${scheme}:". ${FORMS}`)
  }
}

/** `sqlite:relative`, `sqlite:/absolute`, `sqlite:///absolute`, `sqlite::memory:`; the same with `file:`. No host, no query. */
function pathOf(address: string, scheme: string): string {
  const rest = address.slice(scheme.length + 1)
  if (/[?#]/.test(rest))
    throw new StoreError(
      'store-misconfigured',
      `A ${scheme}: address takes no "?" or "#". Encode it as %3F or %23, or give a plain path.`,
    )
  if (rest.startsWith('///')) return fileURLToPath(`file:${rest}`)
  if (rest.startsWith('//')) {
    throw new StoreError(
      'store-misconfigured',
      `"${scheme}://" is followed by a host, and SQLite has none. Write ${scheme}:relative/path or ${scheme}:///absolute/path.`,
    )
  }
  return decode(rest)
}

function decode(path: string): string {
  try {
    return decodeURIComponent(path)
  } catch (cause) {
    throw new StoreError('store-misconfigured', 'The path of the database has a broken %-escape. Write % as %25.', { cause })
  }
}

/** The driver's words without an address in them; a refused connection has them one level down, one for each address tried. */
function reason(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(reason).join('; ')
  const text = error instanceof Error ? error.message : 'unknown error'
  return text.replace(/[a-z]+:\/\/\S*/gi, '(address)')
}
