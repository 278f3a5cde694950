/** Holdfast: secure by default. `createHoldfast` is the only place where everything meets. */
import { openAnswering, type AnsweringServices } from './services/answering.ts'
import { applicationDatabases, type ApplicationDatabases } from './database/application-database.ts'
import { Accounts, accountsMigrations, createAccounts, recordRoles, relyingPartyLater } from './accounts/index.ts'
import { ApiDescription } from './console/api.ts'
import { createApproving } from './services/approving.ts'
import { recordApproval } from './settings/approval-options.ts'
import { Asking, createAsking } from './console/asking.ts'
import { createKeptForms, KeptForms } from './console/kept-forms.ts'
import { createRefusal } from './console/refusal.ts'
import { createResuming } from './console/resuming.ts'
import { readChallenge } from './controls/sign-in/challenge-options.ts'
import { sessionCookieName } from './controls/session/cookie.ts'
import { describeApi, type JsonSchema, type Operation } from './http/openapi.ts'
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
import { createTimeline } from './observe/incidents/timeline.ts'
import { observeMigrations } from './observe/migrations.ts'
import { openMailing, type MailOffice } from './services/mailing.ts'
import { openObserving, type ObservingServices } from './services/observing.ts'
import { openSchema } from './database/database-role.ts'
import { findingsOfLogs, openLogs, type Logs } from './services/logging.ts'
import { openMeasuring } from './services/measuring.ts'
import type { Metrics } from './observe/metrics/types.ts'
import { Observing } from './observe/observing.ts'
import type { Readiness } from './observe/readiness.ts'
import type { HoldfastOptions } from './options.ts'
import { fingerprintsOf, recordLetters } from './recorded/letters.ts'
import { recordRoutes } from './recorded/routes.ts'
import { followResponses } from './services/responding-approvals.ts'
import { readSetUp, tokenSetting, type SetUp } from './settings/set-up.ts'
import { openStores, sweepRegularly, type Stores } from './services/stores.ts'
import { outboxMigrations } from './store/outbox.ts'
import { atomicMigrations } from './store/sql-atomic.ts'
import { RequestView } from './view.ts'

/** A running Holdfast: give it to an adapter, ask it about requests, stop it at the end. */
export interface Holdfast extends Guard, ObservingServices, AnsweringServices, ApplicationDatabases {
  readonly site: Site
  readonly accounts: Accounts
  /** What a second person has to approve: for jobs and responses; routes use `of(request).approved`. */
  readonly approvals: Accounts['approvals']
  /** The way letters take; absent where `mail` is not set. */
  readonly mail: MailOffice | undefined
  /** What programs may do at the kit's addresses, and at yours when you say it, as a document of OpenAPI 3.1. */
  readonly describeApi: (own?: readonly Operation[]) => JsonSchema
  /** Names of the controls that run, in the order in which a request meets them. */
  readonly controls: readonly string[]
  /** What is set less safely than it could be. */
  readonly findings: readonly Finding[]
  /** What may be known of a request, from the object that the framework gave to the handler. */
  of(request: object): RequestView
  /** Where parts and the application register what they measure; shown where `observe.metrics` says so. */
  readonly metrics: Metrics
  /** Whether this process is ready, and how to say beforehand that it will stop. */
  readonly readiness: Readiness
  /** Listens to every security event; returns how to stop listening. */
  on(listener: Listener): () => void
  /** Ends what was started here: timers, the log, stores that it opened itself. Idempotent. */
  stop(): Promise<void>
}

/** The tables of every part, in the order in which they were added. */
export const migrations = [...atomicMigrations, ...outboxMigrations, ...accountsMigrations, ...observeMigrations]

/**
 * Sets everything up, or throws a HoldfastError that says what is wrong, why and what to do.
 *
 * @example
 * const holdfast = await createHoldfast({ origin: 'https://app.example', public: ['/'] })
 * createServer(express(holdfast, app)).listen(3000)
 */
export async function createHoldfast(options: HoldfastOptions): Promise<Holdfast> {
  const setUp = readSetUp(options)
  const logs = openLogs(setUp.logs, setUp)
  let stores: Stores | undefined
  async function close(): Promise<void> {
    await stores?.close()
    await logs.close()
  }
  try {
    stores = await openStores(options, setUp.folder, setUp.bus.emitter('store'), setUp.now)
    const schema = {
      ...setUp,
      insecure: options.insecureDatabaseOwner,
      migrations: [...migrations, ...(options.migrations ?? [])],
    }
    const role = await openSchema(stores.database, schema)
    return await run(setUp, { ...stores, role, logs }, close)
  } catch (error) {
    await close()
    throw error
  }
}

/** What was opened before anything runs on it. */
interface Opened extends Stores {
  readonly logs: Logs
  /** What the role of the database may do too much. */
  readonly role: readonly Finding[]
}

async function run(setUp: SetUp, stores: Opened, close: () => Promise<void>): Promise<Holdfast> {
  const { now, onFault, production, site, signIn, routes, plan, bus, keys } = setUp
  const { token: random } = createRandom()
  const { database, limits, once, several, announcements, role, logs } = stores
  const remember = announcements ? REMEMBER_TOLD : several ? 0 : REMEMBER
  const observing = await openObserving({ ...setUp, database, once, random })
  const timeline = createTimeline(random, now)
  const mailing = openMailing({ ...setUp, database, random, emit: bus.emitter('mail') })
  const targets = { origin: site.origin, paths: setUp.linkPaths, signIn: signIn?.path, approvals: setUp.approvalsPath }
  const accounts = createAccounts({
    ...setUp,
    remember,
    announcements,
    followApproval: followResponses(timeline),
    concurrent: setUp.sessions.concurrent,
    sealLife: (signIn?.doors['breakGlass'] as { readonly life: number } | undefined)?.life,
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
  // So that the command knows the roles of the application it works beside.
  await recordRoles(once, accounts.roles, now())
  await recordRoles(once, accounts.tenants.roles, now(), 'tenant')
  await recordApproval(once, setUp.approval, now())
  await recordRoutes(once, setUp.recorded, now())
  await recordLetters(once, mailing && { targets, signUp: accounts.signUp, keys: fingerprintsOf(keys) }, now())
  await accounts.credentials.levelWork()
  const api = (own: readonly Operation[] = []) =>
    describeApi({
      title: signIn ? signIn.brand : site.hostname,
      version: '1',
      origin: site.origin,
      cookie: sessionCookieName(site),
      operations: [...plan.operations, ...own],
    })
  const emit = bus.emitter('engine')
  const answers = createAnswers((error) => onFault(error, undefined))
  const measuring = await openMeasuring({ setUp, stores, logs, answers, emit, migrations })
  const sealed = await accounts.breakGlass.findings(signIn?.doors['breakGlass'] !== undefined)
  const weaker = [...(setUp.mail?.weaker ?? []), ...findingsOfLogs(setUp.logs), ...role, ...observing.findings, ...sealed]
  const findings = [...plan.findings, ...weaker, ...setUp.detections.findings]
  const answering = await openAnswering({
    ...{ setUp, stores, accounts, observing, answers, random, timeline, weaker: findings.map(({ id }) => id) },
    // With one process nobody writes but this one and the command; several hear each other, or ask as often.
    keep: announcements ? REMEMBER_TOLD : REMEMBER,
  })
  const asking = createAsking(keys, now)
  const kept = createKeptForms({ keys, once, random, now })
  const resume = createResuming({ kept, path: signIn?.resumePath, onFault: (error) => onFault(error, undefined) })
  const brand = signIn?.brand ?? site.hostname
  const approving = createApproving({ approvals: accounts.approvals, asking, path: setUp.approvalsPath, brand })
  const services = new Map<Slot<any>, unknown>([
    [Observing, measuring.observed],
    [Accounts, accounts],
    [ApiDescription, api],
    ...answering.slots,
    [Asking, asking],
    [KeptForms, kept],
  ])
  const shared = { site, production, keys, database, limits, once, routes, now, random, use }
  const { hooks, names, hookNames } = plan.start((control) => ({ ...shared, emit: bus.emitter(control) }))
  const authorizeEmit = bus.emitter('authorize')
  announce(emit, names, plan.off)
  for (const { id, what } of role)
    emit({ type: 'sys_insecure_setting', data: { setting: 'database', finding: id, reason: what } })
  if (setUp.madeKeys) emit({ type: 'key_created', ...((await hasUsers(database)) && KEYS_LOST), data: { id: keys.current } })
  const stopSweeping = sweepRegularly(
    [
      ...[limits, once, accounts.sessions, accounts.browsers, accounts.apiKeys],
      ...[accounts.tokens, accounts.links, accounts.recoveries, accounts.notices, accounts.deletions, accounts.approvals],
      ...[...(mailing ? [mailing] : []), observing],
      answering,
    ],
    now,
    (error) => onFault(error, undefined),
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
    if (carried) return new RequestView(carried.x, authorizeEmit, approving)
    throw new HoldfastError('HF_EXCHANGE_MISSING', 'This request did not pass through Holdfast.', {
      fix: 'Serve the application through its adapter.',
    })
  }

  async function stop(): Promise<void> {
    emit({ type: 'sys_shutdown' })
    stopSweeping()
    await answering.stop()
    for (const hook of hooks) await hook.stop?.()
    measuring.stop()
    await observing.stop(async () => await mailing?.stop())
    await close()
  }

  const engine = createEngine(hooks, { now, emit, onFault, names: hookNames, render: createRefusal({ site, signIn }) })
  return {
    ...{
      engine,
      site,
      accounts,
      approvals: accounts.approvals,
      mail: mailing,
      describeApi: api,
      controls: names,
      emit,
      on: bus.on,
      authorize,
      resume,
      of,
    },
    ...{ findings, answers, now, forms: { keys, once, random, decoys: answering.services.honeytokens.fields } },
    ...{ metrics: measuring.metrics, readiness: measuring.readiness, around: measuring.around },
    ...{ ...answering.services, ...observing.services, ...applicationDatabases(database) },
    stop: () => (stopped ??= stop()),
  }
}

/** How long a session that was found is believed before it is looked up again: what the command changes is seen within this time. */
const REMEMBER = 100
/** The same where the processes tell each other what they write: it bounds what a message that was lost can cost. */
const REMEMBER_TOLD = 1000

/** Made at a first start, keys are ordinary. Beside users they replace others, which are lost. */
const KEYS_LOST = { level: 'critical' } as const

async function hasUsers({ kysely }: Stores['database']): Promise<boolean> {
  return (await kysely.selectFrom('hf_users').select('id').limit(1).executeTakeFirst()) !== undefined
}

function announce(emit: Emit, names: readonly string[], off: ReadonlyMap<string, string>): void {
  emit({ type: 'sys_startup', data: { controls: names, node: process.version } })
  for (const [control, reason] of off) emit({ type: 'sys_insecure_setting', data: { control, reason } })
}
