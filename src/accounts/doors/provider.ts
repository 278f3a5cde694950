/**
 * The door of other providers (OpenID Connect, OAuth 2). It takes whom a provider named, after the one who calls it has checked the
 * answer, finds whose identity that is by issuer and subject alone, and goes through the gate as everybody does: a disabled user stays
 * out (L06), and the second factor here is asked for whatever was asked there (L01), unless the operator takes the provider's word.
 * Sources: OpenID Connect Core 1.0 section 5.7; OWASP ASVS 5.0 6.8; L10, L41 to L45, L99, L103.
 */
import { act } from '../../engine/act.ts'
import { readAddress, setAddress } from '../addresses/addresses.ts'
import type { GivenProof, Knocking } from '../gate.ts'
import { leavingOf } from '../profile/leaving.ts'
import { findIdentity, insertIdentity, isIdentity, noteUse, unlessTaken } from '../identities/rows.ts'
import type { ProvedIdentity, ProviderDoor, SignInByProvider, SignUpByProvider } from '../identities/types.ts'
import type { UserRow } from '../schema.ts'
import type { Admission } from '../throttle/throttle.ts'
import type { Origin, SignIn } from '../types.ts'
import type { DoorSetting } from './password.ts'

const NAME = 'provider'
const DENIED = { ok: false, reason: 'denied' } as const
const ID_BYTES = 16
const LOGIN_LENGTH = 12

type Found = Pick<UserRow, 'id' | 'login'> & Knocking

/** Opens the door. */
export function providerDoor(setting: DoorSetting): ProviderDoor {
  const { database, drafts, names, throttle, gate, sessions, random, emit, now } = setting
  const { kysely } = database

  async function ownerOf(identity: ProvedIdentity): Promise<Found | undefined> {
    const row = await findIdentity(kysely, identity)
    const users = kysely.selectFrom('hf_users').select(['id', 'login', 'status', leavingOf()])
    return row && (await users.where('id', '=', row.user_id).executeTakeFirst())
  }

  /** Counted with the account's other failures where there is one, so that a lock holds at this door, too (L05). */
  function admit(identity: ProvedIdentity, found: Found | undefined, from: Origin): Promise<Admission> {
    const { mark } = names(found?.login ?? `${identity.subject} ${identity.issuer}`)
    return throttle.admit(NAME, mark, from)
  }

  function proofOf({ issuer, subject, strong, sid }: ProvedIdentity): GivenProof {
    return { door: NAME, amr: strong ? 'mfa' : 'fed', at: now(), credential: { kind: 'identity', issuer, subject, sid } }
  }

  /** A user who is nobody yet. Whoever comes second with the same identity at the same moment finds the one who was made. */
  async function signUp(identity: ProvedIdentity, { roles }: SignUpByProvider, from: Origin): Promise<Found | undefined> {
    const address = identity.email === undefined ? undefined : readAddress(identity.email)
    const login = address?.text ?? `${identity.provider}-${random(ID_BYTES).slice(0, LOGIN_LENGTH).toLowerCase()}`
    const named = await drafts.prepare({ login, roles, ...(identity.name !== undefined && { name: identity.name }) })
    // What a provider calls somebody may be no name of ours; then they are called by their login.
    const drafted = named.ok || named.reason !== 'name-invalid' ? named : await drafts.prepare({ login, roles })
    if (!drafted.ok) return undefined
    const { row } = drafted.draft
    const data = { userId: row.id, roles: [...roles], actor: `system:${NAME}`, provider: identity.provider }
    const writing = act(database, emit, async (tx, tell) => {
      await drafts.write(tx, drafted.draft)
      if (address) await setAddress(tx, row.id, address, now())
      await insertIdentity(tx, { userId: row.id, id: random(ID_BYTES), now: now(), usedAt: now() }, identity)
      await tell({ type: 'user_created', data }, from.exchange)
      return row
    })
    const made = await unlessTaken(writing)
    if (made === undefined) return await ownerOf(identity)
    return { ...made, leaving: null }
  }

  async function enter(
    identity: ProvedIdentity,
    owner: Found | undefined,
    {
      ok,
      from,
      given,
      replaces,
    }: { ok: Extract<Admission, { ok: true }>; from: Origin; given: SignUpByProvider | undefined; replaces: string | undefined },
  ): Promise<SignInByProvider> {
    const { attempt } = ok
    const found = owner ?? (given && (await signUp(identity, given, from)))
    if (!found) {
      await (given ? attempt.cancel() : attempt.fail())
      return given ? { ok: false, reason: 'address-taken' } : { ok: false, reason: 'unknown-identity' }
    }
    if (!gate.opensFor(found)) {
      await attempt.fail(found.id)
      return DENIED
    }
    const passed = await gate.complete({ userId: found.id, from, attempt, replaces }, [proofOf(identity)])
    if (passed.ok) await noteUse(kysely, identity, now())
    return passed
  }

  return {
    async signIn({ identity, signUp: given, replaces }, from) {
      if (!isIdentity(identity)) return { ok: false, reason: 'unknown-identity' }
      const owner = await ownerOf(identity)
      const admission = await admit(identity, owner, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      return await enter(identity, owner, { ok: admission, from, given, replaces })
    },

    async proveAgain({ token, identity }, from): Promise<SignIn> {
      const live = await sessions.find(token, now())
      if (!live.ok || !isIdentity(identity)) return DENIED
      const { id, login } = live.principal
      const admission = await throttle.admit(NAME, names(login).mark, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      const owner = await ownerOf(identity)
      if (owner?.id !== id) {
        await attempt.fail(id)
        return DENIED
      }
      const passed = await gate.strengthen({ userId: id, from, attempt, token }, proofOf(identity))
      if (passed.ok) await noteUse(kysely, identity, now())
      return passed
    },
  }
}
