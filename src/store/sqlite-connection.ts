/** One connection of node:sqlite: prepared statements kept in a bounded cache, rows as plain objects, values checked before they are bound. */
import type { DatabaseSync, SQLInputValue, StatementSync } from 'node:sqlite'
import { isRead, refuseTransactionControl, readSql } from './sql-text.ts'

export interface SqliteConnection {
  readonly raw: DatabaseSync
  /** The first row, or undefined. */
  first(text: string, values: readonly unknown[]): Record<string, unknown> | undefined
  rows(text: string, values: readonly unknown[]): Record<string, unknown>[]
  run(text: string, values: readonly unknown[]): { readonly changes: number; readonly lastInsertRowid: number | bigint }
  /** Whether the statement answers with rows (SELECT, or RETURNING). */
  isReader(text: string): boolean
}

interface Prepared {
  readonly statement: StatementSync
  readonly parameters: number
  readonly reader: boolean
  /** Only reads: there is no commit that could fail. */
  readonly pure: boolean
}

/** More texts than an application has; an application that builds texts from values evicts, but does not grow. */
const CACHE = 256
/** https://www.sqlite.org/lang_createtrigger.html: the only statement with ";" inside. */
const TRIGGER = /^\s*create\s+(?:temp\s+|temporary\s+)?trigger\b/i

export function sqliteConnection(raw: DatabaseSync): SqliteConnection {
  const cache = new Map<string, Prepared>()

  function prepare(text: string): Prepared {
    const known = cache.get(text)
    if (known !== undefined) return known
    refuseTransactionControl(text)
    const parameters = TRIGGER.test(text) ? 0 : readSql(text).parameters
    const statement = raw.prepare(text)
    const prepared = { statement, parameters, reader: statement.columns().length > 0, pure: isRead(text) }
    if (cache.size >= CACHE) cache.delete(cache.keys().next().value as string)
    cache.set(text, prepared)
    return prepared
  }

  function bound(text: string, values: readonly unknown[]): Prepared {
    const prepared = prepare(text)
    if (values.length !== prepared.parameters) {
      throw new RangeError(
        `The statement has ${prepared.parameters} parameters, got ${values.length} values: ${text.trim().slice(0, 80)}`,
      )
    }
    checkFirst(values[0])
    return prepared
  }

  return {
    raw,
    first(text, values) {
      const { statement, pure } = bound(text, values)
      const parameters = values as SQLInputValue[]
      // get() stops at the first row, and would not report a commit that fails after it, as with DELETE … RETURNING.
      const row = pure ? statement.get(...parameters) : statement.all(...parameters)[0]
      return row === undefined ? undefined : { ...row }
    },
    rows(text, values) {
      const rows = bound(text, values).statement.all(...(values as SQLInputValue[]))
      for (let index = 0; index < rows.length; index++) rows[index] = { ...rows[index] } as (typeof rows)[number]
      return rows
    },
    run(text, values) {
      const { changes, lastInsertRowid } = bound(text, values).statement.run(...(values as SQLInputValue[]))
      return { changes: Number(changes), lastInsertRowid }
    },
    isReader: (text) => prepare(text).reader,
  }
}

/**
 * node:sqlite takes an object in the first place for named parameters and moves the other values one place down: a body that was
 * never validated would so change which value is compared with which column.
 */
function checkFirst(value: unknown): void {
  if (typeof value === 'object' && value !== null && !(value instanceof Uint8Array)) {
    throw new TypeError('A parameter must be a string, number, bigint, null or Uint8Array, got an object.')
  }
}
