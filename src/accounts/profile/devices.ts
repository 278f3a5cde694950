/**
 * Which browsers and networks a user came from before, so that a sign-in from another is told to them, once for each. A device is what its
 * browser calls itself without version numbers (an update is no new device), and its network; a browser that the user told to remember
 * them is known wherever it is. Anybody can call themselves anything: it is a hint for the owner, and opens nothing.
 * Source: OWASP ASVS 5.0 6.3.5.
 */
import { sha256 } from '../../crypto/hash.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { Origin } from '../types.ts'
import { note } from './note.ts'

interface Coming {
  readonly userId: string
  readonly from: Origin
  /** Whether the browser showed that it is known. */
  readonly known: boolean
  readonly now: number
}

/** How long a device is known after it was seen last. */
export const DEVICE_KNOWN_FOR = 180 * 86_400_000

/** Notes the device of a sign-in, in its transaction, and tells the user of one that is new. The first of all is told to nobody. */
export async function seeDevice(tx: AccountsTransaction, { userId, from, known, now }: Coming): Promise<void> {
  const device = deviceOf(from)
  const { numUpdatedRows } = await tx
    .updateTable('hf_devices')
    .set({ seen_at: now })
    .where('user_id', '=', userId)
    .where('device', '=', device)
    .executeTakeFirst()
  if (numUpdatedRows > 0n) return
  const other = await tx.selectFrom('hf_devices').select('device').where('user_id', '=', userId).limit(1).executeTakeFirst()
  await tx.insertInto('hf_devices').values({ user_id: userId, device, seen_at: now }).execute()
  if (other !== undefined && !known) await note(tx, { userId, about: 'new-device', now })
}

function deviceOf({ userAgent, network }: Origin): string {
  return sha256(`${userAgent.replaceAll(/[\d._]+/g, '')}\0${network}`)
}
