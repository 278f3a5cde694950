/** An administrator gives roles at an hour at which they never work, or from a browser that is new: it may not be they. */
import { count, defineDetection, ratio, time } from '../detecting/definition.ts'
import { event, DAY, HOUR, times } from '../detecting/replay.ts'
import { clientOf, fact, userOf, type EventSignal } from '../detecting/signal.ts'

const HOURS = 24
/** A working day. */
const SETTLED = 12 * HOUR
const MOST_RECENT = 30
const success = (at: number, device = 'Firefox on Linux') =>
  event('authn_login_success', { at, data: { door: 'password', userId: 'admin1', device } })
const grant = (at: number) =>
  event('authz_change', {
    at,
    principal: 'admin1',
    data: { userId: 'u2', from: ['member'], to: ['admin'], actor: 'user:admin1' },
  })

export const privilegeChangeOdd = defineDetection({
  name: 'privilege-change-odd',
  severity: 'high',
  why: 'Roles were given by somebody at an hour at which they never work, or from a browser that they never used before.',
  anchors: ['T1098', 'OWASP authz_admin', 'ASVS 6.3.5'],
  needs: ['authz_change', 'authn_login_success'],
  thresholds: {
    history: count(30, 'sign-ins and changes that must be known of a person before an hour can be odd'),
    share: ratio(0.01, 'share of them within an hour of it, below which an hour is odd'),
    fresh: time(DAY, 'for which a browser is new'),
  },
  automatic: ['notify-user'],
  offered: ['require-step-up', 'end-user-sessions', 'read-only'],
  replay: {
    fires: ({ history }) => [...times(history, (index) => success(index * DAY)), grant(history * DAY + 17 * HOUR)],
    nearMiss: ({ history }) => [...times(history, (index) => success(index * DAY)), grant(history * DAY + HOUR / 2)],
  },
  start: ({ thresholds, baseline }) =>
    baseline({
      lives: 365 * DAY,
      by: (event) => (event.type === 'authz_change' ? actorOf(event) : fact(event, 'userId')),
      judge(event, before, who) {
        // An hour counts once, however often somebody signs in, or a program that wants to make it usual.
        if (event.type === 'authn_login_success' && sameHour(before, event)) return { keep: before }
        const held = read(before, event.time)
        const keep = write(learned(held, event))
        const odd = event.type === 'authz_change' && grants(event) ? oddity(held, event.time, thresholds) : undefined
        if (odd === undefined) return { keep }
        const actors = [{ kind: 'user', value: who } as const, clientOf(event)]
        return { keep, tell: { why: `roles were changed ${odd}`, actors, targets: userOf(event) } }
      },
    }),
})

interface Usual {
  readonly hours: readonly number[]
  /** Not counted yet: what is done in the night begins with a sign-in in the night, which must not make it usual. */
  readonly recent: readonly number[]
  readonly devices: readonly string[]
  /** When the last new one was seen. */
  readonly newAt: number
}

function read(text: string | undefined, now: number): Usual {
  const [hours, newAt, recent = '', ...devices] = text?.split('\n') ?? []
  const counts = hours?.split(',').map(Number) ?? []
  const whole = counts.length === HOURS ? counts : Array.from({ length: HOURS }, () => 0)
  const times = recent === '' ? [] : recent.split(',').map(Number)
  for (const past of times) if (now - past >= SETTLED) whole[hourOf(past)]!++
  return { hours: whole, recent: times.filter((past) => now - past < SETTLED), devices, newAt: Number(newAt ?? 0) }
}

function write({ hours, recent, newAt, devices }: Usual): string {
  return [hours.join(','), newAt, recent.join(','), ...devices].join('\n')
}

/** Whether what is known of the person already holds this hour and this browser. Without reading all of it: it is asked at each sign-in. */
function sameHour(text: string | undefined, event: EventSignal): boolean {
  if (text === undefined) return false
  const at = text.indexOf('\n', text.indexOf('\n') + 1)
  const end = text.indexOf('\n', at + 1)
  const last = Number(text.slice(Math.max(at, text.lastIndexOf(',', end)) + 1, end))
  return event.time - last < HOUR && `${text}\n`.includes(`\n${fact(event, 'device') ?? ''}\n`, end)
}

function hourOf(time: number): number {
  return new Date(time).getUTCHours()
}

/** With this event. */
function learned(held: Usual, event: EventSignal): Usual {
  const device = fact(event, 'device')
  const next = { ...held, recent: [...held.recent, event.time].slice(-MOST_RECENT) }
  if (device === undefined || held.devices.includes(device)) return next
  return { ...next, devices: [device, ...held.devices].slice(0, 10), newAt: event.time }
}

/** What is odd about a change at this instant, as the end of a sentence. */
function oddity({ hours, devices, newAt }: Usual, now: number, { history, share, fresh }: Limits): string | undefined {
  if (isOddHour(hours, now, history, share)) return 'at an hour at which this person never worked'
  return devices.length > 1 && now - newAt < fresh ? 'from a browser that is new for this person' : undefined
}

interface Limits {
  readonly history: number
  readonly share: number
  readonly fresh: number
}

function isOddHour(hours: readonly number[], now: number, history: number, share: number): boolean {
  const total = hours.reduce((sum, many) => sum + many, 0)
  const hour = hourOf(now)
  const near = [-1, 0, 1].reduce((sum, step) => sum + hours[(hour + step + HOURS) % HOURS]!, 0)
  return total >= history && near / total < share
}

/** The person who did it; the command and the kit itself are nobody. */
function actorOf(event: EventSignal): string | undefined {
  const actor = fact(event, 'actor')
  return actor?.startsWith('user:') ? actor.slice(5) : event.principal
}

/** Whether somebody may do more than before. */
function grants({ data }: EventSignal): boolean {
  const [from, to] = [data?.['from'], data?.['to']]
  return Array.isArray(to) && to.some((role) => !Array.isArray(from) || !from.includes(role))
}
