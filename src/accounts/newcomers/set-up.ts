/**
 * The first administrator, once. Who has the one-time code, which only the operator's terminal shows, makes them; without it the
 * first stranger who finds a fresh installation would own it (CWE-1188). The code is dead as soon as the administrator exists,
 * because set-up is closed then; until then no failure uses it up.
 */
import type { Exchange } from '../../engine/exchange.ts'
import { act } from '../../engine/act.ts'
import { unlessBusy } from '../busy.ts'
import { equal } from '../../crypto/equal.ts'
import { sha256 } from '../../crypto/hash.ts'
import { normaliseCode, randomCode } from '../../crypto/random.ts'
import type { Emit } from '../../engine/events.ts'
import { isUniqueViolation } from '../../store/errors.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import type { Gate } from '../gate.ts'
import { lockAdministration } from '../lock.ts'
import type { Draft, Drafts } from './new-user.ts'
import type { Roles } from '../users/roles.ts'
import type { AccountsDatabase } from '../schema.ts'
import type { Throttle } from '../throttle/throttle.ts'
import type { SetUp } from '../types.ts'

interface Setting {
  readonly database: AccountsDatabase
  readonly once: AtomicStore
  readonly throttle: Throttle
  readonly drafts: Drafts
  readonly gate: Gate
  readonly roles: Roles
  readonly emit: Emit
  readonly now: () => number
}

const KEY = 'accounts:set-up-code'
const VALID_FOR = 3_600_000
const NAME = 'set-up'
const CLOSED = { ok: false, reason: 'closed' } as const

/** Makes the service. The code is 60 bits, lies hashed in `once` for an hour, and guesses are limited per network. */
export function createSetUp({ database, once, throttle, drafts, gate, roles, emit, now }: Setting): SetUp {
  async function open(): Promise<boolean> {
    const person = database.kysely.selectFrom('hf_users').select('id').where('kind', '=', 'person')
    return (await person.limit(1).executeTakeFirst()) === undefined
  }

  async function isCode(typed: string): Promise<boolean> {
    const code = normaliseCode(typed)
    const stored = await once.get(KEY, now())
    return code !== undefined && stored !== undefined && equal(stored, sha256(code))
  }

  /** Of many at once exactly one finds that there is no user yet. */
  async function writeFirst(draft: Draft, x: Exchange | undefined): Promise<boolean> {
    const data = { userId: draft.row.id, roles: [draft.row.roles] }
    try {
      return await act(database, emit, async (tx, tell) => {
        await lockAdministration(tx, database.dialect)
        const anybody = await tx.selectFrom('hf_users').select('id').where('kind', '=', 'person').limit(1).executeTakeFirst()
        if (anybody) return false
        await drafts.write(tx, draft)
        await tell({ type: 'user_created', data: { ...data, actor: 'system:set-up' } }, x)
        await tell({ type: 'authn_setup', data }, x)
        return true
      })
    } catch (error) {
      if (isUniqueViolation(error)) return false
      throw error
    }
  }

  return {
    open,

    async code() {
      if (!(await open())) return undefined
      const code = randomCode()
      await once.put(KEY, sha256(code), VALID_FOR, now())
      return code
    },

    async complete({ code, login, name, password, address }, from) {
      if (!(await open())) return CLOSED
      const admission = await throttle.admit(NAME, undefined, from)
      if (!admission.ok) return { ok: false, reason: 'throttled', retryAfter: admission.retryAfter }
      const { attempt } = admission
      if (!(await isCode(code))) {
        await attempt.fail()
        return { ok: false, reason: 'code' }
      }
      const drafted = await unlessBusy(
        drafts.prepare({
          login,
          name,
          password,
          roles: [roles.administrators[0]!],
          ...(address !== undefined && { address }),
        }),
      )
      if (!drafted.ok) {
        await attempt.cancel()
        const { reason } = drafted
        if (reason === 'role-unknown' || reason === 'hash-unreadable')
          throw new Error('The role of administrators is a configured one, and no hash was given.')
        return { ...drafted, reason }
      }
      const { row } = drafted.draft
      if (!(await writeFirst(drafted.draft, from.exchange))) {
        await attempt.cancel()
        return CLOSED
      }
      await once.delete(KEY)
      const passed = await gate.complete({ userId: row.id, from, attempt }, [{ door: NAME, amr: 'pwd', at: now() }])
      return passed.ok ? passed : CLOSED
    },
  }
}
