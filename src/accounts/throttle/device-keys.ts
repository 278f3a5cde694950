/**
 * The key of the device to which a session is bound: written once, never replaced, and gone with the session.
 * Source: W3C, Device Bound Session Credentials.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { AccountsDatabase } from '../schema.ts'

/** A session, as the one who asks knows it. */
interface Whose {
  readonly id: string
  readonly userId: string
}

export interface DeviceKeys {
  /** Binds a living session to a public key (JSON); of many at once one wins, and a session that is bound stays as it is. */
  bind(session: Whose, key: string, x?: Exchange): Promise<boolean>
  of(session: Whose): Promise<string | undefined>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly emit: Emit
  readonly now: () => number
}

/** Makes the service. */
export function createDeviceKeys({ database, emit, now }: Setting): DeviceKeys {
  return {
    async bind({ id, userId }, key, x) {
      const { numUpdatedRows } = await database.kysely
        .updateTable('hf_sessions')
        .set({ device_key: key, bound_at: now() })
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .where('device_key', 'is', null)
        .executeTakeFirst()
      if (numUpdatedRows !== 1n) return false
      emit({ type: 'session_bound', data: { userId, session: id } }, x)
      return true
    },

    async of({ id, userId }) {
      const row = await database.kysely
        .selectFrom('hf_sessions')
        .select('device_key')
        .where('user_id', '=', userId)
        .where('id', '=', id)
        .where('ended_at', 'is', null)
        .executeTakeFirst()
      return row?.device_key ?? undefined
    },
  }
}
