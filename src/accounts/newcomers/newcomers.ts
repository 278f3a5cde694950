/**
 * How somebody with a link comes to have an account: password checked and hashed first, then link, user and verified address in one
 * transaction, and then through the gate like everybody. Address and roles come from the link; no user, and no password of anybody,
 * is there before (L41, L94). Sources: OWASP ASVS 5.0 6.4.1, 7.2.4; GHSA-g38m-r43w-p2q7; CVE-2023-48220.
 */
import { act } from '../../engine/act.ts'
import { unlessBusy } from '../busy.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { Emit } from '../../engine/events.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import { AddressTaken, ownerOf, readAddress, type MailAddress, type On } from '../addresses/addresses.ts'
import { noteRights } from '../approvals/rights.ts'
import { replaceCodes } from '../factors/recovery-codes.ts'
import type { Gate, GivenProof } from '../gate.ts'
import type { Link, Links } from '../mail/links.ts'
import type { Draft, Drafts } from './new-user.ts'
import type { NewPasskeys, PreparedPasskey } from '../passkeys/new-passkeys.ts'
import type { Entered, NewAccount, SignUpPolicy } from './types.ts'
import { splitRoles, type Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import { joinTenant } from '../tenants/join.ts'
import type { Attempt, Throttle } from '../throttle/throttle.ts'
import type { Origin } from '../types.ts'

/** What the link gives. */
export interface Terms {
  readonly roles: readonly string[]
  /** Of which tenant they become a member, and as what. */
  readonly tenant?: { readonly id: string; readonly roles: readonly string[] }
  /** Who invited, as the log names them. */
  readonly invitedBy?: string
}

export interface Entry {
  /** Name of the door, and purpose of its links. */
  readonly door: 'sign-up' | 'invitation'
  readonly account: NewAccount
  readonly from: Origin
  /** What a link gives at this moment; `undefined` when it gives nothing any more. Asked again in the transaction. */
  readonly terms: (on: On, link: Link) => Promise<Terms | undefined>
}

interface Setting {
  readonly database: AccountsDatabase
  readonly links: Links
  readonly drafts: Drafts
  readonly throttle: Throttle
  readonly gate: Gate
  readonly policy: SignUpPolicy
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly newPasskeys: NewPasskeys
  readonly emit: Emit
  readonly now: () => number
}

type Failure = Extract<Entered, { ok: false }>

/** Why it was not written. */
type Clash = 'void' | 'taken' | 'login-taken' | 'passkey-refused'

/** What came with the account beside a password: a passkey is a factor, so there are recovery codes. */
interface FirstFactor {
  readonly proof?: GivenProof
  readonly recoveryCodes?: readonly Secret[]
}

const VOID: Failure = { ok: false, reason: 'void' }

/** Makes what the doors of newcomers share. */
export function createNewcomers(setting: Setting) {
  const { database, links, drafts, throttle, gate, policy, newPasskeys, emit, now } = setting
  const byAddress = policy.login === 'address'

  async function write(
    { door, account, from, terms }: Entry,
    draft: Draft,
    address: MailAddress,
    passkey: PreparedPasskey | undefined,
  ): Promise<Clash | FirstFactor> {
    try {
      return await act(database, emit, async (tx, tell) => {
        // Looked at before the link is used up: who owns the address may still accept an invitation.
        if (await ownerOf(tx, address)) return 'taken'
        const link = await links.consume(tx, door, account.token)
        const found = link && (await terms(tx, link))
        if (!found) return 'void'
        const { id } = draft.row
        await drafts.write(tx, draft)
        if (found.invitedBy !== undefined) await noteRights(tx, id, found.invitedBy, now())
        const tenant = await joinTenant(tx, id, found, setting)
        const { invitedBy } = found
        const data = { userId: id, roles: splitRoles(draft.row.roles), door, invitedBy, actor: `user:${id}` }
        await tell({ type: 'user_created', data }, from.exchange)
        const entered = tenant && { userId: id, tenant: tenant.id, from: [], to: tenant.roles, actor: invitedBy }
        if (entered) await tell({ type: 'authz_change', data: entered }, from.exchange)
        if (passkey === undefined) return {}
        return { proof: await newPasskeys.insert(tx, id, passkey), recoveryCodes: await replaceCodes(tx, id) }
      })
    } catch (error) {
      if (error instanceof AddressTaken) return 'taken'
      if (!isUniqueViolation(error)) throw error
      return byAddress ? 'taken' : 'login-taken'
    }
  }

  /** A clash counts as a guess: of names that are taken, and of links. */
  async function refuse(attempt: Attempt, reason: Clash): Promise<Failure> {
    await attempt.fail()
    return { ok: false, reason }
  }

  return {
    /** Makes the account that the link stands for, and signs in. Never rejects for what a client sent. */
    async enter(entry: Entry): Promise<Entered> {
      const { door, account, from, terms } = entry
      const admission = await throttle.admit(door, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const link = await links.read(door, account.token)
      const address = readAddress(link?.address ?? '')
      const given = link && (await terms(database.kysely, link))
      if (!address || !given) return await refuse(attempt, 'void')
      const { name, password } = account
      const { passkey: response } = account
      const passkey = response === undefined ? undefined : await newPasskeys.confirmFor({ holder: account.token }, response)
      if (response === undefined ? !password : !passkey) return await refuse(attempt, 'passkey-refused')
      const login = byAddress ? address.text : account.login
      const own = passkey ? {} : { password: password! }
      const drafted = await unlessBusy(
        drafts.prepare({ login, name, roles: given.roles, ...own, address: address.text, addressVerified: true }),
      )
      if (!drafted.ok) {
        await attempt.cancel()
        const { reason } = drafted
        if (reason === 'busy') return drafted
        return reason === 'role-unknown' || reason === 'address-invalid' || reason === 'hash-unreadable'
          ? VOID
          : { ok: false, reason }
      }
      const written = await write(entry, drafted.draft, address, passkey)
      if (typeof written === 'string') return await refuse(attempt, written)
      const { id: userId } = drafted.draft.row
      const { proof = { door, amr: 'pwd', at: now() }, recoveryCodes } = written
      if (recoveryCodes) {
        emit({ type: 'authn_factor_enrolled', data: { userId, kind: 'passkey' } }, from.exchange)
        emit({ type: 'authn_recovery_codes_made', data: { userId } }, from.exchange)
      }
      // One proof: with that of the mailbox beside a password the session would be of level 2, and this account has no second factor.
      const passed = await gate.complete({ userId, from, attempt, replaces: account.replaces }, [proof])
      return passed.ok ? { ...passed, recoveryCodes } : VOID
    },
  }
}

export type Newcomers = ReturnType<typeof createNewcomers>
