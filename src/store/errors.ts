/**
 * The faults of a store, told apart by `code`: what could not be opened, what is busy, what is full, what does not fit the code.
 * A message says what is wrong, why, and what to do; it never holds a password, a parameter or a row.
 */

export type StoreErrorCode =
  /** The address, path or client given cannot be used. */
  | 'store-misconfigured'
  /** The store did not answer in time or the connection is lost. */
  | 'store-unavailable'
  /** A transaction held the database for too long. */
  | 'store-busy'
  /** A bounded store has no room left for something that must not be forgotten. */
  | 'store-full'
  /** The schema in the database and the migrations in the code disagree. */
  | 'store-migration'
  /** A statement that would do something else than it says, or a value of the wrong kind. */
  | 'store-misuse'

export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode

  constructor(code: StoreErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.code = code
  }
}

/** SQLITE_CONSTRAINT_PRIMARYKEY, SQLITE_CONSTRAINT_UNIQUE, SQLITE_CONSTRAINT_ROWID: https://www.sqlite.org/rescode.html */
const SQLITE_UNIQUE = new Set([1555, 2067, 2579])
/** unique_violation: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const POSTGRES_UNIQUE = '23505'

/** SQLITE_BUSY and SQLITE_LOCKED stand in the low byte; the rest says which kind. */
const SQLITE_BUSY = 5
const SQLITE_LOCKED = 6

/** The error and what caused it, at most eight deep: an error may name itself as its cause. */
function* chain(error: unknown): Iterable<{ readonly code?: unknown; readonly errcode?: unknown }> {
  let current = error
  for (let depth = 0; depth < 8 && typeof current === 'object' && current !== null; depth++) {
    yield current
    current = (current as { cause?: unknown }).cause
  }
}

/** Whether a database refused a row because its key or unique columns stand there already, in either dialect. */
export function isUniqueViolation(error: unknown): boolean {
  for (const link of chain(error)) {
    if (link.code === POSTGRES_UNIQUE) return true
    if (link.code === 'ERR_SQLITE_ERROR' && SQLITE_UNIQUE.has(link.errcode as number)) return true
  }
  return false
}

/** Whether SQLite gave up because another connection or process holds the lock. */
export function isBusy(error: unknown): boolean {
  const { code, errcode } = error as { code?: unknown; errcode?: unknown }
  if (code !== 'ERR_SQLITE_ERROR' || typeof errcode !== 'number') return false
  const primary = errcode & 0xff
  return primary === SQLITE_BUSY || primary === SQLITE_LOCKED
}

/** Whether the caller, not the store, is at fault: such an error says nothing about the health of the store. */
export function isCallersFault(error: unknown): boolean {
  return (
    error instanceof RangeError || error instanceof TypeError || (error instanceof StoreError && error.code === 'store-misuse')
  )
}

/** What every store says when a count is asked of something else. */
export function noCount(): StoreError {
  return new StoreError('store-misuse', 'incrementIf met a value that is no count. Give counts keys of their own.')
}
