/**
 * What is done to accounts when something is wrong: for responses to incidents, which know no accounts. All of it could be done one account
 * at a time elsewhere; here it is by the id of what was seen, or for everybody.
 */
import { act } from '../engine/act.ts'
import type { Emit } from '../engine/events.ts'
import { addressOf } from './addresses/addresses.ts'
import type { CredentialGate } from './credentials.ts'
import { fanOut } from './fan-out.ts'
import { nameOf, readId } from './ids.ts'
import { lockUser } from './lock.ts'
import { note } from './profile/note.ts'
import { splitRoles, type Roles } from './users/roles.ts'
import type { AccountsDatabase } from './schema.ts'
import type { Actor, Sessions } from './types.ts'

export interface Emergency {
  /** Whose session, API key or app has this public id. */
  ownerOf(kind: 'session' | 'api-key' | 'app', id: string): Promise<string | undefined>
  /** Ids of the active users who may everything. */
  administrators(): Promise<readonly string[]>
  /** How many users have sessions or apps that live, and how many these are. */
  signedIn(): Promise<{ readonly users: number; readonly sessions: number }>
  /** Ends all sessions and apps of everybody; returns how many. */
  endEverybodys(actor: Actor): Promise<number>
  /** Makes a password useless and ends all that is open; recovery by mail stays. False: there is no such user. */
  voidPassword(userId: string, actor: Actor): Promise<boolean>
  /** Puts down that the owner must hear of something unusual; whether there is an address that is known to be theirs. */
  tellOwner(userId: string): Promise<boolean>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly roles: Roles
  readonly sessions: Pick<Sessions, 'endAll'>
  readonly credentials: Pick<CredentialGate, 'unusable' | 'makeVoid'>
  readonly emit: Emit
  readonly now: () => number
}

const TABLES = { session: 'hf_sessions', 'api-key': 'hf_api_keys', app: 'hf_refresh' } as const
const PAGE = 200

export function createEmergency({ database, roles, sessions, credentials, emit, now }: Setting): Emergency {
  const { kysely, dialect } = database

  /** Those with something that lives, some at a time: ending it takes them out of the list. */
  async function withLiving(limit: number): Promise<readonly string[]> {
    const rows = await kysely
      .selectFrom('hf_sessions')
      .select('user_id')
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now())
      .union(kysely.selectFrom('hf_refresh').select('user_id').where('ended_at', 'is', null).where('expires_at', '>', now()))
      .limit(limit)
      .execute()
    return rows.map(({ user_id: userId }) => userId)
  }

  async function countLiving(table: 'hf_sessions' | 'hf_refresh'): Promise<number> {
    const { count } = await kysely
      .selectFrom(table)
      .select((eb) => eb.fn.count<number>('id').distinct().as('count'))
      .where('ended_at', 'is', null)
      .where('expires_at', '>', now())
      .executeTakeFirstOrThrow()
    return Number(count)
  }

  return {
    async ownerOf(kind, id) {
      const row = await kysely.selectFrom(TABLES[kind]).select('user_id').where('id', '=', readId(id)).executeTakeFirst()
      return row?.user_id
    },

    async administrators() {
      const rows = await kysely
        .selectFrom('hf_users')
        .select(['id', 'roles'])
        .where('status', '=', 'active')
        .where('kind', '=', 'person')
        .execute()
      const administers = (stored: string) => splitRoles(stored).some((name) => roles.administrators.includes(name))
      return rows.filter((row) => administers(row.roles)).map(({ id }) => id)
    },

    async signedIn() {
      const users = await withLiving(1_000_000)
      return { users: users.length, sessions: (await countLiving('hf_sessions')) + (await countLiving('hf_refresh')) }
    },

    async endEverybodys(actor) {
      let ended = 0
      for (;;) {
        const page = await withLiving(PAGE)
        let now = 0
        for (const userId of page) now += await sessions.endAll(userId, actor)
        ended += now
        if (now === 0) return ended
      }
    },

    async voidPassword(id, actor) {
      const userId = readId(id)
      const unusable = await credentials.unusable()
      return await act(database, emit, async (tx, tell) => {
        if ((await lockUser(tx, dialect, userId)) === undefined) return false
        await credentials.makeVoid(tx, userId, unusable)
        const ended = await fanOut(tx, 'password-void', userId, { now: now() })
        const data = { userId, actor: nameOf(actor) }
        await tell({ type: 'authn_password_change', level: 'warn', data: { ...data, void: true } })
        if (ended.length > 0) await tell({ type: 'session_ended', data: { ...data, sessions: ended, reason: 'password-void' } })
        return true
      })
    },

    async tellOwner(id) {
      const userId = readId(id)
      return await database.transaction(async (tx) => {
        if ((await addressOf(tx, userId))?.verifiedAt === undefined) return false
        await note(tx, { userId, about: 'unusual', now: now() })
        return true
      })
    },
  }
}
