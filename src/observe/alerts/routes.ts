/** Which alert goes where, and when: by severity and kind, and at night only what cannot wait. */
import { invalid, refuseUnknown } from '../../engine/options.ts'
import { hint } from '../../engine/suggest.ts'
import { SEVERITIES, type Severity } from '../detected.ts'
import { ALERT_KINDS, type Alert, type AlertKind } from './alert.ts'

export interface AlertRoute {
  /** Names of channels. */
  readonly channels: readonly string[]
  /** The least severity. @default 'medium' */
  readonly from?: Severity
  /** @default all kinds */
  readonly kinds?: readonly AlertKind[]
  /** When this route waits. @default never */
  readonly quiet?: QuietHours
}

/** What comes within is sent at their end, each matter once. */
export interface QuietHours {
  /** Begin and end, as `HH:MM` on the clock of `timeZone`; over midnight, too. */
  readonly between: readonly [from: string, to: string]
  /** As in the IANA database: `Europe/Berlin`. @default 'UTC' */
  readonly timeZone?: string
  /** What does not wait: this severity and above. @default 'critical' */
  readonly except?: Severity
}

/** Where an alert goes, and when, in milliseconds since 1970. */
export interface Destination {
  readonly channel: string
  readonly at: number
}

interface Quiet {
  readonly begin: number
  readonly end: number
  readonly except: number
  readonly clock: (time: number) => number
}

interface Read {
  readonly channels: readonly string[]
  readonly from: number
  readonly kinds: ReadonlySet<AlertKind>
  readonly quiet: Quiet | undefined
}

const MINUTE = 60_000
const DAY = 1440

/** Compiles the routes. Throws HF_OPTION_INVALID for what cannot be meant, and for a channel to which nothing leads. */
export function compileRoutes(routes: readonly AlertRoute[], channels: readonly string[]): (alert: Alert) => Destination[] {
  const read = routes.map((route, index) => readRoute(`alerts.routes[${index}]`, route, channels))
  for (const channel of channels)
    if (!read.some(({ channels: led }) => led.includes(channel)))
      invalid(`alerts.channels.${channel}`, 'a channel to which no route leads', 'Name it in a route, or take it away.')
  return (alert) => {
    const soonest = new Map<string, number>()
    for (const route of read) {
      if (!matches(route, alert)) continue
      const at = whenOf(route, alert)
      for (const channel of route.channels) soonest.set(channel, Math.min(at, soonest.get(channel) ?? at))
    }
    return [...soonest].map(([channel, at]) => ({ channel, at }))
  }
}

/** What was asked for by hand, and what says that we are alive, is for everybody who is named. */
function matches({ from, kinds }: Read, { severity, kind }: Alert): boolean {
  return kinds.has(kind) && rank(severity) >= from
}

function whenOf({ quiet }: Read, { severity, time, kind }: Alert): number {
  if (quiet === undefined || kind === 'test' || rank(severity) >= quiet.except) return time
  const now = quiet.clock(time)
  const within = quiet.begin < quiet.end ? now >= quiet.begin && now < quiet.end : now >= quiet.begin || now < quiet.end
  if (!within) return time
  const left = (quiet.end - now + DAY) % DAY
  return Math.floor(time / MINUTE) * MINUTE + left * MINUTE
}

function rank(severity: Severity): number {
  return SEVERITIES.indexOf(severity)
}

function readRoute(option: string, route: AlertRoute, known: readonly string[]): Read {
  refuseUnknown(option, route, ['channels', 'from', 'kinds', 'quiet'])
  const { channels, from = 'medium', kinds = ALERT_KINDS, quiet } = route
  if (!Array.isArray(channels) || channels.length === 0) invalid(`${option}.channels`, channels, 'Name at least one channel.')
  for (const channel of channels) if (!known.includes(channel)) invalid(`${option}.channels`, channel, hint(channel, known))
  for (const kind of kinds) if (!ALERT_KINDS.includes(kind)) invalid(`${option}.kinds`, kind, hint(kind, ALERT_KINDS))
  return {
    channels,
    from: readSeverity(`${option}.from`, from),
    kinds: new Set(kinds),
    quiet: quiet && readQuiet(`${option}.quiet`, quiet),
  }
}

function readSeverity(option: string, severity: Severity): number {
  return SEVERITIES.includes(severity) ? rank(severity) : invalid(option, severity, hint(severity, SEVERITIES))
}

function readQuiet(option: string, quiet: QuietHours): Quiet {
  refuseUnknown(option, quiet, ['between', 'timeZone', 'except'])
  const { between, timeZone = 'UTC', except = 'critical' } = quiet
  const [begin, end] = (Array.isArray(between) ? between : []).map((text) => readMinute(`${option}.between`, text))
  if (begin === undefined || end === undefined || begin === end)
    invalid(`${option}.between`, between, `Write two different times: ['22:00', '07:00'].`)
  return { begin, end, except: readSeverity(`${option}.except`, except), clock: readClock(`${option}.timeZone`, timeZone) }
}

function readMinute(option: string, text: string): number {
  const [, hours, minutes] = /^([01]\d|2[0-3]):([0-5]\d)$/.exec(text) ?? []
  return hours === undefined ? invalid(option, text, 'Write it as HH:MM.') : Number(hours) * 60 + Number(minutes)
}

/** Minutes since midnight of a clock on that wall. */
function readClock(option: string, timeZone: string): (time: number) => number {
  try {
    const format = new Intl.DateTimeFormat('en-GB', { timeZone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })
    return (time) => readMinute(option, format.format(time))
  } catch (cause) {
    return invalid(option, timeZone, 'Write a zone of the IANA database: Europe/Berlin.', cause)
  }
}
