/**
 * The end of a lock, by the link of the letter that told of it. It forgets the failures of this account's password alone: not those of
 * others, not those of the network (L85), and not those of the second factor, whose few guesses a day are what makes it strong.
 * Sources: OWASP Authentication Cheat Sheet ("Account Lockout"); OWASP ASVS 5.0 6.3.1.
 */
import { act } from '../../engine/act.ts'
import { addressOf } from '../addresses/addresses.ts'
import { lockUser } from '../lock.ts'
import type { UnlockDoor } from '../recovery/types.ts'
import type { DoorSetting } from './password.ts'

/** Opens the door. */
export function unlockDoor({ database, links, gate, throttle, knownDevices, names, emit }: DoorSetting): UnlockDoor {
  return {
    read: async (token) => (await links.read('unlock', token)) !== undefined,

    async unlock({ token }, from) {
      const userId = (await links.read('unlock', token))?.userId
      if (userId === undefined) return { ok: false }
      const user = await act(database, emit, async (tx, tell) => {
        const locked = await lockUser(tx, database.dialect, userId)
        const link = await links.consume(tx, 'unlock', token)
        const address = await addressOf(tx, userId)
        const bound = link !== undefined && address?.verifiedAt !== undefined && address.key === link.address
        if (!bound || !locked || !gate.admits(locked.status)) return undefined
        await tell({ type: 'authn_login_unlock', data: { userId, by: 'link' } }, from.exchange)
        return locked
      })
      if (!user) return { ok: false }
      const { mark } = names(user.login)
      await throttle.unlock(mark)
      // In this browser they can go on, however many others guess.
      return { ok: true, knownDevice: knownDevices.issue(mark) }
    },
  }
}
