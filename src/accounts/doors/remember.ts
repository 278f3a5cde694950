/**
 * The door of a browser that remembers somebody: its token opens a session through the gate, and is replaced by the next one. A token
 * that was replaced before is a copy: then the browser, and every session that it opened, ends (L26).
 * Sources: OWASP ASVS 5.0 7.2.4; OWASP Session Management Cheat Sheet; CVE-2026-9802; L25, L26, L110.
 */
import { findBrowser, isCurrent, isTrusted, isUsable, type Presented } from '../browsers/tokens.ts'
import type { BrowserLives, RememberDoor } from '../browsers/types.ts'
import { kindsOf } from '../factors/index.ts'
import { fanOut } from '../fan-out.ts'
import { lockUser } from '../lock.ts'
import { hashOfToken } from '../sessions/token.ts'
import type { Attempt } from '../throttle/throttle.ts'
import type { Origin, SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'remember'
const DENIED: SignIn = { ok: false, reason: 'denied' }

/** Opens the door; it stays shut for as long as remembering is off. */
export function rememberDoor(setting: DoorSetting): RememberDoor {
  const { database, browsers, gate, names, emit, now } = setting
  const { lives } = browsers

  /** Nobody guesses 256 bits, and the owner is not kept out by guesses at their password: failures are told, and not counted. */
  function attemptOf(login: string, from: Origin): Attempt {
    return {
      ...{ door: NAME, mark: names(login).mark, failedBefore: false },
      succeed: async () => {},
      cancel: async () => {},
      async fail(userId) {
        emit({ type: 'authn_login_fail', data: { door: NAME, userId } }, from.exchange)
      },
    }
  }

  async function needsFactor({ user_id: userId }: Presented, { device }: Origin): Promise<SignIn | undefined> {
    const kinds = await kindsOf(database.kysely, userId)
    if (kinds.length === 0 || (await isTrusted(database.kysely, { userId, device, lives, now: now() }))) return undefined
    return { ok: false, reason: 'second-factor', kinds }
  }

  return {
    async signIn({ token, ask = false, replaces }, from) {
      const hash = hashOfToken(token)
      const found = hash === undefined ? undefined : await findBrowser(database.kysely, NAME, hash)
      if (!found || !isOpen(found, lives, now())) return DENIED
      if (!isUsable(found, now())) return await reused(setting, found, from)
      const userId = found.user_id
      const user = await database.kysely
        .selectFrom('hf_users')
        .select(['login', 'status'])
        .where('id', '=', userId)
        .executeTakeFirst()
      if (!user || !gate.admits(user.status)) return DENIED
      const needed = ask ? undefined : await needsFactor(found, from)
      if (needed) return needed
      const proof = { door: NAME, amr: 'rmb', at: now(), credential: { kind: NAME, hash: hash! } } as const
      return await gate.complete({ userId, from, attempt: attemptOf(user.login, from), replaces }, [proof])
    },
  }
}

function isOpen(found: Presented, lives: BrowserLives, now: number): boolean {
  return lives.remember !== undefined && isCurrent(found, lives, now)
}

/** Two hold tokens of one browser, and nobody can tell which is the owner: both are out, and the owner is told. */
async function reused({ database, emit, now }: DoorSetting, found: Presented, from: Origin): Promise<SignIn> {
  const { id, user_id: userId } = found
  const ended = await database.transaction(async (tx) => {
    await lockUser(tx, database.dialect, userId)
    const still = await tx.selectFrom('hf_browsers').select('id').where('id', '=', id).executeTakeFirst()
    if (!still) return undefined
    return await fanOut(tx, 'remember-reused', userId, { family: id, now: now() })
  })
  if (!ended) return DENIED
  emit({ type: 'authn_remember_reused', data: { userId, browser: id, sessions: ended } }, from.exchange)
  return DENIED
}
