/** One question about a session, a key, an account or an address: what did it do, and what could it have done? */
import { escapeUnsafe } from '../safe-text.ts'
import { isClosed } from './states.ts'
import type { Incident, Reached } from './types.ts'
import type { Subject } from '../detected.ts'
import type { EvidenceEvent, EvidenceSource, Range } from '../evidence/source.ts'
import type { Applied } from '../responses/record.ts'

/** Who a subject is, and what it may. */
export interface Identity {
  readonly userId: string
  readonly login: string
  readonly status: string
  readonly roles: readonly string[]
  /** What it permits: of a key or an app only what both it and its owner may. */
  readonly permissions: readonly string[]
  readonly tenants: readonly string[]
  readonly sessions: readonly {
    readonly id: string
    readonly aal: number
    readonly createdAt: number
    readonly address: string
  }[]
  readonly apiKeys: readonly { readonly id: string; readonly scopes: readonly string[]; readonly status: string }[]
  readonly apps: readonly { readonly id: string; readonly client: string; readonly scopes: readonly string[] }[]
  /** What is there no more: a session that ended long ago, a key that was deleted. */
  readonly gone: boolean
}

export interface Trace {
  readonly subject: Subject
  readonly range: Range
  readonly identity: Identity | undefined
  readonly did: {
    readonly source: string
    readonly complete: boolean
    readonly events: readonly EvidenceEvent[]
    /** How many of each kind: what it did itself. */
    readonly counts: Readonly<Record<string, number>>
    /** What others did to it or in its name, as far as the log tells: also who guessed its password. */
    readonly suffered: Readonly<Record<string, number>>
    /** What was answered, in incidents in which it acted, to it and to those it acted with. */
    readonly reached: readonly Reached[]
  }
  readonly could: {
    readonly everything: boolean
    readonly permissions: readonly string[]
    /** Lines of the central table that are open to programs of this kind, or to everybody. */
    readonly open: readonly string[]
    /** What held it at some time: it could do nothing then. */
    readonly held: readonly Applied[]
  }
  readonly incidents: readonly Incident[]
}

export interface TraceSetting {
  readonly source: EvidenceSource
  readonly identify: (subject: Subject) => Promise<Identity | undefined>
  readonly incidentsOf: (subject: Subject) => Promise<readonly (Incident & { readonly reached: readonly Reached[] })[]>
  readonly responsesTo: (subject: Subject) => Promise<readonly Applied[]>
  /** `GET /prices (public)`. */
  readonly openRoutes: () => Promise<readonly string[]>
}

const MOST_EVENTS = 5000
/** Events in the text; the document has them all. */
const MOST_SHOWN = 40
const MOST_NAMED = 12
const LONGEST_FACTS = 160
/** Events that need no place of their own: everybody makes them. */
const HOLDS: readonly string[] = ['refuse', 'block', 'step-up', 'slow']

export async function trace(setting: TraceSetting, subject: Subject, range: Range): Promise<Trace> {
  const { source } = setting
  const found = await source.find(subject, range, MOST_EVENTS)
  const identity = await setting.identify(subject)
  const incidents = await setting.incidentsOf(subject)
  const permissions = identity?.permissions ?? []
  const responses = await setting.responsesTo(subject)
  return {
    subject,
    range,
    identity,
    did: {
      source: source.name,
      complete: found.complete,
      events: found.events,
      counts: countsOf(found.events.filter((event) => isBy(event, subject))),
      suffered: countsOf(found.events.filter((event) => !isBy(event, subject))),
      reached: incidents.flatMap(({ reached }) => reached),
    },
    could: {
      everything: permissions.includes('*'),
      permissions,
      open: await setting.openRoutes(),
      held: responses.filter(({ hold }) => hold !== undefined && HOLDS.includes(hold.kind)),
    },
    incidents,
  }
}

function countsOf(events: readonly EvidenceEvent[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { type } of events) counts[type] = (counts[type] ?? 0) + 1
  return counts
}

/** Whether it did it itself. Of an account: it asked, or is named as who acted. Whoever gives its name at a door need not be it. */
function isBy({ principal, impersonator, data = {} }: EvidenceEvent, { kind, value }: Subject): boolean {
  return kind !== 'user' || (impersonator ?? principal) === value || data['actor'] === `user:${value}`
}

/** For people. */
export function describeTrace({ subject, range, identity, did, could, incidents }: Trace): string {
  const who = identity
    ? `${identity.login} (${identity.userId}), ${identity.gone ? 'gone' : identity.status}, roles: ${identity.roles.join(', ') || 'none'}`
    : 'nobody who is known'
  const listed = (counts: Readonly<Record<string, number>>) =>
    Object.entries(counts).map(([type, count]) => `  ${count} × ${type}`)
  const [counts, suffered] = [listed(did.counts), listed(did.suffered)]
  const latest = did.events.slice(-MOST_SHOWN).map((event) => `  ${lineOf(event)}`)
  const reached = did.reached.map(({ method, path, status, count }) => `  ${count} × ${method} ${path} → ${status}`)
  const may = could.everything ? 'everything (*)' : could.permissions.join(', ') || 'what needs no permission'
  return [
    `${subject.kind} ${subject.value}: ${who}`,
    `from ${instant(range.from)} to ${instant(range.to)}`,
    '',
    `It did (${did.source}${did.complete ? '' : ', not all is known'}):`,
    ...(counts.length > 0 ? counts : ['  nothing that was written down']),
    ...(suffered.length > 0 ? ['', 'In its name, or to it, by whomever:', ...suffered] : []),
    ...(latest.length > 0
      ? ['', latest.length < did.events.length ? `The latest ${MOST_SHOWN}:` : 'One by one:', ...latest]
      : []),
    ...(reached.length > 0 ? ['', 'In its incidents, it and those it acted with got an answer to:', ...reached] : []),
    '',
    `It could have done: ${may}`,
    ...(could.open.length > 0 ? [`open to everybody: ${shortened(could.open)}`] : []),
    ...(identity && identity.tenants.length > 0 ? [`in organisations: ${identity.tenants.join(', ')}`] : []),
    ...(identity && !identity.gone
      ? [`by ${identity.sessions.length} sessions, ${identity.apiKeys.length} keys and ${identity.apps.length} apps of its owner`]
      : []),
    ...could.held.map(({ response, appliedAt, endedAt, expiresAt }) =>
      appliedAt === undefined
        ? ''
        : `held by ${response} from ${instant(appliedAt)} to ${instant(endedAt ?? expiresAt ?? appliedAt)}`,
    ),
    ...(incidents.length > 0 ? ['', 'Incidents:'] : []),
    ...incidents.map(({ id, state, title }) => `  ${id} ${isClosed(state) ? state : `open (${state})`}: ${title}`),
  ]
    .filter((line) => line !== undefined)
    .join('\n')
}

function lineOf({ time, type, client, method, path, data }: EvidenceEvent): string {
  const facts = data === undefined ? '' : JSON.stringify(data).slice(0, LONGEST_FACTS)
  const parts = [instant(time), type, client, method && `${method} ${path ?? ''}`, facts]
  return escapeUnsafe(parts.filter((part) => part).join('  '))
}

function shortened(list: readonly string[]): string {
  const rest = list.length - MOST_NAMED
  return `${list.slice(0, MOST_NAMED).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`
}

function instant(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace(/\.\d+/, '')
}
