/** What strangers write to us, and its table. */
import { randomUUID } from 'node:crypto'
import type { Kysely } from 'kysely'
import type { Migration } from 'holdfast/store'

export interface Message {
  readonly id: string
  readonly address: string
  readonly text: string
  readonly sentAt: number
}

export interface MessagesSchema {
  messages: { id: string; address: string; text: string; sent_at: number }
}

export type Messages = ReturnType<typeof createMessages>

const LATEST = 50

export const messageMigrations: readonly Migration[] = [
  {
    id: 'messages-1',
    up: () => [
      'CREATE TABLE IF NOT EXISTS messages (id text PRIMARY KEY, address text NOT NULL, text text NOT NULL, sent_at bigint NOT NULL)',
      'CREATE INDEX IF NOT EXISTS messages_sent ON messages (sent_at)',
    ],
  },
]

/** `db`: `holdfast.database<MessagesSchema>()`. */
export function createMessages(db: Kysely<MessagesSchema>, now: () => number = Date.now) {
  return {
    async add({ address, message: text }: { readonly address: string; readonly message: string }): Promise<void> {
      await db.insertInto('messages').values({ id: randomUUID(), address, text, sent_at: now() }).execute()
    },
    /** For administrators. */
    async latest(): Promise<Message[]> {
      const rows = await db.selectFrom('messages').selectAll().orderBy('sent_at', 'desc').limit(LATEST).execute()
      return rows.map(({ id, address, text, sent_at }) => ({ id, address, text, sentAt: Number(sent_at) }))
    },
  }
}
