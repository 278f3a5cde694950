/** What a file of users is, from its name and its first bytes. */
import { closeSync, openSync, readSync } from 'node:fs'
import { shown } from '../arguments.ts'
import { Refusal, type Io } from '../command.ts'
import { readCsv } from './csv.ts'
import { readPostgres, readSqlite } from './databases.ts'
import { readJsonLines } from './json-lines.ts'
import type { Found, Tell } from './row.ts'

const SQLITE = 'SQLite format 3\0'

/** Opens the source: CSV, JSON lines, a SQLite file or an address of PostgreSQL. Throws a Refusal for anything else. `tell` hears how far it is. */
export function openSource(
  source: string,
  table: string | undefined,
  { environment, tell }: Pick<Io, 'environment'> & { readonly tell: Tell },
): AsyncGenerator<Found> {
  if (/^postgres(?:ql)?:\/\//.test(source)) return readPostgres(source, table, environment['PGPASSWORD'], tell)
  const head = firstBytes(source)
  if (head === SQLITE) return readSqlite(source, table, tell)
  if (table !== undefined) throw new Refusal(2, '--table is for databases; this file is none.')
  if (/\.(?:csv|tsv)$/i.test(source)) return readCsv(source, tell)
  if (/\.(?:jsonl|ndjson|json)$/i.test(source)) return readJsonLines(source, tell)
  throw new Refusal(2, `${shown(source)} is no SQLite file, and its name does not say what it is. Name it .csv, .tsv or .jsonl.`)
}

function firstBytes(path: string): string {
  const bytes = Buffer.alloc(SQLITE.length)
  try {
    const file = openSync(path, 'r')
    try {
      return bytes.toString('latin1', 0, readSync(file, bytes, 0, bytes.length, 0))
    } finally {
      closeSync(file)
    }
  } catch (error) {
    throw new Refusal(3, `${shown(path)} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown'}.`)
  }
}
