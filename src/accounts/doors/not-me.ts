/**
 * "This was not me": the link of a security notice. It ends all that is open and makes the password void; it lets nobody in and locks nobody
 * out, because recovery by mail stays. Good for a week, once, and for the address it went to alone (L25, L36).
 * Sources: OWASP ASVS 5.0 6.3.5; NIST SP 800-63B-4 section 4.6.
 */
import { act } from '../../engine/act.ts'
import { addressOf } from '../addresses/addresses.ts'
import { lockUser } from '../lock.ts'
import { closeAccount, happenedAt, reportClosed } from '../profile/close.ts'
import { unlessBusy } from '../busy.ts'
import { note, NOTICES, type Notice } from '../profile/note.ts'
import { stay } from '../profile/leaving.ts'
import type { NotMeDoor } from '../profile/types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'not-me'
const VOID = { ok: false, reason: 'void' } as const

/** Opens the door. */
export function notMeDoor(setting: DoorSetting): NotMeDoor {
  const { database, links, credentials, gate, emit, now } = setting

  return {
    async read(token) {
      const link = await links.read(NAME, token)
      const stored = link?.userId === undefined ? undefined : await addressOf(database.kysely, link.userId)
      const about = String(link?.data['about'])
      if (stored?.verifiedAt === undefined || stored.key !== link?.address) return undefined
      return Object.hasOwn(NOTICES, about) ? NOTICES[about as Notice] : undefined
    },

    async act(token, from) {
      const userId = (await links.read(NAME, token))?.userId
      if (userId === undefined) return VOID
      const unusable = await unlessBusy(credentials.unusable())
      if ('reason' in unusable) return unusable
      const closed = await act(database, emit, async (tx, tell) => {
        const user = await lockUser(tx, database.dialect, userId)
        const link = user && (await links.consume(tx, NAME, token))
        const stored = await addressOf(tx, userId)
        const bound = link?.userId === userId && stored?.verifiedAt !== undefined && stored.key === link.address
        if (!user || !bound || !(gate.admits(user.status) || (await stay(tx, userId)))) return undefined
        await note(tx, { userId, about: NAME, now: now() })
        const done = await closeAccount(setting, tx, { userId, why: NAME, unusable, happened: happenedAt(link) })
        await reportClosed(tell, userId, NAME, { closed: done, from })
        return done
      })
      return closed ? { ok: true } : VOID
    },
  }
}
