/** The notes and their table. Every query names the owner, so that one user can never reach another's note by its id. */
import { randomUUID } from 'node:crypto'
import { sql, type Kysely } from 'kysely'
import type { Migration } from 'holdfast/store'

export interface Note {
  readonly id: string
  readonly owner: string
  readonly title: string
  readonly text: string
  readonly changedAt: number
}

export interface NotesSchema {
  notes: { id: string; owner: string; title: string; text: string; changed_at: number }
}

export type Content = Pick<Note, 'title' | 'text'>
export type Notes = ReturnType<typeof createNotes>

const AT_MOST = 200

/** Applied at the start, or by `holdfast migrate --with notes.ts` where the application may not make tables. */
export const migrations: readonly Migration[] = [
  {
    id: 'notes-1',
    up: () => [
      `CREATE TABLE IF NOT EXISTS notes (
        id text PRIMARY KEY, owner text NOT NULL, title text NOT NULL, text text NOT NULL, changed_at bigint NOT NULL
      )`,
      'CREATE INDEX IF NOT EXISTS notes_owner ON notes (owner, changed_at)',
    ],
  },
]

/** `db` has the tables above and none of Holdfast's: `holdfast.database<NotesSchema>()`. */
export function createNotes(db: Kysely<NotesSchema>, now: () => number = Date.now) {
  return {
    async list(owner: string, search: string): Promise<Note[]> {
      let query = db.selectFrom('notes').selectAll().where('owner', '=', owner).orderBy('changed_at', 'desc').limit(AT_MOST)
      if (search !== '') query = query.where((on) => on.or([contains('title', search), contains('text', search)]))
      return (await query.execute()).map(toNote)
    },
    async find(owner: string, id: string): Promise<Note | undefined> {
      const row = await db.selectFrom('notes').selectAll().where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
      return row && toNote(row)
    },
    async add(owner: string, content: Content): Promise<Note> {
      const row = { id: randomUUID(), owner, ...content, changed_at: now() }
      await db.insertInto('notes').values(row).execute()
      return toNote(row)
    },
    async change(owner: string, id: string, content: Content): Promise<boolean> {
      const changes = { ...content, changed_at: now() }
      const { numUpdatedRows } = await db
        .updateTable('notes')
        .set(changes)
        .where('owner', '=', owner)
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async remove(owner: string, id: string): Promise<boolean> {
      const { numDeletedRows } = await db.deleteFrom('notes').where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
      return numDeletedRows === 1n
    },
    /** For administrators. */
    async everybodys(): Promise<Note[]> {
      return (await db.selectFrom('notes').selectAll().orderBy('changed_at', 'desc').limit(AT_MOST).execute()).map(toNote)
    },
  }
}

/** The text is bound, never written into the query; its own `%` and `_` are characters, not wildcards. */
function contains(column: 'title' | 'text', search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
}

function toNote({ changed_at, ...row }: NotesSchema['notes']): Note {
  return { ...row, changedAt: Number(changed_at) }
}
