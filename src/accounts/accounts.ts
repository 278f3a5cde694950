/** Puts accounts together: the two gates, what stands before them, and the doors. */
import type { Hasher } from '../crypto/password/hasher.ts'
import type { LeakCheck } from '../crypto/password/leaked.ts'
import type { Strength } from '../crypto/password/strength.ts'
import type { KeyRing } from '../crypto/keyring.ts'
import type { Emit } from '../engine/events.ts'
import { withDefaults } from '../engine/options.ts'
import type { Announcements } from '../store/announcements.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database } from '../store/database.ts'
import { createAdministrators } from './users/administrators.ts'
import { createBrowsers } from './browsers/browsers.ts'
import type { BrowserLives } from './browsers/types.ts'
import { createBreaker } from './throttle/breaker.ts'
import { createConcurrency, type ConcurrentPolicy } from './sessions/concurrent.ts'
import { createDeviceKeys } from './throttle/device-keys.ts'
import { createCredentials } from './credentials.ts'
import { createEmergency } from './emergency.ts'
import { createKnownDevices } from './throttle/known-devices.ts'
import { openDoors } from './doors/index.ts'
import { createFactors } from './factors/factors.ts'
import { createGate } from './gate.ts'
import { createNames } from './users/names.ts'
import { createDrafts } from './newcomers/new-user.ts'
import { createMailFactor } from './factors/mail-factor.ts'
import { createMailCodes } from './mail/codes.ts'
import { createMailboxes } from './addresses/mailboxes.ts'
import { createProviderLogouts } from './identities/logouts.ts'
import { createIdentities } from './identities/identities.ts'
import { createLinks } from './mail/links.ts'
import { createChallenges } from './passkeys/challenges.ts'
import { createNewPasskeys } from './passkeys/new-passkeys.ts'
import { createPasskeys } from './passkeys/passkeys.ts'
import type { RelyingParty } from './passkeys/relying-party.ts'
import { createPost, type LinkTargets } from './mail/post.ts'
import type { Outbox } from '../store/outbox.ts'
import { NO_PASSWORD_RULES, type PasswordRules } from './password-rules.ts'
import { createDeletions } from './profile/deletions.ts'
import { createNotices } from './profile/notices.ts'
import { createPendings } from './pending.ts'
import { createRecoveries } from './recovery/delayed.ts'
import { createLockLetters } from './recovery/lock-letters.ts'
import { createAsks } from './mail/asks.ts'
import { createInvitations } from './newcomers/invitations.ts'
import { createNewcomers } from './newcomers/newcomers.ts'
import type { SignUpPolicy } from './newcomers/types.ts'
import { checkSignUp, DEFAULT_SIGN_UP } from './newcomers/sign-up-policy.ts'
import { compileRoles, type RoleTable } from './users/roles.ts'
import { createFoundCaches } from './sessions/found-cache.ts'
import { createFinder } from './sessions/find.ts'
import { createIssuer } from './sessions/issue.ts'
import type { SessionLengths } from './sessions/row.ts'
import { createSessions } from './sessions/sessions.ts'
import { createSetUp } from './newcomers/set-up.ts'
import { createThrottle, DEFAULT_LIMITS, factorLimits, type Limits } from './throttle/throttle.ts'
import type { Accounts } from './types.ts'
import { createFindActing } from './impersonation/find.ts'
import { createImpersonations } from './impersonation/impersonation.ts'
import type { ImpersonationPolicy } from './impersonation/types.ts'
import { createBreakGlass } from './break-glass/break-glass.ts'
import { createApprovals } from './approvals/approvals.ts'
import type { ApprovalFollower, ApprovalPolicy } from './approvals/types.ts'
import { createAuthority as createTenantAuthority } from './tenants/authority.ts'
import { createChoose } from './tenants/choose.ts'
import { DEFAULT_TENANT_ROLES } from './tenants/defaults.ts'
import { createTenants } from './tenants/tenants.ts'
import { createAccessTokens } from './tokens/access-tokens.ts'
import { DEFAULT_TOKENS } from './tokens/app-defaults.ts'
import type { TokenSetting } from './tokens/app-types.ts'
import { createApiKeys } from './tokens/api-keys.ts'
import { createUsers } from './users/users.ts'

/** What accounts are given; they reach for nothing else. */
export interface AccountsSetting {
  /** Migrated with `accountsMigrations`. */
  readonly database: Database
  /** Counts failures and holds the set-up code. Shared by all processes, and never one that forgets. */
  readonly once: AtomicStore
  readonly keys: Pick<KeyRing, 'subkey' | 'sign' | 'verify' | 'seal' | 'open'>
  readonly hasher: Hasher
  readonly emit: Emit
  readonly now: () => number
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  /** @default { admin: ['*'], member: [] } */
  readonly roles?: RoleTable | undefined
  /** Roles in a tenant, and what each permits there. @default { owner: ['*'], member: [] } */
  readonly tenantRoles?: RoleTable | undefined
  /** Whether those who run the application may act as its users. @default they may not */
  readonly impersonation?: ImpersonationPolicy | undefined
  /** Which acts need a second person. @default none does */
  readonly approval?: ApprovalPolicy | undefined
  /** Keeps a record of its own of what becomes of questions. @default nobody does */
  readonly followApproval?: ApprovalFollower | undefined
  /** How long the sealed account is open, in milliseconds. @default an hour */
  readonly sealLife?: number | undefined
  readonly sessions: SessionLengths
  /** How many sessions one user may have at once. @default as many as they like */
  readonly concurrent?: ConcurrentPolicy | undefined
  /** How long browsers remember, by kind. @default none does */
  readonly browsers?: BrowserLives | undefined
  /** Milliseconds for which a session that was found is remembered; see found-cache.ts. @default 0 */
  readonly remember?: number
  /** How access tokens are made. @default DEFAULT_TOKENS, with the origin of `linkTargets` as issuer and audience */
  readonly tokens?: Partial<TokenSetting> | undefined
  /** Tells other processes what this one writes, and hears it of them. @default there are none */
  readonly announcements?: Announcements | undefined
  /** How often one may fail. @default DEFAULT_LIMITS */
  readonly limits?: Partial<Limits> | undefined
  /** Host name of the application, which no password may consist of. */
  readonly siteName: string
  /** Asks whether a password has leaked. @default nobody is asked */
  readonly leaks?: LeakCheck | undefined
  /** Says how strong a password is, to who chooses it. @default nothing is said */
  readonly strength?: Strength | undefined
  /** What else is asked of passwords. @default nothing */
  readonly passwordRules?: PasswordRules | undefined
  /** Where letters are put down. @default none are written */
  readonly outbox?: Outbox | undefined
  /** Who asks authenticators, for passkeys. @default they are off */
  readonly relyingParty?: RelyingParty | undefined
  /** Where the links in letters lead. @default nowhere: no link can be made */
  readonly linkTargets?: LinkTargets | undefined
  /** Who may make an account for themselves. @default nobody */
  readonly signUp?: SignUpPolicy | undefined
}

/** Throws HF_OPTION_INVALID for roles or limits that cannot work. Opens nothing and starts nothing. */
export function createAccounts(setting: AccountsSetting): Accounts {
  const { once, keys, hasher, emit, now, random, sessions: lengths, siteName, leaks } = setting
  const caches = createFoundCaches(setting.database, setting.remember ?? 0, setting.announcements)
  const database = caches.watched
  const roles = compileRoles(setting.roles)
  const administrators = createAdministrators(roles)
  const tenantRoles = compileRoles(setting.tenantRoles ?? DEFAULT_TENANT_ROLES, 'tenants.roles')
  const inTenants = createTenantAuthority(roles, tenantRoles)
  const limits = withDefaults<Limits>('limits', DEFAULT_LIMITS, setting.limits)
  const issuer = createIssuer({ random, roles, tenantRoles, lengths })
  const pendings = createPendings({ once, random, now })
  const lives = setting.browsers ?? {}
  const concurrency = createConcurrency(setting.concurrent, roles, lengths)
  const links = createLinks({ database, random, now })
  const post = createPost(setting.outbox, setting.linkTargets ?? { origin: '', paths: {} })
  const rules = setting.passwordRules ?? NO_PASSWORD_RULES
  const { gate: approved, ...approvals } = createApprovals({
    ...{ database, policy: setting.approval, roles, lengths, post, random, emit, now },
    follow: setting.followApproval ?? (async () => {}),
  })
  const gate = createGate({
    ...{ database, issuer, lengths, pendings, passwordRules: rules, concurrency, lives, links, post, random, emit, now },
  })
  const browsers = createBrowsers({ database, lives, lengths, random, emit, now })
  const credentials = createCredentials({ database, hasher, emit, now, siteName, leaks, rules, random })
  const drafts = createDrafts({ credentials, roles, random, now })
  const onLock = createLockLetters({ database, once, links, post, now })
  const devices = createKnownDevices({ keys, random, now })
  const breaker = createBreaker({ once, emit, now, rate: limits.everywhere })
  const counting = { once, emit, now, devices, breaker }
  const throttle = createThrottle({ ...counting, limits, onLock })
  const factorThrottle = createThrottle({ ...counting, limits: factorLimits(limits), counts: 'accounts:factor' })
  const names = createNames(keys)
  async function forgetFailures(login: string): Promise<void> {
    const { mark } = names(login)
    await throttle.unlock(mark)
    await factorThrottle.unlock(mark)
  }

  const acting = createFindActing(setting.database, roles, setting.impersonation)
  const policy = checkSignUp(setting.signUp ?? DEFAULT_SIGN_UP, roles)
  const asks = createAsks({ once, emit, now })
  const party = setting.relyingParty
  const challenges = createChallenges({ once, random, now })
  const passkeys = { challenges, party, newPasskeys: createNewPasskeys({ challenges, party, random, now }) }
  const { newPasskeys } = passkeys
  const newcomers = createNewcomers({ database, links, drafts, throttle, gate, policy, tenantRoles, newPasskeys, emit, now })
  const codes = createMailCodes({ database, keys, random, now })
  const mailboxes = createMailboxes({ database, names, asks, emit })
  const sessions = createSessions({
    database,
    issuer,
    lengths,
    emit,
    now,
    find: createFinder({ database: setting.database, roles, tenantRoles, lengths, cache: caches.open(), acting }),
  })
  const factorSetting = { database, once, keys, codes, names, throttle: factorThrottle, gate, sessions, random, emit, now }
  const tokens = { once, roles, limits, emit, now, random }
  const users = createUsers({ database, drafts, roles, tenantRoles, administrators, approved, forgetFailures, emit, now })
  return {
    users,
    breakGlass: createBreakGlass({ database, users, roles, random, emit, now }),
    credentials: {
      setPassword: (userId, password, actor, options) => credentials.setPassword(userId, password, actor, options),
      shortest: (userId) => credentials.shortest(userId),
      strength: setting.strength && ((password, { login, name }) => setting.strength!(password, [login, name, siteName])),
      wrapImported: (actor, progress) => credentials.wrapImported(actor, progress),
      levelWork: () => credentials.levelWork(),
    },
    sessions,
    browsers,
    knownDevices: {
      life: devices.life,
      issue: (login) => devices.issue(names(login).mark),
      knows: (held, login) => devices.read(held, names(login).mark) !== undefined,
    },
    breaker,
    emergency: createEmergency({ database, roles, sessions, credentials, emit, now }),
    deviceKeys: createDeviceKeys({ database, emit, now }),
    apiKeys: createApiKeys({ ...tokens, tenantRoles, database, quietDatabase: setting.database, cache: caches.open() }),
    tokens: createAccessTokens({
      ...{ database, quietDatabase: setting.database, keys, lengths, roles, tenantRoles, emit, now, random },
      tokens: tokenSetting(setting),
      cache: caches.open(),
    }),
    setUp: createSetUp({ database, once, throttle, drafts, gate, roles, emit, now }),
    factors: createFactors(factorSetting),
    mailFactor: createMailFactor({ ...factorSetting, post, pendings }),
    passkeys: createPasskeys({ ...factorSetting, ...passkeys }),
    recoveries: createRecoveries({ database, links, post, emit, now }),
    providerLogouts: createProviderLogouts({ database, emit, now }),
    identities: createIdentities({ database, random, emit, now }),
    notices: createNotices({ database, links, post }),
    deletions: createDeletions({ database, links, post, tenantRoles, administrators, approved, emit, now }),
    doors: openDoors({
      database,
      once,
      names,
      drafts,
      links,
      post,
      throttle,
      factorThrottle,
      pendings,
      mailboxes,
      codes,
      random,
      keys,
      gate,
      hasher,
      credentials,
      sessions,
      passkeys,
      roles,
      tenantRoles,
      inTenants,
      signUp: policy,
      newcomers,
      asks,
      browsers,
      knownDevices: devices,
      administrators,
      approvals,
      approved,
      sealLife: setting.sealLife ?? 3_600_000,
      emit,
      now,
    }),
    invitations: createInvitations({
      ...{ database, links, post, asks, roles, tenantRoles, inTenants, policy, names, approved, emit, now },
    }),
    impersonation: createImpersonations({
      ...{ database, issuer, lengths, roles, post, policy: setting.impersonation, approved, emit, now },
    }),
    tenants: createTenants({
      ...{ database, roles: tenantRoles, authority: inTenants, random, emit, now },
      choose: createChoose({ database, issuer, lengths, emit, now }),
    }),
    approvals,
    approved,
    signUp: policy,
    sendsMail: post.sends,
    links: { sweep: async (at) => (await links.sweep(at)) + (await codes.sweep(at)) },
    roles: roles.table,
  }
}

function tokenSetting({ tokens, linkTargets, siteName }: AccountsSetting): TokenSetting {
  const issuer = tokens?.issuer ?? linkTargets?.origin ?? `https://${siteName}`
  return { ...DEFAULT_TOKENS, issuer, audiences: [issuer], ...tokens }
}
