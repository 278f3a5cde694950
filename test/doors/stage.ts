/** Where a way in is tried: an application with every door open, over a database that the test can reach. */
import { sql } from 'kysely'
import { serveEverything } from '../support/approval-api-examples.ts'
import type { Database } from '../../src/store/database.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import { startTesting, type Answer, type Client, type Testing, type TestingOptions } from '../../src/testing/index.ts'
import { idp } from '../support/attack-provider.ts'
import { EVERYTHING } from '../support/api-examples.ts'
import type { Driver } from './driver.ts'
import type { Weakness } from './weakness.ts'

export interface Stage extends Testing {
  readonly database: Database
  /** Whether this client is signed in. */
  isIn(client: Client): Promise<boolean>
  /** Sends a step of this client, or of somebody else. */
  take(step: Step, client: Client): Promise<Answer>
  /** Somebody with the same cookies. */
  copyOf(client: Client): Client
  /** Another application like this one, with more options. */
  again(more: TestingOptions): Promise<Stage>
  /** SQL of the test's own: what no door does. */
  run(text: string): Promise<void>
  columnsOf(table: string): Promise<readonly string[]>
  /** Called when the driver came up to the last step: what is weak from there on. */
  arranged(driver: Driver): Promise<void>
  /** Done when the stage is struck. */
  readonly afterwards: (() => void)[]
}

/** One request. */
export interface Step {
  /** @default 'POST' */
  readonly method?: string
  readonly path: string
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

const JSON_ONLY = { accept: 'application/json' }

/** What it is besides the application as it is delivered. */
export interface Setting {
  /** What the application is started with. */
  readonly options?: TestingOptions | undefined
  /** A defence that is taken away at the way of a driver, to see the invariant fail. */
  readonly weak?: Weakness | undefined
  readonly driver?: Driver | undefined
  /** @default SQLite in memory */
  readonly database?: Database | undefined
}

export async function openStage(setting: Setting = {}): Promise<Stage> {
  const { options: more = {}, weak = {}, driver } = setting
  const database = setting.database ?? weak.database?.() ?? sqlite()
  const afterwards: (() => void)[] = []
  const options: TestingOptions = { ...EVERYTHING, rateLimit: false, ...more, ...weak.options, database }
  const signIn = { ...(EVERYTHING.signIn as object), providers: { idp: idp.configured() }, ...(more.signIn as object) }
  const app = await startTesting((holdfast) => serveEverything(holdfast, 'served'), { ...options, signIn })
  const stage: Stage = {
    ...app,
    database,
    isIn: async (client) => (await client.get('/account/sessions', { headers: JSON_ONLY })).status === 200,
    take: ({ method = 'POST', path, json, headers }, client) =>
      client.send(method, path, { ...(json !== undefined && { json }), headers: { ...JSON_ONLY, ...headers } }),
    copyOf(client) {
      const copy = app.visitor()
      for (const [name, value] of client.cookies) copy.cookies.set(name, value)
      return copy
    },
    again: (options) => openStage({ ...setting, options }),
    async run(text) {
      await sql.raw(text).execute(database.kysely)
    },
    async columnsOf(table) {
      const { rows } = await sql<{ name: string }>`SELECT name FROM pragma_table_info(${table})`.execute(database.kysely)
      return rows.map(({ name }) => name)
    },
    arranged: async (arrived) => await weak.arranged?.(stage, arrived),
    afterwards,
    async [Symbol.asyncDispose]() {
      for (const work of afterwards) work()
      await app[Symbol.asyncDispose]()
    },
  }
  if (driver) await weak.after?.(stage, driver)
  return stage
}
