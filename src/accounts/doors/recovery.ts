/**
 * A new password for who forgot it, by a link in a letter to the verified address. Whoever asks learns nothing: known, unknown, disabled,
 * unverified and service get the same answer after the same work, and a letter that cannot be sent changes no answer (L73, L75, L76).
 * The link sets a password and gives no session, so the second factor is asked for as ever (L01, L07); it dies with its first use, with
 * the next one, with the address it went to (L36) and with everything else that `fan-out.ts` says.
 * Sources: OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0 6.4.2 to 6.4.4; NIST SP 800-63B-4 section 4.2; CVE-2024-45231, CVE-2025-64101.
 */
import { unlessBusy } from '../busy.ts'
import { addressOf } from '../addresses/addresses.ts'
import { lockUser } from '../lock.ts'
import { createRecipients, type Recipient } from '../mail/recipients.ts'
import { admitAsking } from '../recovery/asking.ts'
import type { PasswordChosen, RecoveryDoor } from '../recovery/types.ts'
import type { AccountsTransaction, UserRow } from '../schema.ts'
import type { PasswordSet } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'recovery'
const EXPIRED = { ok: false, reason: 'expired' } as const

/** Opens the door. */
export function recoveryDoor(setting: DoorSetting): RecoveryDoor {
  const { database, names, links, post, gate, credentials, throttle, emit } = setting
  const recipientOf = createRecipients({ database, names, admits: gate.admits })
  const admit = admitAsking(setting)

  /** The same for nobody, but that what is put down reaches nobody. */
  async function put(recipient: Recipient | undefined, life: number): Promise<void> {
    await database.transaction(async (tx) => {
      const userId = recipient?.userId
      await lockUser(tx, database.dialect, userId ?? '')
      await links.end(tx, userId ?? '', ['recover'])
      const token = await links.issue(tx, { purpose: 'recover', userId, address: recipient?.addressKey, life })
      const data = { link: post.linkTo('recover', token), minutes: String(Math.floor(life / 60_000)) }
      await post.write(tx, 'recover', recipient?.address, data)
    })
  }

  return {
    async ask({ who, life }, from) {
      const allowed = await admit(NAME, from)
      if (!allowed.ok) return { ok: false, reason: 'throttled', retryAfter: allowed.retryAfter }
      const { mark, recipient } = await recipientOf(who)
      // More letters than this to one person, and it is as if there were no such person.
      const letter = await allowed.letterTo(recipient?.userId ?? mark)
      await put(letter ? recipient : undefined, life)
      const userId = letter ? recipient?.userId : undefined
      emit({ type: 'authn_recovery_asked', data: { login: mark, userId, held: letter ? undefined : true } }, from.exchange)
      return { ok: true }
    },

    async read(token) {
      const link = await links.read('recover', token)
      return link?.userId === undefined ? undefined : await choosingOf(setting, link.userId)
    },

    async set({ token, password }, from) {
      const userId = (await links.read('recover', token))?.userId
      if (userId === undefined) return EXPIRED

      /** Disabled since (L35), another address since (L36), used already (L25): nothing is set. */
      async function mayBe(tx: AccountsTransaction, user: UserRow): Promise<boolean> {
        const link = await links.consume(tx, 'recover', token)
        const address = await addressOf(tx, user.id)
        const bound = address?.verifiedAt !== undefined && address.key === link?.address
        return bound && gate.admits(user.status) && user.kind === 'person'
      }

      const chosen = await chosenOf(
        credentials.replace({
          userId,
          password,
          actor: { kind: 'user', id: userId },
          happening: 'password-recovered',
          admit: mayBe,
          exchange: from.exchange,
        }),
      )
      if (!chosen.ok) return chosen
      emit({ type: 'authn_recovery_used', data: { userId } }, from.exchange)
      const user = await choosingOf(setting, userId)
      // The failures of who had forgotten it are forgotten, and of nobody else (L85).
      if (user) await throttle.unlock(names(user.login).mark)
      return chosen
    },
  }
}

/** Whose password it is, and how long it must be. */
export async function choosingOf({ database, credentials }: DoorSetting, userId: string) {
  const user = await database.kysely.selectFrom('hf_users').select('login').where('id', '=', userId).executeTakeFirst()
  return user && { login: user.login, shortest: await credentials.shortest(userId) }
}

/** The gate's answer in the words of the doors. */
export async function chosenOf(
  work: Promise<PasswordSet | { readonly ok: false; readonly reason: 'not-admitted' }>,
): Promise<PasswordChosen> {
  const set = await unlessBusy(work)
  if (set.ok || set.reason === 'busy') return set
  const { reason } = set
  const over = reason === 'not-admitted' || reason === 'unknown-user' || reason === 'service-account'
  return over ? EXPIRED : { ok: false, reason }
}
