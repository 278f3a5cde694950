/** Runs the list: each signal to those that need it, each firing once a while to those who listen. Nothing here is on the way of a request. */
import type { Emit } from '../../engine/events.ts'
import { createQuiet } from '../../engine/quiet.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import type { Detected, DetectedListener, Subject } from '../detected.ts'
import { claimOf } from './claims.ts'
import { createCounts } from './counts.ts'
import type { Detection, State } from './definition.ts'
import { createDigest } from './digest.ts'
import { createMemos } from './memos.ts'
import type { Place } from './places.ts'
import { createShapes, type Telling, type Tools, type Watch } from './shapes.ts'
import { createSharedCounts } from './shared-counts.ts'
import { clientOf, type Signal } from './signal.ts'

/** A detection as it runs here. */
export interface Chosen {
  readonly detection: Detection
  readonly state: State
  readonly thresholds: Readonly<Record<string, number>>
}

export interface RuntimeSetting {
  readonly chosen: readonly Chosen[]
  readonly emit: Emit
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  readonly onFault: (error: unknown) => void
  /** Where several processes sum what they count. @default this process counts for itself */
  readonly shared?: AtomicStore | undefined
  /** What outlives the process. @default nothing does */
  readonly kept?: AtomicStore | undefined
  /** The application's own origin. */
  readonly site: string
  /** Beginnings of paths that are for administrators. @default those that scanners know */
  readonly adminPaths?: readonly string[] | undefined
  readonly locate?: ((address: string) => Place | undefined) | undefined
}

export interface Runtime {
  /** Takes a signal; it is looked at with others a moment later. */
  readonly take: (signal: Signal) => void
  /** Adds a listener; returns how to remove it. */
  readonly on: (listener: DetectedListener) => () => void
  /** Types of signals that anybody needs. */
  readonly needs: ReadonlySet<string>
  /** Resolves when everything that was taken has been looked at. */
  settled(): Promise<void>
  /** Bytes of the tables. */
  readonly bytes: number
  stop(): Promise<void>
}

/** Milliseconds in which signals gather: many at once cost less than each alone, and most requests meet nothing of it. */
const TOGETHER = 20
/** What waits to be looked at: more than any machine takes in that time, so that only a flood of events loses any. */
const MOST_WAITING = 50_000
const QUIET = 600_000
const MOST_EARLY = 100
const MOST_SUBJECTS = 16
const LONGEST = 200

export function createRuntime(setting: RuntimeSetting): Runtime {
  const { chosen, emit, random, onFault, shared, kept, locate, site, adminPaths = [] } = setting
  const digest = createDigest(Buffer.from(random(16), 'base64url'))
  const sums = shared && createSharedCounts({ store: shared, onFault })
  const counts = createCounts({ digest, share: sums })
  const memos = createMemos({ store: kept, several: shared !== undefined, onFault })
  const listeners = new Set<DetectedListener>()
  const watches = new Map<string, Watch<Signal>[]>()
  const pending = new Set<Promise<void>>()
  let waiting: Signal[] = []
  /** What fired while the application was still being put together, for the first who listens. */
  let early: Detected[] = []
  let scheduled = false
  let lost = 0

  for (const one of chosen) if (one.state !== 'off') begin(one)

  function begin({ detection, state, thresholds }: Chosen): void {
    const { name } = detection
    const quiet = createQuiet(detection.quiet ?? QUIET)

    function fire(key: string, signal: Signal, telling: () => Telling): void {
      const times = quiet.heard(key, signal.time)
      if (times === 0) return
      if (!sums) return tell(detection, state, telling(), signal, times)
      const claim = sums.claim(`${name}:${key}`, detection.quiet ?? QUIET, signal.time)
      track(claim.then((first) => void (first && tell(detection, state, telling(), signal, times))))
    }

    const tools: Tools<Chosen['thresholds'], Signal> = {
      ...createShapes<Signal>({ name, counts, memos, fire }),
      thresholds,
      site,
      adminPaths,
      locate: (address) => (address === undefined ? undefined : locate?.(address)),
    }
    const started = [detection.start(tools)].flat()
    for (const type of detection.needs) watches.set(type, [...(watches.get(type) ?? []), ...started])
    // Probes are answers that look like one.
    if (watches.has('probe') && !watches.has('answer')) watches.set('answer', [])
  }

  function track(work: Promise<void>): void {
    const done = work.catch(onFault).finally(() => pending.delete(done))
    pending.add(done)
  }

  function tell(detection: Detection, state: State, telling: Telling, signal: Signal, times: number): void {
    const { name, offered } = detection
    const { why, actors = [clientOf(signal)], severity = detection.severity, automatic = detection.automatic } = telling
    const targets = (telling.targets ?? []).slice(0, MOST_SUBJECTS).map(short)
    const detected: Detected = {
      id: random(16).slice(0, 16),
      detection: name,
      severity,
      time: signal.time,
      dryRun: state === 'dry-run',
      actors: actors.slice(0, MOST_SUBJECTS).map(short),
      targets,
      targetCount: telling.targetCount ?? targets.length,
      why: times > 1 ? `${why}; ${times - 1} more since it was told last` : why,
      automatic,
      offered,
    }
    emit({ type: 'detection_fired', level: LEVELS[detected.severity], data: describe(detected) })
    if (listeners.size === 0 && early.length < MOST_EARLY) early.push(detected)
    for (const listener of listeners) hear(listener, detected)
  }

  function hear(listener: DetectedListener, detected: Detected): void {
    try {
      listener(detected)
    } catch (error) {
      onFault(error)
    }
  }

  function show(signal: Signal, to: readonly Watch<Signal>[] = []): void {
    for (const watch of to) {
      try {
        const working = watch(signal)
        if (working instanceof Promise) track(working)
      } catch (error) {
        onFault(error)
      }
    }
  }

  function drain(): void {
    scheduled = false
    const batch = waiting
    waiting = []
    const probes = watches.get('probe')
    for (const signal of batch) {
      show(signal, watches.get(signal.type))
      if (probes && signal.type === 'answer' && claimOf(signal, adminPaths) !== null) show(signal, probes)
    }
    if (lost > 0) emit({ type: 'sys_monitor_disabled', data: { what: 'detections', reason: 'flooded', lost } })
    lost = 0
  }

  return {
    needs: new Set(watches.keys()),
    take(signal) {
      if (!watches.has(signal.type)) return
      if (waiting.length >= MOST_WAITING) {
        lost++
        return
      }
      waiting.push(signal)
      if (scheduled) return
      scheduled = true
      setTimeout(drain, TOGETHER).unref()
    },
    on(listener) {
      listeners.add(listener)
      const unheard = early
      early = []
      for (const detected of unheard) hear(listener, detected)
      return () => void listeners.delete(listener)
    },
    async settled() {
      do {
        drain()
        await sums?.flush()
        await memos.flush()
        await Promise.all(pending)
      } while (waiting.length > 0 || pending.size > 0)
    },
    get bytes() {
      return counts.bytes
    },
    async stop() {
      drain()
      sums?.stop()
      await memos.flush()
      memos.stop()
    },
  }
}

const LEVELS = { low: 'info', medium: 'warn', high: 'warn', critical: 'critical' } as const

function short({ kind, value }: Subject): Subject {
  return { kind, value: value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value }
}

function describe({ detection, severity, dryRun, actors, targets, targetCount, why, id }: Detected) {
  const texts = (subjects: readonly Subject[]) => subjects.map(({ kind, value }) => `${kind}:${value}`)
  return { detection, severity, dryRun, actors: texts(actors), targets: texts(targets), targetCount, why, id }
}
