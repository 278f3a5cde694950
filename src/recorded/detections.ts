/** What detections run, for whoever asks: the application itself, and the command, for which the application leaves it in the store. */
import type { State } from '../observe/detecting/definition.ts'
import { defaultsOf } from '../observe/detecting/options.ts'
import type { Chosen } from '../observe/detecting/runtime.ts'
import type { Severity } from '../observe/detected.ts'
import { detections } from '../observe/detections/index.ts'
import type { AtomicStore } from '../store/atomic.ts'

export interface ListedDetection {
  readonly name: string
  readonly state: State
  readonly severity: Severity
  readonly why: string
  readonly anchors: readonly string[]
  /** By name: what it is now, what it is by default, and what it means. */
  readonly thresholds: Readonly<
    Record<string, { readonly value: number; readonly default: number; readonly kind: string; readonly what: string }>
  >
  readonly automatic: readonly string[]
  readonly offered: readonly string[]
}

type Recorded = Readonly<Record<string, { readonly state: State; readonly thresholds: Readonly<Record<string, number>> }>>

const KEY = 'application:detections'
const CENTURY = 100 * 365 * 86_400_000

export function listChosen(chosen: readonly Chosen[]): ListedDetection[] {
  return chosen.map(({ detection, state, thresholds }) => {
    const { name, severity, why, anchors, automatic, offered } = detection
    const named = Object.entries(detection.thresholds).map(([key, { default: usual, kind, what }]) => [
      key,
      { value: thresholds[key] ?? usual, default: usual, kind, what },
    ])
    return { name, state, severity, why, anchors, thresholds: Object.fromEntries(named), automatic, offered }
  })
}

/** Leaves them. */
export async function recordDetections(once: AtomicStore, chosen: readonly Chosen[], now: number): Promise<void> {
  const lines = chosen.map(({ detection, state, thresholds }) => [detection.name, { state, thresholds }])
  await once.put(KEY, JSON.stringify(Object.fromEntries(lines)), CENTURY, now)
}

/** What was left last, laid over the list of this version; `undefined` where no application of this version has started. */
export async function recordedDetections(once: AtomicStore, now: number): Promise<Chosen[] | undefined> {
  const text = await once.get(KEY, now)
  if (text === undefined) return undefined
  const recorded = JSON.parse(text) as Recorded
  return detections.map((detection) => {
    const { state = 'on', thresholds = {} } = recorded[detection.name] ?? {}
    return { detection, state, thresholds: { ...defaultsOf(detection), ...thresholds } }
  })
}
