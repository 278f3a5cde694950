/** The option `audit`, read at start-up. */
import { EVENT_CLASSES, type EventClass } from '../engine/event-classes.ts'
import { HoldfastError } from '../engine/errors.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { checkInsecure, invalid, refuseUnknown, wholeNumber, type InsecureOff } from '../engine/options.ts'

/** How the audit log is kept. It is on unless it is turned off. */
export interface AuditOptions {
  /** How long events are kept, by class; a day at least. @default { administrative: '730d', security: '365d', operation: '90d' } */
  readonly keep?: Partial<Readonly<Record<EventClass, Duration | 'forever'>>>
  /** Events that wait in memory at most while the database does not answer, 100 to 1000000. @default 10000 */
  readonly queue?: number
  /** Events after which a chain is signed, 1 to 100000. @default 1000 */
  readonly checkpointEvery?: number
  /** How long after an event its chain is signed at the latest, a second to a day. @default '1m' */
  readonly checkpointWithin?: Duration
  /** A folder, best on another disk, where the log is written once more as lines of JSON. @default it is in the database alone */
  readonly folder?: string
}

/** The same, with nothing left open. Times are milliseconds. */
export interface Audit {
  /** Absent for a class that is kept for ever. */
  readonly keep: Partial<Readonly<Record<EventClass, number>>>
  readonly queue: number
  readonly every: number
  readonly within: number
  readonly folder: string | undefined
}

/** The log is off, for this reason. */
export interface AuditOff {
  readonly off: string
}

export const DAY = 86_400_000
export const DEFAULT_KEEP: Readonly<Record<EventClass, Duration | 'forever'>> = {
  administrative: '730d',
  security: '365d',
  operation: '90d',
}

/** Throws HF_OPTION_INVALID, or what a weaker setting without reason and date throws. */
export function readAudit(
  options: AuditOptions | InsecureOff | false | undefined,
  { production, now }: { readonly production: boolean; readonly now: number },
): Audit | AuditOff {
  if (options === false) return readOff(production)
  if (options === undefined) return readAudit({}, { production, now })
  if (typeof options !== 'object' || options === null)
    return invalid('audit', options, 'Give an object of options, or leave it out.')
  if ('insecureOff' in options) {
    refuseUnknown('audit', options, ['insecureOff'])
    checkInsecure('audit.insecureOff', options.insecureOff, now)
    return { off: options.insecureOff.reason }
  }
  refuseUnknown('audit', options, ['keep', 'queue', 'checkpointEvery', 'checkpointWithin', 'folder'])
  const { keep = {}, queue = 10_000, checkpointEvery = 1000, checkpointWithin = '1m', folder } = options
  const within = milliseconds('audit.checkpointWithin', checkpointWithin)
  if (within < 1000 || within > DAY) invalid('audit.checkpointWithin', checkpointWithin, `Write a second to a day: '1m'.`)
  if (folder !== undefined && (typeof folder !== 'string' || folder === ''))
    invalid('audit.folder', folder, 'Name a folder, or leave it out.')
  return {
    keep: readKeep(keep),
    queue: wholeNumber('audit.queue', queue, 100, 1_000_000),
    every: wholeNumber('audit.checkpointEvery', checkpointEvery, 1, 100_000),
    within,
    folder,
  }
}

/** Lengths of time by class, laid over the defaults. */
export function readKeep(keep: NonNullable<AuditOptions['keep']>): Audit['keep'] {
  if (typeof keep !== 'object' || keep === null) return invalid('audit.keep', keep, `Write { security: '365d' }.`)
  refuseUnknown('audit.keep', keep, EVENT_CLASSES)
  const read = EVENT_CLASSES.flatMap((name) => {
    const value = keep[name] ?? DEFAULT_KEEP[name]
    if (value === 'forever') return []
    const length = milliseconds(`audit.keep.${name}`, value)
    if (length < DAY) invalid(`audit.keep.${name}`, value, `Keep it for a day at least: '365d', or 'forever'.`)
    return [[name, length] as const]
  })
  return Object.fromEntries(read)
}

function readOff(production: boolean): AuditOff {
  if (!production) return { off: 'off outside production' }
  throw new HoldfastError('HF_OPTION_INSECURE', 'audit is off in production, without saying why and until when.', {
    fix: `Leave it on, or write { insecureOff: { reason: 'why', until: 'YYYY-MM-DD' } }.`,
  })
}
