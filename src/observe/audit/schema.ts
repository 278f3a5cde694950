/** The tables of the audit log, and what an application needs to be allowed on them. */
import { sql } from 'kysely'
import type { Database, Migration } from '../../store/database.ts'

export interface AuditTable {
  /** The order of writing, over all chains. */
  n: number
  chain: number
  seq: number
  at: number
  type: string
  level: string
  control: string
  request_id: string | null
  method: string | null
  client: string | null
  principal: string | null
  impersonator: string | null
  path: string | null
  data: string | null
  user_id: string | null
  actor_id: string | null
  session: string | null
  api_key: string | null
  /** NULL once the part was blanked; then its digest stands beside it. */
  who_salt: string | null
  what_salt: string | null
  who_digest: string | null
  what_digest: string | null
  hash: string
  /** 1 where the event was written long after it happened. Not hashed: it only helps a search for times. */
  late: number | null
}

/** One chain: of one process, of one class. */
export interface ChainTable {
  id: number
  name: string
  began_at: number
}

export interface CheckpointTable {
  chain: number
  size: number
  at: number
  /** The chain's hash at this size. */
  hash: string
  /** The roots of the whole subtrees, base64url with spaces between. */
  range: string
  note: string
}

/** What stands for events that were removed: all of the chain up to `size`. */
export interface TombstoneTable extends CheckpointTable {
  from_at: number
  to_at: number
}

/** Acts that were recorded in their transaction, and are not in a chain yet. */
export interface IntakeTable {
  id: string
  at: number
  body: string
}

export interface AuditSchema {
  hf_audit: AuditTable
  hf_audit_chains: ChainTable
  hf_audit_checkpoints: CheckpointTable
  hf_audit_tombstones: TombstoneTable
  hf_audit_intake: IntakeTable
}

export type AuditDatabase = Database<AuditSchema>

/**
 * What the application does with each table. Whoever may do no more cannot change what was written: redaction and retention are
 * commands, and run as the owner.
 */
export const AUDIT_GRANTS: Readonly<Record<string, readonly string[]>> = {
  hf_audit: ['INSERT', 'SELECT'],
  hf_audit_chains: ['INSERT', 'SELECT'],
  hf_audit_checkpoints: ['INSERT', 'SELECT'],
  hf_audit_tombstones: ['SELECT'],
  hf_audit_intake: ['INSERT', 'SELECT', 'UPDATE', 'DELETE'],
}
/** Sequences of PostgreSQL: `USAGE` on them. */
export const AUDIT_SEQUENCES: readonly string[] = ['hf_audit_n', 'hf_audit_chain']

const COLUMNS = `chain bigint NOT NULL, seq bigint NOT NULL, at bigint NOT NULL, type text NOT NULL, level text NOT NULL,
  control text NOT NULL, request_id text, method text, client text, principal text, impersonator text, path text, data text,
  user_id text, actor_id text, session text, api_key text,
  who_salt text, what_salt text, who_digest text, what_digest text, hash text NOT NULL, late smallint`
const SIGNED = `chain bigint NOT NULL, size bigint NOT NULL, at bigint NOT NULL, hash text NOT NULL, range text NOT NULL, note text NOT NULL`
/**
 * The order of writing, for who asks for nothing else. Under its plain name PostgreSQL would take it for any search, and walk back
 * through all events of another kind in the hope to meet one soon. See docs/decisions/0059.
 */
export const orderOf = (dialect: Database['dialect']): string => (dialect === 'postgres' ? '(n + 0)' : 'n')
/** A type has one level as a rule. Asked for both, one look must tell that it never had another: so they are one thing to be found by. */
export const KIND = "(type || ' ' || level)"
/** Of so many events the time of one is indexed: that says between which numbers to look. */
export const SAMPLE = 256

/** Found by these: of each a few among millions. */
const RARE = ['user_id', 'actor_id', 'client', 'session', 'api_key', 'request_id']
const COMMON = ['type', 'level', 'control']
const LATE = 'CREATE INDEX hf_audit_late ON hf_audit (at) WHERE late = 1'

/**
 * In SQLite the ids of users and addresses would land all over an index, and each batch would write most of its pages. So they are
 * indexed in runs of 4096 events: what is written stays together, and a search asks run after run. See docs/decisions/0051.
 */
export const RUN_BITS = 12
const sqliteTables = [
  `CREATE TABLE hf_audit (n integer PRIMARY KEY, ${COLUMNS})`,
  'CREATE UNIQUE INDEX hf_audit_seq ON hf_audit (chain, seq)',
  'CREATE INDEX hf_audit_at ON hf_audit (at, n) WHERE n % 256 = 0',
  LATE,
  ...COMMON.map((column) => `CREATE INDEX hf_audit_${column} ON hf_audit (${column})`),
  ...RARE.map(
    (column) => `CREATE INDEX hf_audit_${column} ON hf_audit (n >> ${RUN_BITS}, ${column}) WHERE ${column} IS NOT NULL`,
  ),
  'CREATE TABLE hf_audit_chains (id integer PRIMARY KEY, name text NOT NULL UNIQUE, began_at bigint NOT NULL)',
]
const postgresTables = [
  'CREATE SEQUENCE hf_audit_n CACHE 1',
  'CREATE SEQUENCE hf_audit_chain',
  `CREATE TABLE hf_audit (n bigint NOT NULL DEFAULT nextval('hf_audit_n'), ${COLUMNS}) PARTITION BY RANGE (at)`,
  'CREATE TABLE hf_audit_rest PARTITION OF hf_audit DEFAULT',
  'CREATE UNIQUE INDEX hf_audit_seq ON hf_audit (chain, seq, at)',
  'CREATE INDEX hf_audit_order ON hf_audit (n)',
  'CREATE INDEX hf_audit_at ON hf_audit (at)',
  LATE,
  ...COMMON.map((column) => `CREATE INDEX hf_audit_${column} ON hf_audit (${column}, n)`),
  ...RARE.map((column) => `CREATE INDEX hf_audit_${column} ON hf_audit (${column}, n) WHERE ${column} IS NOT NULL`),
  `CREATE TABLE hf_audit_chains (id bigint PRIMARY KEY DEFAULT nextval('hf_audit_chain'), name text NOT NULL UNIQUE, began_at bigint NOT NULL)`,
]

export const auditMigrations: readonly Migration[] = [
  {
    id: 'audit-1',
    up: (dialect) => [
      ...(dialect === 'sqlite' ? sqliteTables : postgresTables),
      `CREATE TABLE hf_audit_checkpoints (${SIGNED}, PRIMARY KEY (chain, size))`,
      `CREATE TABLE hf_audit_tombstones (${SIGNED}, from_at bigint NOT NULL, to_at bigint NOT NULL, PRIMARY KEY (chain, size))`,
      'CREATE TABLE hf_audit_intake (id text PRIMARY KEY, at bigint NOT NULL, body text NOT NULL)',
    ],
  },
  {
    id: 'audit-2',
    up: (dialect) =>
      dialect === 'sqlite'
        ? ['DROP INDEX hf_audit_type', `CREATE INDEX hf_audit_type ON hf_audit (${KIND})`]
        : [
            ...['type', 'order', 'at'].map((name) => `DROP INDEX hf_audit_${name}`),
            `CREATE INDEX hf_audit_type ON hf_audit (${KIND}, n)`,
            `CREATE INDEX hf_audit_order ON hf_audit (${orderOf(dialect)})`,
            `CREATE INDEX hf_audit_at ON hf_audit (at, n) WHERE n % ${SAMPLE} = 0`,
          ],
  },
]

/**
 * Makes the partitions of this month and the three after it. Who may not make tables leaves it to `holdfast migrate`; until then
 * rows go to the partition for the rest, and nothing is lost.
 */
export async function makePartitions(database: AuditDatabase, now: number): Promise<void> {
  if (database.dialect !== 'postgres') return
  for (let ahead = 0; ahead <= AHEAD; ahead++) {
    const { name, from, to } = monthOf(now, ahead)
    const text = `CREATE TABLE IF NOT EXISTS ${name} PARTITION OF hf_audit FOR VALUES FROM (${from}) TO (${to})`
    const made = await sql
      .raw(text)
      .execute(database.kysely)
      .then(
        () => true,
        () => false,
      )
    if (!made) return
  }
}

const AHEAD = 3

/** The partition of the month that is so many after this one, in UTC: `hf_audit_202611`. */
export function monthOf(now: number, ahead = 0): { readonly name: string; readonly from: number; readonly to: number } {
  const date = new Date(now)
  const from = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead)
  const to = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + ahead + 1)
  const name = `hf_audit_${new Date(from).toISOString().slice(0, 7).replace('-', '')}`
  return { name, from, to }
}
