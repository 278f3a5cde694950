/** What is counted of a running Holdfast, and how it says whether it is ready: metrics, readiness, spans, put together. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { countSessions } from '../accounts/sessions/count.ts'
import { metricsFor, observeOptions, type ObserveOptions } from '../controls/observe/options.ts'
import type { Answers } from '../engine/answers.ts'
import type { Emit } from '../engine/events.ts'
import type { Finding } from '../engine/finding.ts'
import { measureEvents } from '../observe/metrics/events.ts'
import { createMetrics } from '../observe/metrics/metrics.ts'
import { measureProcess } from '../observe/metrics/process.ts'
import { measureRequests } from '../observe/metrics/requests.ts'
import type { Metrics } from '../observe/metrics/types.ts'
import type { Observed } from '../observe/observing.ts'
import { createReadiness, type Readiness } from '../observe/readiness.ts'
import type { Logs } from './logging.ts'
import type { HoldfastOptions } from '../options.ts'
import type { SetUp } from '../settings/set-up.ts'
import type { Database, Migration } from '../store/database.ts'
import { outboxLevels } from '../store/outbox-rows.ts'
import type { Stores } from './stores.ts'
import { openTelemetry, wantsTelemetry, type Telemetry } from './telemetry.ts'

export interface MeasuringSetting {
  readonly setUp: SetUp
  readonly stores: Stores
  readonly logs: Pick<Logs, 'lost'>
  readonly answers: Answers
  readonly emit: Emit
  readonly migrations: readonly Migration[]
}

export interface Measuring extends Observed {
  /** For who registers what they measure: counts in any case, and is shown where `observe.metrics` says so. */
  readonly metrics: Metrics
  /** For the control `observe`. */
  readonly observed: Observed
  /** For the adapters: follows a request with a span; absent where nobody wants one. */
  readonly around: Telemetry['around']
  stop(): void
}

/** Reads the option of the control `observe` for who must know before it starts; of one that is off, nothing. */
export function readObserve(given: HoldfastOptions['observe']): ObserveOptions | undefined {
  if (given === false || (given !== undefined && 'insecureOff' in given)) return undefined
  return observeOptions(given)
}

/** Counts from now on, where somebody may read it; listens to nothing where nobody may. */
export async function openMeasuring(setting: MeasuringSetting): Promise<Measuring> {
  const { setUp, stores, answers, emit, migrations } = setting
  const onFault = (error: unknown) => setUp.onFault(error, undefined)
  const metrics = createMetrics({ onFault })
  const readiness = openReadiness(stores, migrations, setUp, emit)
  const shown = setUp.observe && metricsFor(setUp.observe, setUp.site)
  const observed = { metrics: shown && metrics, readiness }
  const told = wantsTelemetry(setUp.openTelemetry)
  if (!shown && !told) return { metrics, readiness, observed, around: undefined, stop() {} }
  const ownPaths = ownPathsOf(setUp, shown?.path)
  const stops = [measureRequests(metrics, answers, ownPaths), measureEvents(metrics, setUp.bus), measureProcess(metrics)]
  measureStores(metrics, setting)
  measurePosture(metrics, setUp.plan.findings)
  const telemetry = told ? await openTelemetry({ setUp, answers, metrics, ownPaths }) : undefined
  return {
    ...{ metrics, readiness, observed, around: telemetry?.around },
    stop() {
      for (const stop of stops) stop()
      telemetry?.stop()
    },
  }
}

/** What the kit itself answers, where no part of the path varies. */
function ownPathsOf({ observe, plan }: SetUp, shown: string | undefined): ReadonlySet<string> {
  const paths = [observe?.health, observe?.ready, shown, ...plan.operations.map(({ path }) => path)]
  return new Set(paths.filter((path) => typeof path === 'string'))
}

function openReadiness(
  { database, limits }: Stores,
  migrations: readonly Migration[],
  { now, onFault }: SetUp,
  emit: Emit,
): Readiness {
  return createReadiness({
    checks: [
      { name: 'database', check: () => database.ping() },
      { name: 'migrations', check: () => holdMigrations(database, migrations) },
      // Limits go on in the memory of the process: all processes together must not leave because Redis did.
      { name: 'limits', check: () => limits.ping(), optional: true },
    ],
    now,
    onChange: (ready, failed) => emit(ready ? { type: 'sys_ready' } : { type: 'sys_unready', data: { failed } }),
    onFault: (error) => onFault(error, undefined),
  })
}

/** Rejects unless every table that the code knows was made. What a newer version made besides does not matter: it may be replacing us. */
async function holdMigrations(database: Database, migrations: readonly Migration[]): Promise<void> {
  const rows = await database.kysely.selectFrom('hf_migrations').select('id').execute()
  const applied = new Set(rows.map(({ id }) => id as string))
  const missing = migrations.find(({ id }) => !applied.has(id))
  if (missing) throw new Error(`The database lacks the migration ${missing.id}: it is another one than at the start.`)
}

/** What must be asked of the database is asked when somebody scrapes, seldom, and beside the requests. */
function measureStores(metrics: Metrics, { setUp, logs, stores: { database } }: MeasuringSetting): void {
  const { hasher, sessions, now } = setUp
  metrics.gauge({
    name: 'holdfast_password_hashes',
    help: 'Passwords that are being hashed, and those that wait for it.',
    labels: ['state'],
    every: 0,
    read: () => Object.entries(hasher.load()).map(([state, count]) => [[state], count as number] as const),
  })
  metrics.counter({
    name: 'holdfast_log_lines_lost_total',
    help: 'Lines of the log that could not be written, by sink.',
    labels: ['sink'],
    every: 0,
    read: () =>
      [...Map.groupBy(logs.lost(), ([sink]) => sink)].map(
        ([sink, all]) => [[sink], all.reduce((sum, [, lines]) => sum + lines, 0)] as const,
      ),
  })
  metrics.gauge({
    name: 'holdfast_sessions_active',
    help: 'Sessions that live, of all processes; SQLite counts 10000 at most, PostgreSQL 1000000.',
    every: 30_000,
    read: () => countSessions(database, sessions, now()),
  })
  const levels = sharedFor(2000, () => outboxLevels(database))
  metrics.gauge({
    name: 'holdfast_outbox_entries',
    help: 'What lies in the outbox, by channel and state.',
    labels: ['channel', 'state'],
    read: async () => (await levels()).map(({ channel, state, count }) => [[channel, state], count] as const),
  })
  metrics.gauge({
    name: 'holdfast_outbox_oldest_seconds',
    help: 'How long the oldest entry that is still to leave has been in the outbox.',
    labels: ['channel'],
    read: async () =>
      (await levels())
        .filter(({ state }) => state === 'waiting')
        .map(({ channel, oldest }) => [[channel], Math.max(0, now() - oldest) / 1000] as const),
  })
}

function measurePosture(metrics: Metrics, findings: readonly Finding[]): void {
  metrics.gauge({
    name: 'holdfast_findings',
    help: 'What is set less safely than it could be, by severity.',
    labels: ['severity'],
    read: () =>
      ['low', 'medium', 'high', 'critical'].map(
        (severity) => [[severity], findings.filter((one) => one.severity === severity).length] as const,
      ),
  })
  const { version } = JSON.parse(readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8')) as {
    readonly version: string
  }
  metrics
    .gauge({ name: 'holdfast_build_info', help: 'Versions; the value is always 1.', labels: ['version', 'node'] })
    .set(1, [version, process.version])
}

/** One answer for all who ask within some milliseconds. */
function sharedFor<T>(milliseconds: number, ask: () => Promise<T>): () => Promise<T> {
  let known: { readonly at: number; readonly answer: Promise<T> } | undefined
  return () => {
    if (known === undefined || performance.now() - known.at > milliseconds) known = { at: performance.now(), answer: ask() }
    return known.answer
  }
}
