/** `holdfast audit search` and `tail`. */
import { EVENTS, type EventType, type Level } from '../../engine/events.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { hint } from '../../engine/suggest.ts'
import { actorOf, userOf } from '../../observe/audit/export/format.ts'
import type { AuditEvent, AuditFilter } from '../../observe/audit/types.ts'
import { printable, shown } from '../arguments.ts'
import { done, Refusal, type Call, type Option, type Outcome } from '../command.ts'
import { instant, table } from '../table.ts'
import { ACTOR, withAudit } from './open.ts'

export const FILTER_OPTIONS: Readonly<Record<string, Option>> = {
  user: { type: 'string', value: 'ID', what: 'Everything of a user: what they did, and what was done to them' },
  client: { type: 'string', value: 'ADDRESS', what: 'Everything of an address' },
  session: { type: 'string', value: 'ID', what: 'Everything of a session' },
  'api-key': { type: 'string', value: 'ID', what: 'Everything of an API key' },
  request: { type: 'string', value: 'ID', what: 'Everything of a request' },
  type: { type: 'string', value: 'TYPE', what: 'Events of this type: authn_login_fail' },
  level: { type: 'string', value: 'LEVEL', what: 'info, warn or critical' },
  control: { type: 'string', value: 'NAME', what: 'Events of this part' },
  from: { type: 'string', value: 'TIME', what: 'From this time on: 2027-01-31, 2027-01-31T12:00Z, or 24h ago as 24h' },
  to: { type: 'string', value: 'TIME', what: 'Up to before this time' },
  limit: { type: 'string', value: 'COUNT', what: 'Events at most, up to 500 [100; tail 20]' },
}

/** How often the log is looked at. */
const EVERY = 1000

export async function search(call: Call): Promise<Outcome> {
  const filter = filterOf(call)
  const limit = limitOf(call, 100)
  return await withAudit(call, async ({ log, record }) => {
    await record({ type: 'audit_read', data: { actor: ACTOR, filter: describeFilter(filter) } })
    const before = call.option('before')
    const page = await log.search(filter, { limit, ...(before !== undefined && { before }) })
    const more = page.next === undefined ? '' : `\n\nThere are more: --before ${page.next}`
    return done(`${describe(page.events)}${more}`, page)
  })
}

export async function tail(call: Call): Promise<Outcome> {
  const filter = filterOf(call)
  const limit = limitOf(call, 20)
  return await withAudit(call, async ({ log, record }) => {
    await record({ type: 'audit_read', data: { actor: ACTOR, filter: describeFilter(filter), follow: call.flag('follow') } })
    const latest = await log.tail(filter, { limit })
    if (!call.flag('follow')) return done(describe(latest.events), latest)
    if (call.io.print === undefined) throw new Refusal(2, 'There is nobody to print to.')
    const show = (events: readonly AuditEvent[]) => {
      for (const event of events) call.io.print!(lineOf(event))
    }
    show(latest.events)
    for (let { cursor } = latest; call.io.goesOn?.() ?? true;) {
      await new Promise((resolve) => setTimeout(resolve, EVERY))
      const next = await log.tail(filter, { after: cursor })
      cursor = next.cursor
      show(next.events)
    }
    return done('', null)
  })
}

export function filterOf({ option, io }: Call): AuditFilter {
  const [type, level] = [option('type'), option('level')]
  if (type !== undefined && !Object.hasOwn(EVENTS, type))
    throw new Refusal(2, `There is no event ${shown(type)}. ${hint(type, Object.keys(EVENTS))}`)
  if (level !== undefined && !['info', 'warn', 'critical'].includes(level))
    throw new Refusal(2, 'A level is info, warn or critical.')
  const given = {
    user: option('user'),
    client: option('client'),
    session: option('session'),
    apiKey: option('api-key'),
    requestId: option('request'),
    type: type as EventType | undefined,
    level: level as Level | undefined,
    control: option('control'),
    from: timeOf(option('from'), io.now()),
    to: timeOf(option('to'), io.now()),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

/** A time, or how long ago. */
export function timeOf(text: string | undefined, now: number): number | undefined {
  if (text === undefined) return undefined
  if (/^\d+(?:\.\d+)?(?:ms|s|m|h|d)$/.test(text)) return now - milliseconds('time', text as Duration)
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(time)) throw new Refusal(2, `${shown(text)} is no time. Write 2027-01-31, 2027-01-31T12:00Z, or 24h.`)
  return time
}

function limitOf({ option }: Call, usual: number): number {
  const limit = Number(option('limit') ?? usual)
  if (Number.isInteger(limit) && limit >= 1 && limit <= 500) return limit
  throw new Refusal(2, '--limit is a whole number from 1 to 500.')
}

/** Names of what was searched for, with their values: for the log. */
function describeFilter(filter: AuditFilter): string {
  return Object.entries(filter)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ')
}

function describe(events: readonly AuditEvent[]): string {
  if (events.length === 0) return 'No event.'
  const rows = events.map((event) => [
    ...[instant(event.time), event.level, event.type, userOf(event) ?? '-', actorOf(event) ?? '-', event.client ?? '-'],
    ...[event.data === undefined ? '' : JSON.stringify(event.data), event.id],
  ])
  return table(['TIME', 'LEVEL', 'TYPE', 'USER', 'BY', 'CLIENT', 'FACTS', 'EVENT'], rows)
}

function lineOf(event: AuditEvent): string {
  const facts = event.data === undefined ? '' : JSON.stringify(event.data)
  return printable(
    [instant(event.time), event.level, event.type, userOf(event) ?? '-', actorOf(event) ?? '-', event.client ?? '-', facts].join(
      '  ',
    ),
  )
}
