/** The option `incidents`, read at start-up. */
import { milliseconds, type Duration } from '../engine/duration.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'

/** How incidents are kept. */
export interface IncidentsOptions {
  /** How long after it was closed an incident is kept, with its timeline, its responses and its evidence; a day at least. @default '400d' */
  readonly keep?: Duration | 'forever'
}

const DAY = 86_400_000
export const DEFAULT_INCIDENTS_KEEP = 400 * DAY

/** Milliseconds; `null`: for ever. Throws HF_OPTION_INVALID. */
export function readIncidents(options: IncidentsOptions = {}): { readonly keep: number | null } {
  if (typeof options !== 'object' || options === null) return invalid('incidents', options, `Write { keep: '400d' }.`)
  refuseUnknown('incidents', options, ['keep'])
  const { keep = DEFAULT_INCIDENTS_KEEP } = options
  return { keep: readIncidentsKeep('incidents.keep', keep) }
}

export function readIncidentsKeep(name: string, keep: Duration | 'forever'): number | null {
  if (keep === 'forever') return null
  const length = milliseconds(name, keep)
  if (length < DAY) invalid(name, keep, `Keep it for a day at least: '400d', or 'forever'.`)
  return length
}
