/** The one interface to a SQL database: typed queries through Kysely, and prepared statements for the measured hot paths. */
import type { Dialect, Kysely, Transaction } from 'kysely'
import type { Channel } from './announcements.ts'

/** A value now, or a promise of it: an embedded store answers at once, and a request that needs no I/O stays synchronous. */
export type MaybePromise<T> = T | Promise<T>

/** What may be bound to a parameter. */
export type Value = string | number | bigint | null | Uint8Array

/** A statement prepared once, run often. Parameters are `?` in every dialect. */
export interface Statement<Row> {
  get(...values: Value[]): MaybePromise<Row | undefined>
  all(...values: Value[]): MaybePromise<Row[]>
  run(...values: Value[]): MaybePromise<{ readonly changes: number }>
}

export interface Database<Schema = any> {
  readonly dialect: 'sqlite' | 'postgres'
  /** Whether several processes see the same rows. SQLite in memory does not. */
  readonly shared: boolean
  /** The typed query builder. Each part of Holdfast narrows the schema to its own tables. */
  readonly kysely: Kysely<Schema>
  /** Another query builder on the same connections, with something laid around its dialect. Never destroyed: `close` ends them. */
  derive<Own>(around: (dialect: Dialect) => Dialect): Kysely<Own>
  /**
   * A statement on its own, never part of a transaction, prepared when first run. SQLite answers at once; only while a transaction
   * is under way a write (in memory: a read too) is promised and waits for its end. `?` marks a parameter outside quotes.
   */
  statement<Row>(text: string): Statement<Row>
  /**
   * Runs `work` in one transaction (SQLite: `BEGIN IMMEDIATE`, one at a time). Rejecting rolls back. Inside, use `tx` alone: awaiting
   * `kysely`, `statement` or `transaction` of the database there waits for the transaction that waits for it, and is refused as busy.
   */
  transaction<T>(work: (tx: Transaction<Schema>) => Promise<T>): Promise<T>
  /** How its users tell each other that something was written; absent where there is no way. */
  readonly channel?: Channel
  /** Resolves when the database answers; rejects when it does not. */
  ping(): Promise<void>
  /** Idempotent. Closes only what Holdfast opened: a client that was handed in stays open. */
  close(): Promise<void>
}

/** One step of the schema. `up` may use what both dialects speak, or look at `dialect`. Never changed once released. */
export interface Migration {
  /** `<part>-<number>`, unique: `accounts-1`. */
  readonly id: string
  readonly up: (dialect: Database['dialect']) => readonly string[]
}
