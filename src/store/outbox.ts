/**
 * What must leave this process because of something that was written: put down in the same transaction, sent afterwards, tried again
 * until it is gone. So a peer that is down changes no answer and loses nothing (CVE-2024-45231), and a transaction that is rolled back
 * sends nothing. Bodies are sealed: they hold links that open accounts.
 */
import { hash } from 'node:crypto'
import type { Transaction } from 'kysely'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Database, Migration } from './database.ts'

interface OutboxTable {
  id: string
  /** Who sends it: `mail`. */
  channel: string
  /** Sealed under the key ring, with the id and the channel as associated data. */
  body: string
  created_at: number
  /** Not before. */
  due_at: number
  attempts: number
  /** Until then one process is sending it. */
  leased_until: number
  /** It was given up. */
  failed_at: number | null
  /** Why the last attempt failed: words of ours, nothing of the body. */
  last_error: string | null
  /** Digest of what it belongs to: what stands before it in the same line leaves before it. */
  line: string | null
  /** In its line, and among those of one moment. */
  place: number
}

/** When it leaves. */
export interface Leaving {
  /** Not before, in milliseconds since 1970. @default at once */
  readonly at?: number
  /**
   * What it belongs to. Of one line each leaves after those that were put down before it were sent, or given up, whichever process
   * sends them; and these wait no longer than it does. Whoever puts down at the same moment holds a lock of their own.
   */
  readonly line?: string
}

export interface OutboxSchema {
  hf_outbox: OutboxTable
}

export interface Outbox {
  /** Puts `body` down, to be sent by `channel` once the transaction is committed. */
  add(tx: Transaction<any>, channel: string, body: string, leaving?: Leaving): Promise<void>
  /** The work of `add`, and nothing is put down: for who must not learn from the time whether something was. */
  feign(tx: Transaction<any>, channel: string, body: string): Promise<void>
  /** What was put down, or undefined when no key of the ring opens it. */
  open(row: { readonly id: string; readonly channel: string; readonly body: string }): string | undefined
}

export interface OutboxSetting {
  readonly database: Database
  readonly keys: Pick<KeyRing, 'seal' | 'open'>
  readonly random: (bytes: number) => string
  readonly now: () => number
}

export const OUTBOX_PURPOSE = 'store/outbox'

/** Makes the outbox. */
export function createOutbox({ keys, random, now }: OutboxSetting): Outbox {
  return {
    async add(tx: Transaction<OutboxSchema>, channel, body, leaving = {}) {
      const id = random(16)
      const at = now()
      const due = leaving.at ?? at
      const sealed = keys.seal(OUTBOX_PURPOSE, body, [channel, id])
      const state = { created_at: at, due_at: due, attempts: 0, leased_until: 0, failed_at: null, last_error: null }
      const inLine = leaving.line === undefined ? NO_LINE : await joinLine(tx, channel, { line: leaving.line, due })
      await tx
        .insertInto('hf_outbox')
        .values({ id, channel, body: sealed, ...state, ...inLine })
        .execute()
    },

    async feign(tx: Transaction<OutboxSchema>, channel, body) {
      const id = random(16)
      keys.seal(OUTBOX_PURPOSE, body, [channel, id])
      await tx.deleteFrom('hf_outbox').where('id', '=', id).execute()
    },

    open({ id, channel, body }) {
      const opened = keys.open(OUTBOX_PURPOSE, body, [channel, id])
      return opened.ok ? opened.plaintext.toString() : undefined
    },
  }
}

const NO_LINE = { line: null, place: 0 }

/**
 * The end of the line, counted for all of the channel: of two lines, what came first leaves first, also within a millisecond.
 * Nothing before it may be due later: it would hold up what is urgent until the morning.
 */
async function joinLine(
  tx: Transaction<OutboxSchema>,
  channel: string,
  { line: name, due }: { readonly line: string; readonly due: number },
): Promise<{ readonly line: string; readonly place: number }> {
  const line = hash('sha256', name, 'base64url')
  await tx
    .updateTable('hf_outbox')
    .set({ due_at: due })
    .where('line', '=', line)
    .where('channel', '=', channel)
    .where('failed_at', 'is', null)
    .where('due_at', '>', due)
    .execute()
  const { last } = await tx
    .selectFrom('hf_outbox')
    .select((on) => on.fn.max('place').as('last'))
    .where('channel', '=', channel)
    .executeTakeFirstOrThrow()
  return { line, place: Number(last ?? 0) + 1 }
}

export const outboxMigrations: readonly Migration[] = [
  {
    id: 'outbox-1',
    up: (dialect) => [
      `CREATE TABLE hf_outbox (
        id text PRIMARY KEY,
        channel text NOT NULL,
        body text NOT NULL,
        created_at bigint NOT NULL,
        due_at bigint NOT NULL,
        attempts bigint NOT NULL,
        leased_until bigint NOT NULL,
        failed_at bigint
      )${dialect === 'sqlite' ? ' WITHOUT ROWID' : ''}`,
      'CREATE INDEX hf_outbox_due_at ON hf_outbox (channel, due_at)',
    ],
  },
  { id: 'outbox-2', up: () => ['ALTER TABLE hf_outbox ADD COLUMN last_error text'] },
  {
    id: 'outbox-3',
    up: () => [
      'ALTER TABLE hf_outbox ADD COLUMN line text',
      'ALTER TABLE hf_outbox ADD COLUMN place bigint NOT NULL DEFAULT 0',
      'CREATE INDEX hf_outbox_line ON hf_outbox (line, place) WHERE line IS NOT NULL',
    ],
  },
  { id: 'outbox-4', up: () => ['CREATE INDEX hf_outbox_place ON hf_outbox (channel, place)'] },
]
