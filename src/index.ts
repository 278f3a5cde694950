/** Holdfast: secure by default. `createHoldfast` is the only place where everything meets. */
import { Accounts, accountsMigrations, createAccounts, recordRoles, relyingPartyLater } from './accounts/index.ts'
import { ApiDescription } from './console/api.ts'
import { createRefusal } from './console/refusal.ts'
import { readChallenge } from './controls/sign-in/challenge-options.ts'
import { sessionCookieName } from './controls/session/cookie.ts'
import { describeApi, type JsonSchema } from './http/openapi.ts'
import { createRandom } from './crypto/random.ts'
import { createAnswers } from './engine/answers.ts'
import { findCarried, type Guard } from './engine/carrier.ts'
import type { Site } from './engine/control.ts'
import { createEngine } from './engine/engine.ts'
import { HoldfastError } from './engine/errors.ts'
import type { Emit, Listener } from './engine/events.ts'
import type { Slot } from './engine/exchange.ts'
import { Principal } from './engine/facts.ts'
import type { Finding } from './engine/finding.ts'
import type { Passage } from './engine/passage.ts'
import type { Decide } from './engine/policy.ts'
import type { Reply } from './engine/reply.ts'
import { guardLog, openDetecting, type Detections } from './detecting.ts'
import { createLog, fileSink, standardOutput, type LineSink } from './observe/log.ts'
import type { Honeytokens } from './observe/honeytokens.ts'
import { openMailing, type MailOffice } from './mailing.ts'
import type { HoldfastOptions } from './options.ts'
import { fingerprintsOf, recordLetters } from './recorded-letters.ts'
import { recordRoutes } from './recorded-routes.ts'
import { readSetUp, tokenSetting, type SetUp } from './set-up.ts'
import { openStores, sweepRegularly, type Stores } from './stores.ts'
import { migrate } from './store/migrate.ts'
import { outboxMigrations } from './store/outbox.ts'
import { atomicMigrations } from './store/sql-atomic.ts'
import { RequestView } from './view.ts'

export type { HoldfastOptions } from './options.ts'
export { inTenant, tenantOf } from './accounts/index.ts'
export type {
  Accounts,
  Actor,
  ApiKey,
  Invitation,
  Member,
  Membership,
  NewApiKey,
  Session,
  Tenant,
  User,
} from './accounts/types.ts'
export type { Detected, DetectedListener, Detections, ListedDetection } from './detecting.ts'
export type { SecurityEvent } from './engine/events.ts'
export type { Principal } from './engine/facts.ts'
export type { Finding } from './engine/finding.ts'
export type { MailMessage } from './mail/message.ts'
export { MailError, type MailTransport } from './mail/transport.ts'
export type { MailOptions } from './mail-options.ts'
export type { Requirement, RouteOptions } from './engine/policy.ts'
export type { Provider } from './controls/sign-in/providers/index.ts'
export { apple, github, gitlab, google, microsoft, oidc } from './controls/sign-in/providers/index.ts'
export { HoldfastError } from './engine/errors.ts'
export { safeRedirect, type SafeRedirectOptions } from './http/safe-redirect.ts'
export { Secret } from './crypto/secret.ts'
export { describeSettings, readSettings, type Settings } from './settings.ts'
export { NotAllowed, RequestView } from './view.ts'

/** A running Holdfast: give it to an adapter, ask it about requests, stop it at the end. */
export interface Holdfast extends Guard {
  readonly site: Site
  readonly accounts: Accounts
  /** The way letters take; absent where `mail` is not set. */
  readonly mail: MailOffice | undefined
  /** What is looked for in what happens, and who is told. */
  readonly detections: Detections
  /** Decoys to plant. */
  readonly honeytokens: Honeytokens
  /** What programs may do at the kit's addresses, as a document of OpenAPI 3.1. */
  readonly describeApi: () => JsonSchema
  /** Names of the controls that run, in the order in which a request meets them. */
  readonly controls: readonly string[]
  /** What is set less safely than it could be. */
  readonly findings: readonly Finding[]
  /** What may be known of a request, from the object that the framework gave to the handler. */
  of(request: object): RequestView
  /** Listens to every security event; returns how to stop listening. */
  on(listener: Listener): () => void
  /** Ends what was started here: timers, the log, stores that it opened itself. Idempotent. */
  stop(): Promise<void>
}

/** The tables of every part, in the order in which they were added. */
export const migrations = [...atomicMigrations, ...outboxMigrations, ...accountsMigrations]

/**
 * Sets everything up, or throws a HoldfastError that says what is wrong, why and what to do.
 *
 * @example
 * const holdfast = await createHoldfast({ origin: 'https://app.example', public: ['/'] })
 * createServer(express(holdfast, app)).listen(3000)
 */
export async function createHoldfast(options: HoldfastOptions): Promise<Holdfast> {
  const setUp = readSetUp(options)
  const log = openLog(options.log ?? 'stdout')
  if (log) setUp.bus.on(guardLog(createLog(log), setUp.bus, setUp.now))
  if (typeof options.log === 'function') setUp.bus.on(options.log)
  let stores: Stores | undefined
  async function close(): Promise<void> {
    await stores?.close()
    log?.close()
  }
  try {
    stores = await openStores(options, setUp.folder, setUp.bus.emitter('store'), setUp.now)
    await migrate(stores.database, migrations)
    return await run(setUp, stores, close)
  } catch (error) {
    await close()
    throw error
  }
}

async function run(setUp: SetUp, stores: Stores, close: () => Promise<void>): Promise<Holdfast> {
  const { now, onFault, production, site, signIn, routes, plan, bus, keys } = setUp
  const { token: random } = createRandom()
  const fault = (error: unknown) => onFault(error, undefined)
  const answers = createAnswers(fault)
  const { database, limits, once, several, announcements } = stores
  const remember = announcements ? REMEMBER_TOLD : several ? 0 : REMEMBER
  const mailing = openMailing({ ...setUp, database, random, emit: bus.emitter('mail') })
  const targets = { origin: site.origin, paths: setUp.linkPaths, signIn: signIn?.path }
  const accounts = createAccounts({
    ...setUp,
    remember,
    announcements,
    concurrent: setUp.sessions.concurrent,
    ...(signIn && { browsers: signIn.lives }),
    database: mailing?.database ?? database,
    outbox: mailing?.outbox,
    once,
    random,
    emit: bus.emitter('accounts'),
    siteName: site.hostname,
    relyingParty: setUp.party && relyingPartyLater(setUp.party),
    tokens: tokenSetting(setUp),
    linkTargets: targets,
    signUp: signIn?.signUp,
    ...(signIn && { limits: { everywhere: { limit: readChallenge(signIn.challenge).failures, period: 300_000 } } }),
  })
  const findings = [...plan.findings, ...(setUp.mail?.weaker ?? []), ...setUp.detections.findings]
  const weaker = findings.map(({ id }) => id)
  const detecting = await openDetecting({ ...setUp, stores, random, answers, onFault: fault, weaker })
  // So that the command knows the roles of the application it works beside.
  await recordRoles(once, accounts.roles, now())
  await recordRoles(once, accounts.tenants.roles, now(), 'tenant')
  await recordRoutes(once, setUp.recorded, now())
  await recordLetters(once, mailing && { targets, signUp: accounts.signUp, keys: fingerprintsOf(keys) }, now())
  await accounts.credentials.levelWork()
  const api = () =>
    describeApi({
      title: signIn ? signIn.brand : site.hostname,
      version: '1',
      origin: site.origin,
      cookie: sessionCookieName(site),
      operations: plan.operations,
    })
  const services = new Map<Slot<any>, unknown>([
    [Accounts, accounts],
    [ApiDescription, api],
  ])
  const shared = { site, production, keys, database, limits, once, routes, now, random, use }
  const { hooks, names } = plan.start((control) => ({ ...shared, emit: bus.emitter(control) }))
  const emit = bus.emitter('engine')
  const authorizeEmit = bus.emitter('authorize')
  announce(emit, names, plan.off)
  if (setUp.madeKeys) emit({ type: 'key_created', data: { id: keys.current } })
  const stopSweeping = sweepRegularly(
    [
      ...[limits, once, accounts.sessions, accounts.browsers, accounts.apiKeys],
      ...[accounts.tokens, accounts.links, accounts.recoveries, accounts.notices, accounts.deletions],
      ...(mailing ? [mailing] : []),
    ],
    now,
    fault,
  )
  let stopped: Promise<void> | undefined

  function use<T>(service: Slot<T>): T {
    if (services.has(service)) return services.get(service) as T
    throw new HoldfastError('HF_SERVICE_MISSING', `A control asks for "${service.name}", which was not set up.`)
  }

  function authorize(x: Passage, decide: Decide): Reply | undefined {
    const refusal = decide(x.get(Principal), x.time)
    if (refusal) authorizeEmit({ type: 'authz_fail', data: { code: refusal.denial?.code, reason: refusal.denial?.reason } }, x)
    return refusal
  }

  function of(request: object): RequestView {
    const carried = findCarried(request)
    if (carried) return new RequestView(carried.x, authorizeEmit)
    throw new HoldfastError('HF_EXCHANGE_MISSING', 'This request did not pass through Holdfast.', {
      fix: 'Serve the application through its adapter.',
    })
  }

  async function stop(): Promise<void> {
    emit({ type: 'sys_shutdown' })
    stopSweeping()
    for (const hook of hooks) await hook.stop?.()
    await mailing?.stop()
    await detecting.stop()
    await close()
  }

  const engine = createEngine(hooks, { now, emit, onFault, render: createRefusal({ site, signIn }) })
  return {
    ...{ engine, site, accounts, mail: mailing, describeApi: api, controls: names, findings, emit, on: bus.on, authorize, of },
    ...{ answers, now, detections: detecting.detections, honeytokens: detecting.honeytokens },
    stop: () => (stopped ??= stop()),
  }
}

/** How long a session that was found is believed before it is looked up again: what the command changes is seen within this time. */
const REMEMBER = 100
/** The same where the processes tell each other what they write: it bounds what a message that was lost can cost. */
const REMEMBER_TOLD = 1000

function openLog(log: NonNullable<HoldfastOptions['log']>): LineSink | undefined {
  if (log === 'silent' || typeof log === 'function') return undefined
  return log === 'stdout' ? standardOutput() : fileSink(log)
}

function announce(emit: Emit, names: readonly string[], off: ReadonlyMap<string, string>): void {
  emit({ type: 'sys_startup', data: { controls: names, node: process.version } })
  for (const [control, reason] of off) emit({ type: 'sys_insecure_setting', data: { control, reason } })
}
