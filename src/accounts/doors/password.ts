/**
 * The door of login and password. Unknown name, wrong password, disabled user, no password set: the same queries, the same
 * hashing, the same event, the same answer, so that nothing tells which accounts exist.
 * Sources: OWASP Authentication Cheat Sheet ("Authentication Responses"), CWE-204, CWE-208; CVE-2024-39329, CVE-2025-22234.
 */
import type { Hasher, Verification } from '../../crypto/password/hasher.ts'
import { unlessBusy } from '../busy.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import type { Secret } from '../../crypto/secret.ts'
import type { Emit } from '../../engine/events.ts'
import { FailedPassword } from '../../engine/facts.ts'
import type { Administrators } from '../users/administrators.ts'
import type { ApprovalGate, Approvals } from '../approvals/types.ts'
import type { Browsers } from '../browsers/types.ts'
import type { CredentialGate } from '../credentials.ts'
import type { GivenProof, Gate, Knocking, Passed } from '../gate.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import type { MaybePromise } from '../../store/database.ts'
import { after } from '../../store/maybe.ts'
import { selectWithHash } from '../hashes/hashes.ts'
import type { FactorSetting } from '../factors/index.ts'
import type { KnownDevices } from '../throttle/known-devices.ts'
import type { LoginName } from '../users/names.ts'
import type { Mailboxes } from '../addresses/mailboxes.ts'
import type { MailCodes } from '../mail/codes.ts'
import type { Drafts } from '../newcomers/new-user.ts'
import type { Links } from '../mail/links.ts'
import type { Challenges } from '../passkeys/challenges.ts'
import type { NewPasskeys } from '../passkeys/new-passkeys.ts'
import type { RelyingParty } from '../passkeys/relying-party.ts'
import type { Post } from '../mail/post.ts'
import type { Pendings } from '../pending.ts'
import type { Asks } from '../mail/asks.ts'
import type { Newcomers } from '../newcomers/newcomers.ts'
import type { SignUpPolicy } from '../newcomers/types.ts'
import type { Authority } from '../tenants/authority.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase, UserRow } from '../schema.ts'
import type { Attempt, Throttle } from '../throttle/throttle.ts'
import type { Origin, PasswordDoor, Sessions, SignIn } from '../types.ts'

/** What every door is made of. */
export interface DoorSetting {
  readonly database: AccountsDatabase
  readonly once: AtomicStore
  readonly names: (login: string) => LoginName
  readonly drafts: Drafts
  readonly links: Links
  readonly post: Post
  readonly throttle: Throttle
  /** Counts the failures of all second factors of a user together, and apart from the password's. */
  readonly factorThrottle: Throttle
  readonly pendings: Pendings
  readonly keys: FactorSetting['keys'] & Pick<KeyRing, 'sign'>
  /** Whose mailbox is meant, and how often letters may be asked for. */
  readonly mailboxes: Mailboxes
  readonly codes: MailCodes
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  readonly gate: Gate
  readonly hasher: Hasher
  readonly credentials: CredentialGate
  readonly sessions: Sessions
  readonly roles: Roles
  /** Those in a tenant. */
  readonly tenantRoles: Roles
  readonly inTenants: Authority
  /** Who may come, and how they get in. */
  readonly signUp: SignUpPolicy
  readonly newcomers: Newcomers
  /** How often letters may be asked for. */
  readonly asks: Asks
  readonly browsers: Pick<Browsers, 'lives'>
  readonly knownDevices: Pick<KnownDevices, 'issue'>
  /** `party` is absent while passkeys are off. `newPasskeys` makes the first one of somebody who signs up. */
  readonly passkeys: {
    readonly challenges: Challenges
    readonly party: RelyingParty | undefined
    readonly newPasskeys: NewPasskeys
  }
  readonly administrators: Administrators
  readonly approvals: Pick<Approvals, 'find' | 'ask'>
  readonly approved: ApprovalGate
  /** How long the sealed account is open, in milliseconds. */
  readonly sealLife: number
  readonly emit: Emit
  readonly now: () => number
}

interface Found extends Pick<UserRow, 'id'>, Knocking {
  /** NULL: the user has no password. */
  readonly value: string | null
  readonly version: number | null
}
/** What is found of a name that nobody has. */
interface Nobody {
  readonly id: null
}
type WithPassword = Found & { readonly value: string; readonly version: number }

/** What was found and was right, with the leave to look at it. */
interface Match {
  readonly attempt: Attempt
  readonly userId: string
  readonly proof: GivenProof
}

interface Try {
  readonly mark: string
  readonly password: Secret
  readonly from: Origin
  readonly find: () => MaybePromise<Found | undefined>
  /** What the gate is asked for when the password is right. */
  readonly enter: (match: Match) => Promise<Passed>
}

const NAME = 'password'
const FAILED = 'accounts/failed-password'
/** Characters of base64url: 36 bits. */
const CUT = 6
const DENIED: SignIn = { ok: false, reason: 'denied' }
const NO_MATCH: Verification = { ok: false, rehash: false }

/** Opens the door: signing in, and proving again who is signed in. */
export function passwordDoor(setting: DoorSetting): PasswordDoor {
  const { database, names, throttle, gate, hasher, credentials, sessions, keys, emit, now } = setting
  const byLogin = database.statement<Found | Nobody>(selectWithHash(database.dialect, 'login_key'))
  const byId = database.statement<Found | Nobody>(selectWithHash(database.dialect, 'id'))

  /** One computation, whether there is something to compare with or not. */
  async function verify(found: Found | undefined, password: Secret): Promise<Verification> {
    if (typeof found?.value === 'string') return await hasher.verify(password, found.value)
    await hasher.verifyNothing(password)
    return NO_MATCH
  }

  /** Enough to see that the same one is tried elsewhere, and too little to tell which it was. */
  function cutHash(password: Secret): string {
    return keys.sign(FAILED, [password.reveal()]).slice(-CUT)
  }

  async function attempt({ mark, password, from, find, enter }: Try): Promise<SignIn> {
    const admission = await throttle.admit(NAME, mark, from)
    if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
    const found = await find()
    const verified = await unlessBusy(verify(found, password))
    if ('reason' in verified && verified.reason === 'busy') {
      await admission.attempt.cancel()
      emit({ type: 'authn_shed', data: { door: NAME } }, from.exchange)
      return verified
    }
    if (!isWhole(found) || !verified.ok || !gate.opensFor(found)) {
      from.exchange?.set(FailedPassword, { login: mark, password: cutHash(password) })
      await admission.attempt.fail(found?.id)
      return DENIED
    }
    const credential = { kind: 'password', version: found.version } as const
    const proof = { door: NAME, amr: 'pwd', at: now(), credential }
    const passed = await enter({ attempt: admission.attempt, userId: found.id, proof })
    // Only after the gate: the work of a new hash tells nobody but the owner that the old one was outdated.
    const right = passed.ok || passed.reason === 'second-factor'
    if (right && verified.rehash) await unlessBusy(credentials.rehash(found.id, found.version, password))
    return passed
  }

  return {
    signIn({ login, password, replaces }, from) {
      const { key, mark } = names(login)
      const find = () => after(byLogin.get(key), somebody)
      const enter = (match: Match) => gate.complete({ ...match, from, replaces }, [match.proof])
      return attempt({ mark, password, from, find, enter })
    },

    async proveAgain({ token, password }, from) {
      const live = await sessions.find(token, now())
      if (!live.ok) return DENIED
      const { id, login } = live.principal
      const find = () => after(byId.get(id), somebody)
      const enter = (match: Match) => gate.strengthen({ ...match, from, token }, match.proof)
      return attempt({ mark: names(login).mark, password, from, find, enter })
    },
  }
}

function somebody(row: Found | Nobody | undefined): Found | undefined {
  return row === undefined || row.id === null ? undefined : row
}

function isWhole(found: Found | undefined): found is WithPassword {
  return found !== undefined && found.value !== null && found.version !== null
}
