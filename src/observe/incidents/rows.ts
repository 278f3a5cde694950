/** Reads and writes the rows of incidents. */
import { sql } from 'kysely'
import type { Database } from '../../store/database.ts'
import type { Subject } from '../detected.ts'
import type { EntryRow, IncidentRow, IncidentsDatabase, IncidentsTransaction, ReachedRow, SubjectRow } from './schema.ts'
import type { Entry, Incident, IncidentDetails, Involved, Reached } from './types.ts'

/** Entries that are kept of one incident; what comes from people is kept beyond. */
const MOST_SIGNALS = 300
const MOST_ENTRIES = 2000
const MOST_SUBJECTS = 200
const MOST_TEXT = 1000

type On = IncidentsDatabase['kysely'] | IncidentsTransaction

/** One at a time, over all processes: two signals of one attack must not open two incidents. */
export async function lockIncidents(tx: IncidentsTransaction, dialect: Database['dialect']): Promise<void> {
  if (dialect === 'postgres')
    await sql`SELECT pg_advisory_xact_lock(hashtext('holdfast incidents ' || current_schema()))`.execute(tx)
}

/** Ids that are none are not asked for: PostgreSQL takes no NUL in a text. */
export async function incidentRow(on: On, id: string): Promise<IncidentRow | undefined> {
  if (!/^[\w-]{1,64}$/.test(id)) return undefined
  return await on.selectFrom('hf_incidents').selectAll().where('id', '=', id).executeTakeFirst()
}

/** Id of the incident itself, or of the one that it is part of now; `undefined`: there is none. */
export async function livingIncident(on: On, id: string): Promise<string | undefined> {
  let row = await incidentRow(on, id)
  while (row !== undefined && row.merged_into !== null) row = await incidentRow(on, row.merged_into)
  return row?.id
}

export interface NewEntry extends Omit<Entry, 'by'> {
  readonly by?: string | undefined
}

/** Writes an entry, unless it is one more of many signals: those are counted. */
export async function addEntry(on: On, incidentId: string, { at, kind, text, by }: NewEntry, id: string): Promise<void> {
  const bound = kind === 'signal' || kind === 'response' || kind === 'held' ? MOST_SIGNALS : MOST_ENTRIES
  const kinds: Entry['kind'][] = bound === MOST_SIGNALS ? [kind] : ['note', 'state', 'owner', 'severity', 'merged', 'opened']
  const { count } = await on
    .selectFrom('hf_incident_entries')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('incident_id', '=', incidentId)
    .where('kind', 'in', kinds)
    .executeTakeFirstOrThrow()
  if (Number(count) >= bound) return
  await on
    .insertInto('hf_incident_entries')
    .values({
      id,
      incident_id: incidentId,
      at,
      kind,
      text: text.replaceAll(/\p{Cc}+/gu, ' ').slice(0, MOST_TEXT),
      by_whom: by ?? null,
    })
    .execute()
}

/** Counts a subject of a signal; past a number of them only those known are. */
export async function addSubject(
  on: On,
  incidentId: string,
  { role, kind, value, at }: Subject & { readonly role: 'actor' | 'target'; readonly at: number },
): Promise<void> {
  const known = await on
    .updateTable('hf_incident_subjects')
    .set((eb) => ({ last_at: at, count: eb('count', '+', 1) }))
    .where('incident_id', '=', incidentId)
    .where('role', '=', role)
    .where('kind', '=', kind)
    .where('value', '=', value)
    .executeTakeFirst()
  if (known.numUpdatedRows > 0n) return
  if ((await countSubjects(on, incidentId, role)) >= MOST_SUBJECTS) return
  await on
    .insertInto('hf_incident_subjects')
    .values({ incident_id: incidentId, role, kind, value: value.slice(0, 256), first_at: at, last_at: at, count: 1 })
    .execute()
}

async function countSubjects(on: On, incidentId: string, role: 'actor' | 'target'): Promise<number> {
  const { count } = await on
    .selectFrom('hf_incident_subjects')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('incident_id', '=', incidentId)
    .where('role', '=', role)
    .executeTakeFirstOrThrow()
  return Number(count)
}

export async function withCounts(on: On, rows: readonly IncidentRow[]): Promise<Incident[]> {
  if (rows.length === 0) return []
  const counts = await on
    .selectFrom('hf_incident_subjects')
    .select((eb) => ['incident_id', 'role', eb.fn.countAll<number>().as('count')])
    .where(
      'incident_id',
      'in',
      rows.map(({ id }) => id),
    )
    .groupBy(['incident_id', 'role'])
    .execute()
  const countOf = (id: string, role: string) =>
    Number(counts.find((row) => row.incident_id === id && row.role === role)?.count ?? 0)
  return rows.map((row) => toIncident(row, countOf(row.id, 'actor'), countOf(row.id, 'target')))
}

/** All that is kept of one. */
export async function detailsOf(on: On, row: IncidentRow): Promise<IncidentDetails> {
  const [incident] = await withCounts(on, [row])
  const involved = await on
    .selectFrom('hf_incident_subjects')
    .selectAll()
    .where('incident_id', '=', row.id)
    .orderBy('role')
    .orderBy('count', 'desc')
    .orderBy('first_at')
    .execute()
  const entries = await on.selectFrom('hf_incident_entries').selectAll().where('incident_id', '=', row.id).orderBy('id').execute()
  const reached = await on
    .selectFrom('hf_incident_reached')
    .selectAll()
    .where('incident_id', '=', row.id)
    .orderBy('first_at')
    .orderBy('path')
    .execute()
  return { ...incident!, involved: involved.map(toInvolved), timeline: entries.map(toEntry), reached: reached.map(toReached) }
}

function toIncident(row: IncidentRow, actorCount: number, targetCount: number): Incident {
  return {
    id: row.id,
    title: row.title,
    severity: row.severity,
    state: row.state,
    owner: row.owner ?? undefined,
    detections: row.detections.split(' ').filter((name) => name !== ''),
    signals: row.signals,
    actorCount,
    targetCount,
    firstAt: row.first_at,
    lastAt: row.last_at,
    openedAt: row.opened_at,
    acknowledgedAt: row.acknowledged_at ?? undefined,
    containedAt: row.contained_at ?? undefined,
    closedAt: row.closed_at ?? undefined,
    reopened: row.reopened,
    mergedInto: row.merged_into ?? undefined,
  }
}

const toInvolved = ({ role, kind, value, first_at: firstAt, last_at: lastAt, count }: SubjectRow): Involved => ({
  ...{ role, kind, value, firstAt, lastAt, count },
})
const toEntry = ({ at, kind, text, by_whom: by }: EntryRow): Entry => ({ at, kind, text, by: by ?? undefined })
const toReached = ({ method, path, status, count, first_at: firstAt, last_at: lastAt }: ReachedRow): Reached => ({
  ...{ method, path, status, count, firstAt, lastAt },
})
