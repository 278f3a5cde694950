/**
 * The door of a session that an application on Flask opened, for a time of moving from it. Who comes has proved nothing to us but that the
 * old application took them for this user: it is worth what a remembered browser is, asks for the second factor as ever, and each cookie
 * opens one session, so that a copy is worth nothing after its owner came.
 * Sources: OWASP Session Management Cheat Sheet; L25, L49.
 */
import type { FlaskSessionDoor } from '../recovery/types.ts'
import type { Attempt } from '../throttle/throttle.ts'
import type { Origin, SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'flask-session'
const DENIED: SignIn = { ok: false, reason: 'denied' }

/** Opens the door. */
export function flaskSessionDoor({ database, once, names, gate, emit, now }: DoorSetting): FlaskSessionDoor {
  /** Nobody guesses a signature, and the owner is not kept out by guesses at their password: failures are told, and not counted. */
  function attemptOf(mark: string, from: Origin): Attempt {
    return {
      ...{ door: NAME, mark, failedBefore: false },
      succeed: async () => {},
      cancel: async () => {},
      async fail(userId) {
        emit({ type: 'authn_login_fail', data: { door: NAME, login: mark, userId } }, from.exchange)
      },
    }
  }

  return {
    async signIn({ login, cookie, life, replaces }, from) {
      const { key, mark } = names(login)
      const user = await database.kysely.selectFrom('hf_users').select('id').where('login_key', '=', key).executeTakeFirst()
      if (!user) return DENIED
      const attempt = attemptOf(mark, from)
      const { ok: first } = await once.incrementIf(`accounts:flask-session:${cookie}`, 1, life, now())
      if (!first) {
        await attempt.fail(user.id)
        return DENIED
      }
      return await gate.complete({ userId: user.id, from, attempt, replaces }, [{ door: NAME, amr: 'rmb', at: now() }])
    },
  }
}
