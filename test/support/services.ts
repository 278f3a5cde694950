/**
 * The real servers that tests run against. Each is looked for once: a missing one gives the reason to skip with, or with
 * HOLDFAST_TEST_REQUIRE=1 fails the run, so that a build machine cannot pass by skipping.
 *
 *     const server = await postgresUrl()
 *     describe('…', { skip: 'skip' in server && server.skip }, () => { … })
 */
import { randomBytes } from 'node:crypto'
import { accessSync, constants } from 'node:fs'
import { sql } from 'kysely'
import { createClient } from 'redis'
import type { Database } from '../../src/store/database.ts'
import { withDeadline } from '../../src/store/maybe.ts'
import { postgres } from '../../src/store/postgres.ts'

export type Service = { readonly url: string } | { readonly skip: string }

const PROBE_TIMEOUT = 2000

const once = new Map<string, Promise<Service>>()

/** `HOLDFAST_TEST_POSTGRES`, or the server at the usual port. */
export function postgresUrl(): Promise<Service> {
  return probeOnce('PostgreSQL', 'HOLDFAST_TEST_POSTGRES', 'postgres://root@127.0.0.1:5432/test', async (url) => {
    const database = postgres(url, { poolSize: 1 })
    await database.ping().finally(() => database.close())
  })
}

/** `HOLDFAST_TEST_REDIS`, or the server at the usual port. */
export function redisUrl(): Promise<Service> {
  return probeOnce('Redis', 'HOLDFAST_TEST_REDIS', 'redis://127.0.0.1:6379', async (url) => {
    const client = createClient({ url, socket: { reconnectStrategy: false, connectTimeout: PROBE_TIMEOUT } })
    client.on('error', () => {})
    await client.connect()
    await client.ping().finally(() => client.destroy())
  })
}

/** `HOLDFAST_TEST_CHROMIUM`, or /usr/bin/chromium: the path of the executable in `url`. */
export function chromiumPath(): Promise<Service> {
  return executable('Chromium', 'HOLDFAST_TEST_CHROMIUM', '/usr/bin/chromium')
}

/** A program of this machine: its path in `url`. */
export function executable(name: string, variable: string, usual: string): Promise<Service> {
  return probeOnce(name, variable, usual, async (path) => accessSync(path, constants.X_OK))
}

/** `HOLDFAST_TEST_PROMETHEUS`, or /usr/bin/prometheus: the path of the executable in `url`. `promtool` lies beside it. */
export function prometheusPath(): Promise<Service> {
  return probeOnce('Prometheus', 'HOLDFAST_TEST_PROMETHEUS', '/usr/bin/prometheus', async (path) => {
    for (const name of [path, path.replace(/[^/]*$/, 'promtool')]) accessSync(name, constants.X_OK)
  })
}

/** A database in a schema of its own; `close()` drops it. Several test files run at once. */
export async function freshPostgres(): Promise<Database & { readonly url: string }> {
  const server = needed(await postgresUrl())
  const schema = `hf_test_${randomBytes(8).toString('hex')}`
  await asAdmin(server, `CREATE SCHEMA ${schema}`)
  const url = new URL(server)
  url.searchParams.set('options', `-c search_path=${schema}`)
  const database = postgres(url.href.replaceAll('+', '%20'), { poolSize: 5 })
  let closing: Promise<void> | undefined
  const close = (): Promise<void> =>
    (closing ??= database.close().then(() => asAdmin(server, `DROP SCHEMA IF EXISTS ${schema} CASCADE`)))
  return { ...database, url: url.href.replaceAll('+', '%20'), close }
}

/** Databases for one test of a file after the other. The schema is made once, for its tables cost more than what is tried, and emptied between. */
export interface InTurn<Made extends Database> {
  /** An empty one, with connections of its own; those of the test before are closed, whatever it left running. */
  open(): Promise<Made>
  close(): Promise<void>
}

export function postgresInTurn(): InTurn<Database & { readonly url: string }> {
  return inTurn(async () => {
    const schema = await freshPostgres()
    return { admin: schema, open: () => ({ ...postgres(schema.url, { poolSize: 5 }), url: schema.url }), close: schema.close }
  })
}

/** `make` is asked once for what `open` then connects to; `admin` may do everything there. */
export function inTurn<Made extends Database>(
  make: () => Promise<{ readonly admin: Database; open(): Made; close(): Promise<void> }>,
): InTurn<Made> {
  let made: Awaited<ReturnType<typeof make>> | undefined
  let current: Made | undefined
  return {
    async open() {
      await current?.close()
      if (made === undefined) made = await make()
      else await empty(made.admin)
      const opened = made.open()
      let closing: Promise<void> | undefined
      return (current = { ...opened, close: () => (closing ??= opened.close()) })
    },
    async close() {
      await current?.close()
      await made?.close()
    },
  }
}

/** Every row of every table but the one that says which there are. Rows are few: this is quicker than TRUNCATE, which writes files. */
async function empty({ kysely }: Database): Promise<void> {
  await sql`DO $$
    DECLARE name text;
    BEGIN
      SET LOCAL session_replication_role = replica;
      FOR name IN SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema() AND tablename <> 'hf_migrations'
      LOOP EXECUTE 'DELETE FROM ' || name; END LOOP;
      FOR name IN SELECT quote_ident(sequencename) FROM pg_sequences WHERE schemaname = current_schema()
      LOOP PERFORM setval(name::regclass, 1, false); END LOOP;
    END $$`.execute(kysely)
}

/** A key prefix of its own; `clear()` deletes what stands behind it. */
export async function freshRedis(): Promise<{ readonly url: string; readonly prefix: string; clear(): Promise<void> }> {
  const url = needed(await redisUrl())
  const prefix = `hf_test_${randomBytes(8).toString('hex')}:`
  return { url, prefix, clear: () => clearRedis(url, prefix) }
}

async function clearRedis(url: string, prefix: string): Promise<void> {
  const client = createClient({ url })
  await client.connect()
  try {
    for await (const keys of client.scanIterator({ MATCH: `${prefix}*`, COUNT: 1000 }))
      if (keys.length > 0) await client.del(keys)
  } finally {
    client.destroy()
  }
}

async function asAdmin(url: string, text: string): Promise<void> {
  const database = postgres(url, { poolSize: 1 })
  await sql
    .raw(text)
    .execute(database.kysely)
    .finally(() => database.close())
}

function probeOnce(name: string, variable: string, usual: string, probe: (address: string) => Promise<void>): Promise<Service> {
  let service = once.get(variable)
  if (service === undefined) once.set(variable, (service = look(name, variable, usual, probe)))
  return service
}

async function look(name: string, variable: string, usual: string, probe: (address: string) => Promise<void>): Promise<Service> {
  const address = process.env[variable] ?? usual
  try {
    await withDeadline(probe(address), PROBE_TIMEOUT, () => new Error(`no answer within ${PROBE_TIMEOUT} ms`))
    return { url: address }
  } catch (error) {
    const skip = `${name} is not there (${error instanceof Error ? error.message : 'unknown error'}); set ${variable} to run this.`
    if (process.env['HOLDFAST_TEST_REQUIRE'] === '1') throw new Error(skip, { cause: error })
    return { skip }
  }
}

function needed(service: Service): string {
  if ('skip' in service) throw new Error(service.skip)
  return service.url
}
