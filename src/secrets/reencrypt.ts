/**
 * Seals anew what older keys have sealed, row by row, while the application runs: so that an old key can be taken away.
 * A row is written only if it still is what was read, so nothing that somebody wrote meanwhile is lost; every row is readable at every
 * moment, and one that is interrupted goes on where it stopped, because what is done already is not looked at again.
 * Source: OWASP Key Management Cheat Sheet; NIST SP 800-57 part 1 section 5.3.
 */
import { sql, type Kysely } from 'kysely'
import type { KeyRing, Parts } from '../crypto/keyring.ts'
import type { Database } from '../store/database.ts'
import { fieldData, fieldPurpose } from './field-cipher.ts'

/** Where sealed texts are kept: one column of one table. */
export interface SealedColumn {
  readonly table: string
  readonly column: string
  /** The column that names one row. With `only` it needs to be unique among those rows alone. */
  readonly key: string
  readonly only?: { readonly column: string; readonly value: string }
  /** What the key was derived for. */
  readonly purpose: string
  /** Further columns that `associated` needs. */
  readonly with?: readonly string[]
  /** What is bound into the sealed text of this row. */
  associated(row: SealedRow): Parts
}

/** The key as `key`, the further columns by their names. */
export type SealedRow = Readonly<Record<string, string>>

/** How far it is, of one column. */
export interface Progress {
  readonly column: string
  readonly done: number
  readonly total: number
}

export interface Reencrypted {
  /** Rows sealed anew. */
  readonly done: number
  /** Rows that no key of the ring opens, or that were changed; they are left as they are. */
  readonly unreadable: readonly { readonly column: string; readonly keyId: string; readonly rows: number }[]
  /** Rows that others wrote under an older key while it ran: run it again. */
  readonly left: number
}

export interface ReencryptSetting {
  readonly database: Database
  readonly keys: Pick<KeyRing, 'current' | 'seal' | 'open'>
  readonly columns: readonly SealedColumn[]
  /** Rows that are read at once. @default 100 */
  readonly batch?: number
  /** Hears after each batch how far it is; between batches others have their turn. */
  readonly progress?: (progress: Progress) => void
  /** Ends it after the batch that is under way. */
  readonly signal?: AbortSignal
}

interface Row {
  readonly key: string | number
  readonly sealed: string
}

/** A column of `fieldCipher`, for the lists here. */
export function fieldColumn(column: string, key = 'id'): SealedColumn {
  const [table, name] = column.split('.') as [string, string]
  return { table, column: name, key, purpose: fieldPurpose(column), associated: (row) => fieldData(column, row['key']!) }
}

/** Seals all columns anew, under the current key. */
export async function reencrypt(setting: ReencryptSetting): Promise<Reencrypted> {
  let done = 0
  const unreadable = new Map<string, { column: string; keyId: string; rows: number }>()
  for (const column of setting.columns) {
    const found = await reencryptColumn(setting, column)
    done += found.done
    for (const keyId of found.failed) {
      const name = nameOf(column)
      const known = unreadable.get(`${name} ${keyId}`) ?? { column: name, keyId, rows: 0 }
      unreadable.set(`${name} ${keyId}`, { ...known, rows: known.rows + 1 })
    }
  }
  const failed = [...unreadable.values()]
  const older = await countOlder(setting)
  return { done, unreadable: failed, left: older - failed.reduce((sum, { rows }) => sum + rows, 0) }
}

/** How many rows each key has sealed, by column. A row that no key can have sealed counts under an empty id. */
export async function sealedBy(
  { kysely }: Pick<Database, 'kysely'>,
  columns: readonly SealedColumn[],
): Promise<readonly { readonly column: string; readonly keyId: string; readonly rows: number }[]> {
  const counts = new Map<string, { column: string; keyId: string; rows: number }>()
  for (const column of columns) {
    let after: string | number | undefined
    for (;;) {
      const rows = await read(kysely, column, { after, limit: 1000 })
      for (const { sealed } of rows) {
        const keyId = idOf(sealed)
        const known = counts.get(`${nameOf(column)} ${keyId}`) ?? { column: nameOf(column), keyId, rows: 0 }
        counts.set(`${nameOf(column)} ${keyId}`, { ...known, rows: known.rows + 1 })
      }
      if (rows.length < 1000) break
      after = rows.at(-1)!.key
    }
  }
  return [...counts.values()]
}

async function reencryptColumn({ database, keys, batch = 100, progress, signal }: ReencryptSetting, column: SealedColumn) {
  const { kysely } = database
  const total = await count(kysely, column, keys.current)
  const failed: string[] = []
  let done = 0
  let after: string | number | undefined
  while (signal?.aborted !== true) {
    const rows = await read(kysely, column, { after, limit: batch, not: keys.current })
    for (const row of rows) {
      const outcome = await renew(kysely, keys, column, row)
      if (outcome === 'unreadable') failed.push(idOf(row.sealed))
      else if (outcome === 'done') done++
    }
    progress?.({ column: nameOf(column), done, total })
    if (rows.length < batch) break
    after = rows.at(-1)!.key
    await new Promise((resolve) => setImmediate(resolve)) // requests first
  }
  return { done, failed }
}

/** One row: opened, sealed and written in the place of exactly what was read. `changed`: somebody was faster, under the current key or not. */
async function renew(
  kysely: Kysely<any>,
  keys: Pick<KeyRing, 'seal' | 'open'>,
  column: SealedColumn,
  row: Row,
): Promise<'done' | 'changed' | 'unreadable'> {
  const bound = column.associated(Object.fromEntries(Object.entries(row).map(([name, value]) => [name, String(value)])))
  const opened = keys.open(column.purpose, row.sealed, bound)
  if (!opened.ok) return 'unreadable'
  const sealed = keys.seal(column.purpose, opened.plaintext, bound)
  opened.plaintext.fill(0)
  const { numUpdatedRows } = await kysely
    .updateTable(column.table)
    .set({ [column.column]: sealed })
    .where(column.key, '=', row.key)
    .where(column.column, '=', row.sealed)
    .$if(column.only !== undefined, (query) => query.where(column.only!.column, '=', column.only!.value))
    .executeTakeFirst()
  return numUpdatedRows === 1n ? 'done' : 'changed'
}

interface Reading {
  readonly after?: string | number | undefined
  readonly limit: number
  readonly not?: string
}

async function read(kysely: Kysely<any>, column: SealedColumn, { after, limit, not }: Reading): Promise<Row[]> {
  const more = (column.with ?? []).map((name) => sql`, ${sql.ref(name)}`)
  const { rows } = await sql<Row>`
    SELECT ${sql.ref(column.key)} AS ${sql.id('key')}, ${sql.ref(column.column)} AS ${sql.id('sealed')}${sql.join(more, sql``)}
    FROM ${sql.table(column.table)}
    WHERE ${condition(column, not)} ${after === undefined ? sql`` : sql`AND ${sql.ref(column.key)} > ${after}`}
    ORDER BY ${sql.ref(column.key)} LIMIT ${sql.lit(limit)}`.execute(kysely)
  return rows
}

async function count(kysely: Kysely<any>, column: SealedColumn, not: string): Promise<number> {
  const { rows } = await sql<{ n: number | bigint | string }>`
    SELECT count(*) AS n FROM ${sql.table(column.table)} WHERE ${condition(column, not)}`.execute(kysely)
  return Number(rows[0]!.n)
}

async function countOlder({ database, columns, keys }: ReencryptSetting): Promise<number> {
  let sum = 0
  for (const column of columns) sum += await count(database.kysely, column, keys.current)
  return sum
}

/** Not by LIKE: an id may hold "_", which there stands for any letter. */
function condition({ column, only }: SealedColumn, not: string | undefined) {
  const other = not === undefined ? sql`` : sql`AND substr(${sql.ref(column)}, 1, ${sql.lit(not.length + 1)}) <> ${`${not}.`}`
  const some = only === undefined ? sql`` : sql`AND ${sql.ref(only.column)} = ${only.value}`
  return sql`${sql.ref(column)} IS NOT NULL ${other} ${some}`
}

function nameOf({ table, column }: SealedColumn): string {
  return `${table}.${column}`
}

function idOf(sealed: string): string {
  return sealed.includes('.') ? sealed.slice(0, sealed.indexOf('.')) : ''
}
