/** From options to all that a Holdfast is made of, or an error that says what is wrong: nothing is opened before everything was looked at. */
import type { LinkTargets } from '../accounts/mail/post.ts'
import { readAudit } from './audit-options.ts'
import { readAccessTokensOptions } from '../controls/access-tokens/access-tokens.ts'
import { controls } from '../controls/index.ts'
import { readSessionOptions } from '../controls/session/session.ts'
import type { ConsoleOptions } from '../controls/console/console.ts'
import {
  demandsSecondFactor,
  kitRoutes,
  partyOf,
  readSignInOptions,
  startPath,
  type SignInOptions,
} from '../controls/sign-in/sign-in.ts'
import { parseKeyring, type KeyRing } from '../crypto/keyring.ts'
import type { Secret } from '../crypto/secret.ts'
import { openDataFolder } from './data-folder.ts'
import { HoldfastError } from '../engine/errors.ts'
import { createBus } from '../engine/bus.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'
import { planControls } from '../engine/pipeline.ts'
import { compileRoutes } from '../engine/policy.ts'
import { readApproval } from './approval-options.ts'
import { readImpersonation } from './impersonation-options.ts'
import { readAlerting } from '../services/alerting.ts'
import { readIncidents } from './incidents-options.ts'
import { readLogs } from '../services/logging.ts'
import { readObserve } from '../services/measuring.ts'
import { readMail, refuseDeadLinks } from './mail-options.ts'
import { withMail } from '../services/mailing.ts'
import { readDetections } from '../observe/detecting/options.ts'
import { detections } from '../observe/detections/index.ts'
import { readHoneytokens } from '../observe/honeytokens.ts'
import { OPTION_NAMES, type HoldfastOptions } from '../options.ts'
import { readPasswords, refuseSharedKeys } from './passwords.ts'
import type { RecordedRoutes } from '../recorded/routes.ts'
import { readSite } from './site.ts'
import { readOpenTelemetry } from '../services/telemetry.ts'

export type SetUp = ReturnType<typeof readSetUp>

/** Everything that can be wrong with the options is found here, before anything is opened. */
export function readSetUp(options: HoldfastOptions) {
  const now = options.now ?? Date.now
  const onFault = options.onFault ?? defaultOnFault
  const production = (options.mode ?? process.env['NODE_ENV'] ?? 'production') === 'production'
  const site = readSite(options.origin)
  const mail = readMail(options.mail, { production, hostname: site.hostname, now: now() })
  const alerts = readAlerting(options.alerts, { origin: site.origin, mail, production, now })
  const audit = readAudit(options.audit, { production, now: now() })
  const given = withTokens(withMail(options))
  const signIn = readSignInOptions(given.signIn)
  if (mail === undefined) refuseDeadLinks(signIn)
  const routes = compileRoutes(options.public ?? [], options.routes ?? [], now(), kitRoutes(signIn))
  const plan = planControls(controls, controlOptions(withConsole(given, signIn)), { production, now: now() })
  if (signIn && demandsSecondFactor(signIn) && plan.off.has('console')) {
    invalid('signIn.secondFactor', 'set while console is off', 'Turn console on: without its page nobody can enrol.')
  }
  if (signIn && signIn.requireVerified && plan.off.has('console')) {
    invalid('signIn.requireVerified', 'set while console is off', 'Turn console on: without its page nobody can verify.')
  }
  const impersonation = readImpersonation(options.impersonation)
  if (impersonation && (signIn === undefined || plan.off.has('console'))) {
    invalid(
      'impersonation',
      'set while console or signIn is off',
      'Turn both on: they hold what may not be done as somebody else.',
    )
  }
  const approval = readApproval(options.approval, {
    impersonationWrite: impersonation?.write === true,
    breakGlass: signIn?.doors['breakGlass'] !== undefined,
  })
  const hasPages = signIn !== undefined && !plan.off.has('console')
  if (options.approval !== undefined && !hasPages) {
    invalid('approval', 'set while console or signIn is off', 'Turn both on: on their pages a second person says yes.')
  }
  if (routes.challenges && signIn === undefined)
    invalid('routes[].challenge', 'set while signIn is off', 'Turn signIn on: it serves the script that does the work.')
  const party = signIn?.passkey && partyOf(site, signIn.passkey, signIn.brand)
  const sessions = readSessionOptions(options.session)
  if (options.tenants !== undefined) refuseUnknown('tenants', options.tenants, ['roles'])
  const tokens = readAccessTokensOptions(options.accessTokens)
  const bus = createBus(now, (error) => onFault(error, undefined))
  const warn = (message: string) =>
    bus.emitter('accounts')({ type: 'sys_insecure_setting', data: { setting: 'passwords', message } })
  const { hasher, leaks, pepper, rules, strength } = readPasswords(options.passwords, warn)
  const folder = openDataFolder(options.data ?? '.holdfast')
  const own = options.keys === undefined ? folder.keys() : undefined
  const keys = readKeys(options.keys ?? own!.keys, now)
  refuseSharedKeys(pepper, keys)
  return {
    now,
    onFault,
    production,
    site,
    signIn,
    party,
    mail,
    alerts,
    audit,
    routes,
    plan,
    observe: readObserve(options.observe),
    logs: readLogs(options.log, now()),
    openTelemetry: readOpenTelemetry(options.openTelemetry),
    sessions,
    tokens,
    bus,
    hasher,
    leaks,
    passwordRules: rules,
    strength,
    folder,
    keys,
    madeKeys: own?.made === true,
    roles: options.roles,
    tenantRoles: options.tenants?.roles,
    impersonation,
    approval,
    approvalsPath: hasPages ? `${consolePath(options)}/approvals` : undefined,
    recorded: recordable(options, signIn),
    linkPaths: linkPaths(signIn),
    logFile: typeof options.log === 'string' && options.log !== 'stdout' && options.log !== 'silent' ? options.log : undefined,
    given: options,
    detections: readDetections(detections, options.detections),
    incidents: readIncidents(options.incidents),
    decoys: readHoneytokens(options.honeytokens),
    realClock: options.now === undefined,
  }
}

/** Throws HF_KEYS_INVALID, which says what is wrong with the keys without saying them. */
function readKeys(text: string | Secret, now: () => number): KeyRing {
  try {
    return parseKeyring(text, now)
  } catch (cause) {
    throw new HoldfastError('HF_KEYS_INVALID', cause instanceof Error ? cause.message : 'The keys cannot be read.', { cause })
  }
}

/** The console's pages stand beside the sign-in's: same brand, and each knows the other's paths, unless told otherwise. */
function withConsole(options: HoldfastOptions, signIn: SignInOptions | undefined): HoldfastOptions {
  const given = options.console
  const keys = acceptsKeys(options)
  if (signIn === undefined || given === false || (given !== undefined && 'insecureOff' in given)) return options
  return {
    ...options,
    console: {
      brand: signIn.brand,
      signInPath: signIn.path,
      signOutPath: signIn.signOutPath,
      againPath: signIn.againPath,
      providers: providersOf(signIn),
      mailCodes: signIn.doors['emailFactor'] !== undefined,
      keys,
      passkeys: signIn.passkey !== undefined,
      apps: signIn.tokens,
      address: signIn.mail,
      tenants: options.tenants !== undefined,
      impersonation: options.impersonation !== undefined,
      approvals: options.approval === undefined ? 'unlisted' : true,
      ...given,
    },
  }
}

/** Where the console's pages are. */
function consolePath({ console: given }: HoldfastOptions): string {
  return (given && 'path' in given ? given.path : undefined) ?? '/account'
}

/** What the page of identities needs of the providers: no secret. */
function providersOf(signIn: SignInOptions): ConsoleOptions['providers'] {
  return Object.entries(signIn.providers).map(([id, { label, issuer }]) => ({ id, label, issuer, path: startPath(signIn, id) }))
}

/** The central table, as the command may see it. */
function recordable(options: HoldfastOptions, signIn: SignInOptions | undefined): RecordedRoutes {
  const { authorize } = options
  return {
    lines: [
      ...(options.public ?? []).map((path) => ({ path, public: true, by: 'public' }) as const),
      ...(options.routes ?? []).map((line) => ({ ...line, by: 'routes' }) as const),
      ...kitRoutes(signIn).map(({ path, apiKeys = false, accessTokens = false }) => {
        return { path, public: true, apiKeys, accessTokens, by: 'kit' } as const
      }),
    ],
    everywhere: authorize && 'everywhere' in authorize ? authorize.everywhere : undefined,
  }
}

/** Which page takes the links of which purpose. */
function linkPaths(signIn: SignInOptions | undefined): LinkTargets['paths'] {
  const paths = Object.fromEntries((signIn?.pages ?? []).flatMap(({ path, link }) => (link ? [[link, path]] : [])))
  // Who signs in during the grace of a deletion is led to it, also without mail.
  return signIn ? { 'keep-account': `${signIn.path}/keep-account`, ...paths } : paths
}

/** Where tokens are accepted somewhere, apps may sign in at the doors. */
function withTokens(options: HoldfastOptions): HoldfastOptions {
  const { accessTokens, signIn, routes = [] } = options
  if (signIn === false || (signIn && 'insecureOff' in signIn)) return options
  const { accept } = readAccessTokensOptions(accessTokens)
  const tokens = accept !== 'nowhere' || (accessTokens !== false && routes.some((route) => route.accessTokens === true))
  return { ...options, signIn: { tokens, ...signIn } }
}

/** The origin vouches for its tokens, and takes those that name it first. */
export function tokenSetting({ site: { origin }, tokens }: Pick<SetUp, 'site' | 'tokens'>) {
  return { ...tokens, issuer: origin, audiences: tokens.audiences.length === 0 ? [origin] : tokens.audiences }
}

/** Without a place that accepts keys nobody needs a page to make them. */
function acceptsKeys({ apiKeys, routes }: HoldfastOptions): boolean {
  const accept = apiKeys && 'accept' in apiKeys ? apiKeys.accept : 'nowhere'
  return (accept ?? 'nowhere') !== 'nowhere' || (apiKeys !== false && (routes ?? []).some((route) => route.apiKeys === true))
}

/** What is left of the options once createHoldfast's own are taken out: one key a control. */
function controlOptions(options: HoldfastOptions): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(options).filter(([name, value]) => value !== undefined && !OPTION_NAMES.includes(name)),
  )
}

/** An error of the application goes to the operator with its stack; the client never sees it. */
function defaultOnFault(error: unknown, requestId: string | undefined): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${requestId === undefined ? '' : `[${requestId}] `}${text}\n`)
}
