/** What the application keeps of its own, and the tables for it. */
import type { Holdfast } from 'holdfast'
import type { Migration } from 'holdfast/store'
import { createMessages, messageMigrations, type MessagesSchema } from './messages.ts'
import { createNotes, noteMigrations, type NotesSchema } from './notes.ts'

export type Data = ReturnType<typeof createData>

/** Applied at the start, or by `holdfast migrate --with data.ts` where the application may not make tables. */
export const migrations: readonly Migration[] = [...noteMigrations, ...messageMigrations]

/** What is handed out knows these tables and none of Holdfast's. */
export function createData({ database }: Pick<Holdfast, 'database'>) {
  return { notes: createNotes(database<NotesSchema>()), messages: createMessages(database<MessagesSchema>()) }
}
