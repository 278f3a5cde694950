/**
 * The door of those who come by themselves: an address, a letter, and only then a user. Whether the address is new, taken, asked for
 * before or unwanted, the asker sees the same, and it costs the same queries and the same number of letters.
 * Sources: OWASP Authentication Cheat Sheet ("Account creation"), CWE-204; lessons L28, L41, L76; GHSA-g38m-r43w-p2q7.
 */
import { ownerOf, readAddress, type MailAddress } from '../addresses/addresses.ts'
import type { SignUpDoor } from '../newcomers/types.ts'
import type { AccountsTransaction } from '../schema.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'sign-up'
const LIFE = 86_400_000

/** Opens the door; it answers `closed` unless everybody may come. */
export function signUpDoor({ database, links, post, names, asks, newcomers, passkeys, signUp, emit }: DoorSetting): SignUpDoor {
  const open = signUp.mode === 'open'

  /** Where the letter to somebody who has an account goes: to what is stored, if there is an address. */
  async function takenBy(tx: AccountsTransaction, address: MailAddress): Promise<string | undefined> {
    const owner = await ownerOf(tx, address)
    const same = await tx.selectFrom('hf_users').select('id').where('login_key', '=', names(address.key).key).executeTakeFirst()
    if (owner) return owner.text
    return same && signUp.login === 'address' ? address.text : undefined
  }

  return {
    async ask(typed, from) {
      if (!open) return { ok: false, reason: 'closed' }
      const address = readAddress(typed)
      if (!address) return { ok: false, reason: 'address-invalid' }
      const { mark } = names(address.key)
      const asked = await asks.admit(NAME, mark, from)
      if (!asked.ok) return { ok: false, reason: 'throttled', retryAfter: asked.retryAfter }
      if (!asked.letter) return { ok: true }
      await database.transaction(async (tx) => {
        const taken = await takenBy(tx, address)
        // Where the address is taken nobody gets the token: the row is written so that both cost the same.
        const token = await links.issue(tx, { purpose: NAME, address: address.text, life: LIFE })
        if (taken === undefined) {
          await post.write(tx, 'sign-up', address.text, { link: post.linkTo(NAME, token), hours: String(LIFE / 3_600_000) })
        } else await post.write(tx, 'already-have-account', taken, { signIn: post.signInPage })
      })
      emit({ type: 'authn_sign_up_asked', data: { login: mark } }, from.exchange)
      return { ok: true }
    },

    async read(token) {
      const address = open ? (await links.read(NAME, token))?.address : undefined
      return address === undefined ? undefined : { address }
    },

    async begin(token) {
      const address = open ? (await links.read(NAME, token))?.address : undefined
      return address === undefined ? undefined : await passkeys.newPasskeys.beginFor({ holder: token, login: address })
    },

    complete(account, from) {
      const terms = async () => (open ? { roles: signUp.roles } : undefined)
      return newcomers.enter({ door: NAME, account, from, terms })
    },
  }
}
