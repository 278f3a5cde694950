/** Holdfast: secure by default. `createHoldfast` is the only place where everything meets. */
import { Accounts, accountsMigrations, createAccounts, recordRoles } from './accounts/index.ts'
import type { LinkTargets } from './accounts/post.ts'
import { createRefusal } from './console/refusal.ts'
import type { ConsoleOptions } from './controls/console/console.ts'
import { controls } from './controls/index.ts'
import { readSessionOptions } from './controls/session/session.ts'
import { kitRoutes, readSignInOptions, startPath, type SignInOptions } from './controls/sign-in/sign-in.ts'
import { parseKeyring, type KeyRing } from './crypto/keyring.ts'
import { createRandom } from './crypto/random.ts'
import type { Secret } from './crypto/secret.ts'
import { openDataFolder } from './data-folder.ts'
import { findCarried, type Guard } from './engine/carrier.ts'
import type { Site } from './engine/control.ts'
import { createEngine } from './engine/engine.ts'
import { HoldfastError } from './engine/errors.ts'
import { createBus, type Emit, type Listener } from './engine/events.ts'
import type { Slot } from './engine/exchange.ts'
import { Principal } from './engine/facts.ts'
import type { Finding } from './engine/finding.ts'
import { invalid } from './engine/options.ts'
import type { Passage } from './engine/passage.ts'
import { planControls } from './engine/pipeline.ts'
import { compileRoutes, type Decide } from './engine/policy.ts'
import type { Reply } from './engine/reply.ts'
import { createLog, fileSink, standardOutput, type LineSink } from './observe/log.ts'
import { OPTION_NAMES, type HoldfastOptions } from './options.ts'
import { readPasswords, refuseSharedKeys } from './passwords.ts'
import { readSite } from './site.ts'
import { openStores, sweepRegularly, type Stores } from './stores.ts'
import { migrate } from './store/migrate.ts'
import { outboxMigrations } from './store/outbox.ts'
import { atomicMigrations } from './store/sql-atomic.ts'
import { RequestView } from './view.ts'

export type { HoldfastOptions } from './options.ts'
export type { Accounts, Actor, ApiKey, NewApiKey, Session, User } from './accounts/types.ts'
export type { SecurityEvent } from './engine/events.ts'
export type { Principal } from './engine/facts.ts'
export type { Finding } from './engine/finding.ts'
export type { Requirement, RouteOptions } from './engine/policy.ts'
export type { Provider } from './controls/sign-in/providers/index.ts'
export { apple, github, gitlab, google, microsoft, oidc } from './controls/sign-in/providers/index.ts'
export { HoldfastError } from './engine/errors.ts'
export { Secret } from './crypto/secret.ts'
export { describeSettings, readSettings, type Settings } from './settings.ts'
export { RequestView } from './view.ts'

/** A running Holdfast: give it to an adapter, ask it about requests, stop it at the end. */
export interface Holdfast extends Guard {
  readonly site: Site
  readonly accounts: Accounts
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
  if (log) setUp.bus.on(createLog(log))
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

/** Everything that can be wrong with the options is found here, before anything is opened. */
function readSetUp(options: HoldfastOptions) {
  const now = options.now ?? Date.now
  const onFault = options.onFault ?? defaultOnFault
  const production = (options.mode ?? process.env['NODE_ENV'] ?? 'production') === 'production'
  const site = readSite(options.origin)
  const signIn = readSignInOptions(options.signIn)
  const routes = compileRoutes(options.public ?? [], options.routes ?? [], now(), kitRoutes(signIn))
  const plan = planControls(controls, controlOptions(withConsole(options, signIn)), { production, now: now() })
  if (signIn && signIn.secondFactor.roles.length > 0 && plan.off.has('console')) {
    invalid('signIn.secondFactor', 'set while console is off', 'Turn console on: without its page nobody can enrol.')
  }
  const sessions = readSessionOptions(options.session)
  const bus = createBus(now, (error) => onFault(error, undefined))
  const warn = (message: string) =>
    bus.emitter('accounts')({ type: 'sys_insecure_setting', data: { setting: 'passwords', message } })
  const { hasher, leaks, pepper } = readPasswords(options.passwords, warn)
  const folder = openDataFolder(options.data ?? '.holdfast')
  const own = options.keys === undefined ? folder.keys() : undefined
  const keys = readKeys(options.keys ?? own!.keys)
  refuseSharedKeys(pepper, keys)
  return {
    now,
    onFault,
    production,
    site,
    signIn,
    routes,
    plan,
    sessions,
    bus,
    hasher,
    leaks,
    folder,
    keys,
    madeKeys: own?.made === true,
    roles: options.roles,
  }
}

async function run(setUp: ReturnType<typeof readSetUp>, stores: Stores, close: () => Promise<void>): Promise<Holdfast> {
  const { now, onFault, production, site, signIn, routes, plan, bus, keys } = setUp
  const { token: random } = createRandom()
  const { database, limits, once, several } = stores
  const remember = several ? 0 : REMEMBER
  const accounts = createAccounts({
    ...setUp,
    remember,
    database,
    once,
    random,
    emit: bus.emitter('accounts'),
    siteName: site.hostname,
    linkTargets: { origin: site.origin, paths: linkPaths(signIn) },
  })
  // So that the command knows the roles of the application it works beside.
  await recordRoles(once, accounts.roles, now())
  await accounts.credentials.levelWork()
  const services = new Map<Slot<any>, unknown>([[Accounts, accounts]])
  const shared = { site, production, keys, database, limits, once, routes, now, random, use }
  const { hooks, names } = plan.start((control) => ({ ...shared, emit: bus.emitter(control) }))
  const emit = bus.emitter('engine')
  const authorizeEmit = bus.emitter('authorize')
  announce(emit, names, plan.off)
  if (setUp.madeKeys) emit({ type: 'key_created', data: { id: keys.current } })
  const stopSweeping = sweepRegularly([limits, once, accounts.sessions, accounts.apiKeys, accounts.links], now, (error) =>
    onFault(error, undefined),
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
    if (carried) return new RequestView(carried.x)
    throw new HoldfastError('HF_EXCHANGE_MISSING', 'This request did not pass through Holdfast.', {
      fix: 'Serve the application through its adapter.',
    })
  }

  async function stop(): Promise<void> {
    emit({ type: 'sys_shutdown' })
    stopSweeping()
    for (const hook of hooks) await hook.stop?.()
    await close()
  }

  const engine = createEngine(hooks, { now, emit, onFault, render: createRefusal({ site, signIn }) })
  const { findings } = plan
  return { engine, site, accounts, controls: names, findings, emit, on: bus.on, authorize, of, stop: () => (stopped ??= stop()) }
}

/** How long a session that was found is believed before it is looked up again: what the command changes is seen within this time. */
const REMEMBER = 100

/** Throws HF_KEYS_INVALID, which says what is wrong with the keys without saying them. */
function readKeys(text: string | Secret): KeyRing {
  try {
    return parseKeyring(text)
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
      keys,
      ...given,
    },
  }
}

/** What the page of identities needs of the providers: no secret. */
function providersOf(signIn: SignInOptions): ConsoleOptions['providers'] {
  return Object.entries(signIn.providers).map(([id, { label, issuer }]) => ({ id, label, issuer, path: startPath(signIn, id) }))
}

/** Which page takes the links of which purpose. */
function linkPaths(signIn: SignInOptions | undefined): LinkTargets['paths'] {
  return Object.fromEntries((signIn?.pages ?? []).flatMap(({ path, link }) => (link ? [[link, path]] : [])))
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

function openLog(log: NonNullable<HoldfastOptions['log']>): LineSink | undefined {
  if (log === 'silent' || typeof log === 'function') return undefined
  return log === 'stdout' ? standardOutput() : fileSink(log)
}

/** An error of the application goes to the operator with its stack; the client never sees it. */
function defaultOnFault(error: unknown, requestId: string | undefined): void {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error)
  process.stderr.write(`${requestId === undefined ? '' : `[${requestId}] `}${text}\n`)
}

function announce(emit: Emit, names: readonly string[], off: ReadonlyMap<string, string>): void {
  emit({ type: 'sys_startup', data: { controls: names, node: process.version } })
  for (const [control, reason] of off) emit({ type: 'sys_insecure_setting', data: { control, reason } })
}
