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
  readonly picture?: Picture | undefined
}

/** What was uploaded, and what is to be seen on it. */
export interface Picture {
  readonly file: string
  readonly type: string
  readonly name: string
  readonly alt: string
}

export interface NotesSchema {
  notes: { id: string; owner: string; title: string; text: string; changed_at: number }
  note_pictures: { note: string } & Picture
}

export type Content = Pick<Note, 'title' | 'text'>
export type Notes = ReturnType<typeof createNotes>

const AT_MOST = 200
const LATEST = 50

export const noteMigrations: readonly Migration[] = [
  {
    id: 'notes-1',
    up: () => [
      `CREATE TABLE IF NOT EXISTS notes (
        id text PRIMARY KEY, owner text NOT NULL, title text NOT NULL, text text NOT NULL, changed_at bigint NOT NULL
      )`,
      'CREATE INDEX IF NOT EXISTS notes_owner ON notes (owner, changed_at)',
    ],
  },
  {
    id: 'notes-2',
    up: () => [
      `CREATE TABLE IF NOT EXISTS note_pictures (
        note text PRIMARY KEY, file text NOT NULL, type text NOT NULL, name text NOT NULL, alt text NOT NULL
      )`,
    ],
  },
]

/** `db` has the tables above and none of Holdfast's: `holdfast.database<NotesSchema>()`. */
export function createNotes(db: Kysely<NotesSchema>, now: () => number = Date.now) {
  const removed: ((note: Note) => unknown)[] = []
  const pictured = () =>
    db
      .selectFrom('notes')
      .leftJoin('note_pictures', 'note_pictures.note', 'notes.id')
      .selectAll('notes')
      .select(['note_pictures.file', 'note_pictures.type', 'note_pictures.name', 'note_pictures.alt'])

  async function find(owner: string, id: string): Promise<Note | undefined> {
    const row = await pictured().where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
    return row && toNote(row)
  }

  return {
    find,
    async list(owner: string, search: string): Promise<Note[]> {
      let query = pictured().where('owner', '=', owner).orderBy('changed_at', 'desc').limit(AT_MOST)
      if (search !== '') query = query.where((on) => on.or([contains('title', search), contains('text', search)]))
      return (await query.execute()).map(toNote)
    },
    async add(owner: string, { title, text }: Content, picture?: Picture): Promise<Note> {
      const row = { id: randomUUID(), owner, title, text, changed_at: now() }
      await db.transaction().execute(async (on) => {
        await on.insertInto('notes').values(row).execute()
        if (picture)
          await on
            .insertInto('note_pictures')
            .values({ note: row.id, ...picture })
            .execute()
      })
      return toNote({ ...row, ...picture })
    },
    async change(owner: string, id: string, { title, text }: Content): Promise<boolean> {
      const changes = { title, text, changed_at: now() }
      const { numUpdatedRows } = await db
        .updateTable('notes')
        .set(changes)
        .where('owner', '=', owner)
        .where('id', '=', id)
        .executeTakeFirst()
      return numUpdatedRows === 1n
    },
    async remove(owner: string, id: string): Promise<boolean> {
      const note = await find(owner, id)
      if (!note) return false
      const { numDeletedRows } = await db.transaction().execute(async (on) => {
        await on.deleteFrom('note_pictures').where('note', '=', id).execute()
        return on.deleteFrom('notes').where('owner', '=', owner).where('id', '=', id).executeTakeFirst()
      })
      if (numDeletedRows !== 1n) return false
      for (const tell of removed) await tell(note)
      return true
    },
    /** Calls back with every note that was removed: its picture is a file that goes with it. */
    onRemoved: (tell: (note: Note) => unknown) => void removed.push(tell),
    /** For administrators: the latest. */
    async everybodys(): Promise<Note[]> {
      return (await db.selectFrom('notes').selectAll().orderBy('changed_at', 'desc').limit(LATEST).execute()).map(toNote)
    },
  }
}

/** The text is bound, never written into the query; its own `%` and `_` are characters, not wildcards. */
function contains(column: 'title' | 'text', search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`
  return sql<boolean>`lower(${sql.ref(column)}) like lower(${pattern}) escape '\\'`
}

type Row = NotesSchema['notes'] & { readonly [Name in keyof Picture]?: string | null }

function toNote({ id, owner, title, text, changed_at, file, type, name, alt }: Row): Note {
  const note = { id, owner, title, text, changedAt: Number(changed_at) }
  return file && type && name && alt ? { ...note, picture: { file, type, name, alt } } : note
}
