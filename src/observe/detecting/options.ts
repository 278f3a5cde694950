/** The option `detections`: which run, how strictly, and with what. Read at start-up; nothing that would have no effect is accepted. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, refuseUnknown } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'
import { STATES, type Detection, type State, type Threshold } from './definition.ts'
import type { Chosen } from './runtime.ts'

/** How one detection runs. Its thresholds stand beside `state`, by name: numbers, or lengths of time such as `'5m'`. */
export interface DetectionOptions {
  /** @default that of `detections.state` */
  readonly state?: State
  /** Why it is off: asked for where `state` is `off`. */
  readonly reason?: string
  readonly [threshold: string]: number | string | undefined
}

export interface DetectionsOptions {
  /** Of those that `each` does not name. In `dry-run` they are told and kept, and nothing answers them by itself. @default 'on' */
  readonly state?: 'dry-run' | 'on'
  /** By name. @default all as they are in the reference */
  readonly each?: Readonly<Record<string, State | DetectionOptions>>
  /** Beginnings of paths of your own that are for administrators, beside those that scanners know. @default none */
  readonly adminPaths?: readonly string[]
  /** A file of MaxMind's format (MMDB) that says where addresses are. @default none, and places are not compared */
  readonly places?: string
}

export interface ReadDetections {
  readonly chosen: readonly Chosen[]
  readonly adminPaths: readonly string[]
  readonly places: string | undefined
  /** What is weaker than it could be, for `check`. */
  readonly findings: readonly Finding[]
}

/** Throws HF_OPTION_UNKNOWN or HF_OPTION_INVALID, naming what is wrong and what to write. */
export function readDetections(list: readonly Detection[], input: DetectionsOptions = {}): ReadDetections {
  if (typeof input !== 'object' || input === null)
    invalid('detections', input, 'Give an object of options; a single detection is turned off by its name in `each`.')
  refuseUnknown('detections', input, ['state', 'each', 'adminPaths', 'places'])
  const { state = 'on', each = {}, adminPaths = [], places } = input
  if (state !== 'on' && state !== 'dry-run') invalid('detections.state', state, "Write 'on' or 'dry-run'.")
  const names = list.map(({ name }) => name)
  for (const name of Object.keys(each)) if (!names.includes(name)) invalid('A name in detections.each', name, hint(name, names))
  for (const path of adminPaths)
    if (typeof path !== 'string' || !/^\/[^?#]*[^/?#]$/.test(path))
      invalid('A path in detections.adminPaths', path, "Write the beginning of a path, such as '/admin'.")
  const read = list.map((detection) => choose(detection, each[detection.name], state))
  return {
    chosen: read.map(({ detection, state: its, thresholds }) => ({ detection, state: its, thresholds })),
    adminPaths: adminPaths.map((path) => path.toLowerCase()),
    places,
    findings: read.flatMap(({ detection, state: its, reason }) => (its === 'off' ? [offFinding(detection.name, reason)] : [])),
  }
}

function choose(detection: Detection, given: State | DetectionOptions | undefined, otherwise: State) {
  const option = `detections.each.${detection.name}`
  const { state = otherwise, reason, ...thresholds } = typeof given === 'string' ? { state: given } : (given ?? {})
  if (!STATES.includes(state)) invalid(`${option}.state`, state, "Write 'on', 'dry-run' or 'off'.")
  if (state === 'off' && (typeof reason !== 'string' || reason.trim().length < 10))
    invalid(option, 'off', `Say why: { state: 'off', reason: 'what makes it unnecessary here' }, or use 'dry-run'.`)
  refuseUnknown(option, thresholds, Object.keys(detection.thresholds))
  const values = Object.entries(detection.thresholds).map(([name, threshold]) => [
    name,
    valueOf(`${option}.${name}`, threshold, (thresholds as Record<string, unknown>)[name]),
  ])
  return { detection, state, thresholds: Object.fromEntries(values) as Record<string, number>, reason }
}

function valueOf(option: string, { kind, default: usual, least, most }: Threshold, given: unknown): number {
  if (given === undefined) return usual
  const value = kind === 'time' ? milliseconds(option, given as Duration) : given
  const fits = typeof value === 'number' && value >= least && value <= most && (kind !== 'count' || Number.isSafeInteger(value))
  if (fits) return value
  return invalid(
    option,
    given,
    `Give a ${kind === 'count' ? 'whole number' : kind === 'time' ? 'length of time' : 'number'} from ${least} to ${most}${kind === 'time' ? ' ms' : ''}.`,
  )
}

/** The thresholds as they are without options. */
export function defaultsOf(detection: Detection): Readonly<Record<string, number>> {
  return choose(detection, undefined, 'on').thresholds
}

function offFinding(name: string, reason: string | undefined): Finding {
  return {
    id: `HF-DETECTION-${name}`,
    severity: 'medium',
    what: `The detection "${name}" is off: ${reason ?? ''}.`,
    fix: "Turn it on again, or to 'dry-run'.",
  }
}
