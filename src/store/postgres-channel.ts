/**
 * Announcements through PostgreSQL: NOTIFY goes out from the place where the writes are, so whoever writes can tell. One channel a
 * schema. Listening takes one connection beside the pool: in the pool it would be handed to others.
 * Source: https://www.postgresql.org/docs/current/sql-notify.html
 */
import { createHash } from 'node:crypto'
import type { Pool } from 'pg'
import type { Channel } from './announcements.ts'

/** @param pool opens it, for a URL */
export function postgresChannel(pool: () => Promise<Pool>): Channel {
  let name: Promise<string> | undefined

  /** Of the schema in which the tables are. Letters and digits alone, so it needs no quotes. */
  async function findName(): Promise<string> {
    const { rows } = await (await pool()).query<{ schema: string | null }>('SELECT current_schema() AS schema')
    return `hf_${createHash('sha256')
      .update(rows[0]?.schema ?? '')
      .digest('hex')
      .slice(0, 32)}`
  }

  async function nameOnce(): Promise<string> {
    name ??= findName()
    name.catch(() => void (name = undefined))
    return await name
  }

  return {
    async publish(text) {
      const channel = await nameOnce()
      await (await pool()).query('SELECT pg_notify($1, $2)', [channel, text])
    },

    async open({ heard, lost }) {
      const channel = await nameOnce()
      const { default: pg } = await import('pg')
      const client = new pg.Client((await pool()).options)
      client.on('error', lost)
      client.on('end', lost)
      client.on('notification', ({ payload }) => heard(payload ?? ''))
      try {
        await client.connect()
        await client.query(`LISTEN ${channel}`)
      } catch (error) {
        await client.end().catch(() => undefined)
        throw error
      }
      return { close: () => client.end() }
    },
  }
}
