/**
 * The proof that somebody reads the mail of the address their account has. It is bound to exactly that address: when the account has
 * another by the time the link is used, the link verifies nothing (L28). It signs nobody in, so who finds the letter gains nothing.
 * Sources: OWASP ASVS 5.0 6.3.7; lessons L25, L28, L37; CVE-2026-32700.
 */
import { act } from '../../engine/act.ts'
import { after } from '../../store/maybe.ts'
import { addressOf, AddressTaken } from '../addresses/addresses.ts'
import { changeAddress, reportAddress, type AddressChanged } from '../addresses/change-address.ts'
import { lockUser } from '../lock.ts'
import type { VerifyAddressDoor } from '../newcomers/types.ts'
import type { Origin } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'verify-address'
const LIFE = 86_400_000
const VOID = { ok: false, reason: 'void' } as const

interface Row {
  readonly address: string
  readonly verified_at: number | null
}

/** Opens the door. */
export function verifyAddressDoor({ database, links, post, names, asks, gate, emit, now }: DoorSetting): VerifyAddressDoor {
  const statement = database.statement<Row>('SELECT address, verified_at FROM hf_addresses WHERE user_id = ?')

  async function verify(
    userId: string,
    token: string,
    { exchange }: Origin,
  ): Promise<(AddressChanged & { readonly text: string }) | undefined> {
    return await act(database, emit, async (tx, tell) => {
      // The user before the link, the same order as everywhere: see lock.ts.
      const user = await lockUser(tx, database.dialect, userId)
      const link = user && (await links.consume(tx, NAME, token))
      const current = await addressOf(tx, userId)
      if (!user || !gate.admits(user.status) || link?.userId !== userId) return undefined
      if (current === undefined || current.text !== link.address) return undefined
      const changed = await changeAddress(tx, database.dialect, { userId, address: current, verified: true, now: now() })
      if (!changed) return undefined
      await reportAddress(tell, userId, changed, { actor: { kind: 'user', id: userId }, exchange })
      return { ...changed, text: current.text }
    })
  }

  return {
    of: (userId) => after(statement.get(userId), (row) => row && { address: row.address, verified: row.verified_at !== null }),

    async ask(userId, from) {
      const stored = await addressOf(database.kysely, userId)
      if (!stored) return { ok: false, reason: 'none' }
      if (stored.verifiedAt !== undefined) return { ok: false, reason: 'verified' }
      const asked = await asks.admit(NAME, names(stored.key).mark, from)
      if (!asked.ok) return { ok: false, reason: 'throttled', retryAfter: asked.retryAfter }
      if (!asked.letter) return { ok: true }
      await database.transaction(async (tx) => {
        const user = await lockUser(tx, database.dialect, userId)
        const current = await addressOf(tx, userId)
        if (!user || !current || current.text !== stored.text) return
        await links.end(tx, userId, [NAME])
        const token = await links.issue(tx, { purpose: NAME, userId, address: current.text, life: LIFE })
        const facts = { link: post.linkTo(NAME, token), login: user.login, hours: String(LIFE / 3_600_000) }
        await post.write(tx, 'verify-address', current.text, facts)
      })
      emit({ type: 'authn_verification_asked', data: { userId } }, from.exchange)
      return { ok: true }
    },

    async read(token) {
      const link = await links.read(NAME, token)
      if (link?.userId === undefined) return undefined
      const [user, current] = [
        await database.kysely.selectFrom('hf_users').select(['login', 'status']).where('id', '=', link.userId).executeTakeFirst(),
        await addressOf(database.kysely, link.userId),
      ]
      if (!user || !gate.admits(user.status) || current === undefined || current.text !== link.address) return undefined
      return { address: current.text, login: user.login }
    },

    async confirm(token, from) {
      const userId = (await links.read(NAME, token))?.userId
      if (userId === undefined) return VOID
      try {
        const verified = await verify(userId, token, from)
        if (verified === undefined) return VOID
        return { ok: true, address: verified.text }
      } catch (error) {
        if (error instanceof AddressTaken) return { ok: false, reason: 'taken' }
        throw error
      }
    },
  }
}
