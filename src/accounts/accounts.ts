/** Puts accounts together: the two gates, what stands before them, and the doors. */
import type { Hasher } from '../crypto/password/hasher.ts'
import type { LeakCheck } from '../crypto/password/leaked.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Emit } from '../engine/events.ts'
import { withDefaults } from '../engine/options.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'
import { createCredentials } from './credentials.ts'
import { openDoors } from './doors/index.ts'
import { createFactors } from './factors/factors.ts'
import { createGate } from './gate.ts'
import { createNames } from './names.ts'
import { createDrafts } from './new-user.ts'
import { createIdentities } from './identities/identities.ts'
import { createLinks } from './links.ts'
import { createPost, type LinkTargets } from './post.ts'
import type { Outbox } from '../store/outbox.ts'
import { createPendings } from './pending.ts'
import { compileRoles, type RoleTable } from './roles.ts'
import { createFoundCaches } from './found-cache.ts'
import { createFinder } from './session-find.ts'
import { createIssuer } from './session-issue.ts'
import type { SessionLengths } from './session-row.ts'
import { createSessions } from './sessions.ts'
import { createSetUp } from './set-up.ts'
import { createThrottle, DEFAULT_LIMITS, factorLimits, type Limits } from './throttle.ts'
import type { Accounts } from './types.ts'
import { createApiKeys } from './tokens/api-keys.ts'
import { createUsers } from './users.ts'

/** What accounts are given; they reach for nothing else. */
export interface AccountsSetting {
  /** Migrated with `accountsMigrations`. */
  readonly database: Database
  /** Counts failures and holds the set-up code. Shared by all processes, and never one that forgets. */
  readonly once: AtomicStore
  readonly keys: Pick<KeyRing, 'subkey' | 'seal' | 'open'>
  readonly hasher: Hasher
  readonly emit: Emit
  readonly now: () => number
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  /** @default { admin: ['*'], member: [] } */
  readonly roles?: RoleTable | undefined
  readonly sessions: SessionLengths
  /** Milliseconds for which a session that was found is remembered; see found-cache.ts. @default 0 */
  readonly remember?: number
  /** How often one may fail. @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits> | undefined
  /** Host name of the application, which no password may consist of. */
  readonly siteName: string
  /** Asks whether a password has leaked. @default nobody is asked */
  readonly leaks?: LeakCheck | undefined
  /** Where letters are put down. @default none are written */
  readonly outbox?: Outbox | undefined
  /** Where the links in letters lead. @default nowhere: no link can be made */
  readonly linkTargets?: LinkTargets | undefined
}

/** Throws HF_OPTION_INVALID for roles or limits that cannot work. Opens nothing and starts nothing. */
export function createAccounts(setting: AccountsSetting): Accounts {
  const { once, keys, hasher, emit, now, random, sessions: lengths, siteName, leaks } = setting
  const caches = createFoundCaches(setting.database, setting.remember ?? 0)
  const database = caches.watched
  const roles = compileRoles(setting.roles)
  const limits = withDefaults<Limits>('limits', DEFAULT_LIMITS, setting.limits)
  const issuer = createIssuer({ random, roles, lengths })
  const pendings = createPendings({ once, random, now })
  const gate = createGate({ database, issuer, lengths, pendings, emit, now })
  const credentials = createCredentials({ database, hasher, emit, now, siteName, leaks })
  const drafts = createDrafts({ credentials, roles, random, now })
  const throttle = createThrottle({ once, emit, now, limits })
  const factorThrottle = createThrottle({ once, emit, now, limits: factorLimits(limits), counts: 'accounts:factor' })
  const names = createNames(keys)
  const links = createLinks({ database, random, now })
  const post = createPost(setting.outbox, setting.linkTargets ?? { origin: '', paths: {} })
  const sessions = createSessions({
    database,
    issuer,
    lengths,
    emit,
    now,
    find: createFinder({ database: setting.database, roles, lengths, cache: caches.open() }),
  })
  const tokens = { once, roles, limits, emit, now, random }
  return {
    users: createUsers({ database, drafts, roles, emit, now }),
    credentials: {
      setPassword: (userId, password, actor, options) => credentials.setPassword(userId, password, actor, options),
      wrapImported: (actor, progress) => credentials.wrapImported(actor, progress),
      levelWork: () => credentials.levelWork(),
    },
    sessions,
    apiKeys: createApiKeys({ ...tokens, database, quietDatabase: setting.database, cache: caches.open() }),
    setUp: createSetUp({ database, once, throttle, drafts, gate, roles, emit, now }),
    factors: createFactors({ database, once, keys, names, throttle: factorThrottle, gate, sessions, random, emit, now }),
    identities: createIdentities({ database, random, emit, now }),
    doors: openDoors({
      database,
      names,
      drafts,
      random,
      links,
      post,
      throttle,
      factorThrottle,
      pendings,
      keys,
      gate,
      hasher,
      credentials,
      sessions,
      emit,
      now,
    }),
    links: { sweep: (at) => links.sweep(at) },
    roles: roles.table,
  }
}
