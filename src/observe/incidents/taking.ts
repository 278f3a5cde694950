/** Takes a signal into the incident it belongs to, opens one where there is none, and puts together what turns out to be one. */
import { shortId } from '../ids.ts'
import { GROUPED_WITHIN, linksOf, severityOf, titleOf, worse } from './group.ts'
import { addEntry, addSubject, lockIncidents } from './rows.ts'
import type { IncidentRow, IncidentsDatabase, IncidentsTransaction } from './schema.ts'
import { OPEN } from './types.ts'
import type { Detected, Severity } from '../detected.ts'

/** What became of a signal. */
export interface Taken {
  readonly row: IncidentRow
  readonly opened: boolean
  /** The severity before, where it was raised. */
  readonly raisedFrom: Severity | undefined
  /** Ids of the incidents that went into this one. */
  readonly merged: readonly string[]
}

interface Setting {
  readonly database: IncidentsDatabase
  readonly random: (bytes: number) => string
  /** Ids of entries, in the order of writing. */
  readonly entryId: () => string
  readonly now: () => number
}

/** More open ones nobody looks at: further signals go into one that says so. */
const MOST_OPEN = 500
const OVERFLOW = 'too-many-incidents'

export async function takeSignal(
  { database, random, entryId, now }: Setting,
  detected: Detected,
  dropped: number,
): Promise<Taken> {
  return await database.transaction(async (tx) => {
    await lockIncidents(tx, database.dialect)
    const [first, ...others] = await matching(tx, detected)
    const found = first ?? (await overflowOf(tx))
    const opened = found === undefined
    const row = found ?? (await open(tx, { detected, id: shortId(random), now: now() }))
    if (opened) await addEntry(tx, row.id, { at: now(), kind: 'opened', text: row.title }, entryId())
    for (const other of others) await merge(tx, { from: other, into: row, at: now(), entry: entryId() })
    const updated = await grow(tx, { row, others, detected, dropped, at: now() })
    const why = `${detected.detection}${detected.dryRun ? ' (dry run)' : ''}, ${detected.severity}: ${detected.why}`
    await addEntry(tx, row.id, { at: detected.time, kind: 'signal', text: why }, entryId())
    const raisedFrom = !opened && updated.severity !== row.severity ? row.severity : undefined
    if (raisedFrom) {
      const text = `${raisedFrom} to ${updated.severity}`
      await addEntry(tx, row.id, { at: now(), kind: 'severity', text }, entryId())
    }
    return { row: updated, opened, raisedFrom, merged: others.map(({ id }) => id) }
  })
}

/** Open incidents that share a link with the signal, the oldest first. */
async function matching(tx: IncidentsTransaction, detected: Detected): Promise<readonly IncidentRow[]> {
  const links = linksOf(detected)
  if (links.length === 0) return await sameKind(tx, detected)
  const rows = await tx
    .selectFrom('hf_incidents')
    .innerJoin('hf_incident_subjects', 'incident_id', 'id')
    .select(['id', 'role', 'kind', 'value', 'detections'])
    .where('state', 'in', OPEN)
    .where('hf_incidents.last_at', '>', detected.time - GROUPED_WITHIN)
    .where('value', 'in', [...new Set(links.map(({ value }) => value))])
    .execute()
  const linked = rows.filter((row) =>
    links.some(
      ({ role, kind, value, sameDetection }) =>
        row.role === role &&
        row.kind === kind &&
        row.value === value &&
        (!sameDetection || row.detections.split(' ').includes(detected.detection)),
    ),
  )
  if (linked.length === 0) return []
  return await tx
    .selectFrom('hf_incidents')
    .selectAll()
    .where('id', 'in', [...new Set(linked.map(({ id }) => id))])
    .orderBy('opened_at')
    .orderBy('id')
    .execute()
}

/** A signal about nobody (a log that fell silent) belongs to an open incident of the same detection. */
async function sameKind(tx: IncidentsTransaction, detected: Detected): Promise<readonly IncidentRow[]> {
  const rows = await tx
    .selectFrom('hf_incidents')
    .selectAll()
    .where('state', 'in', OPEN)
    .where('last_at', '>', detected.time - GROUPED_WITHIN)
    .where('detections', '=', detected.detection)
    .orderBy('opened_at')
    .limit(1)
    .execute()
  return rows
}

/** The one that takes the rest, once there are too many. */
async function overflowOf(tx: IncidentsTransaction): Promise<IncidentRow | undefined> {
  const { count } = await tx
    .selectFrom('hf_incidents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', OPEN)
    .executeTakeFirstOrThrow()
  if (Number(count) < MOST_OPEN) return undefined
  return await tx
    .selectFrom('hf_incidents')
    .selectAll()
    .where('state', 'in', OPEN)
    .where('title', '=', OVERFLOW)
    .limit(1)
    .executeTakeFirst()
}

async function open(
  tx: IncidentsTransaction,
  { detected, id, now }: { readonly detected: Detected; readonly id: string; readonly now: number },
): Promise<IncidentRow> {
  const { count } = await tx
    .selectFrom('hf_incidents')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('state', 'in', OPEN)
    .executeTakeFirstOrThrow()
  const full = Number(count) >= MOST_OPEN
  const row: IncidentRow = {
    id,
    title: full ? OVERFLOW : titleOf(detected),
    severity: full ? 'critical' : detected.severity,
    state: 'new',
    owner: null,
    detections: detected.detection,
    signals: 0,
    first_at: detected.time,
    last_at: detected.time,
    opened_at: now,
    acknowledged_at: null,
    contained_at: null,
    closed_at: null,
    reopened: 0,
    merged_into: null,
  }
  await tx.insertInto('hf_incidents').values(row).execute()
  return row
}

interface Merging {
  readonly from: IncidentRow
  readonly into: IncidentRow
  readonly at: number
  readonly entry: string
}

/** What was known of the one is known of the other; the first stays to say where it went. */
async function merge(tx: IncidentsTransaction, { from, into, at, entry }: Merging): Promise<void> {
  const subjects = await tx.selectFrom('hf_incident_subjects').selectAll().where('incident_id', '=', from.id).execute()
  for (const { role, kind, value } of subjects) await addSubject(tx, into.id, { role, kind, value, at })
  await tx.updateTable('hf_incident_entries').set({ incident_id: into.id }).where('incident_id', '=', from.id).execute()
  const reached = await tx.selectFrom('hf_incident_reached').selectAll().where('incident_id', '=', from.id).execute()
  for (const row of reached) {
    await tx
      .insertInto('hf_incident_reached')
      .values({ ...row, incident_id: into.id })
      .onConflict((conflict) =>
        conflict
          .columns(['incident_id', 'method', 'path', 'status'])
          .doUpdateSet((eb) => ({ count: eb('hf_incident_reached.count', '+', row.count) })),
      )
      .execute()
  }
  await tx.deleteFrom('hf_incident_reached').where('incident_id', '=', from.id).execute()
  await tx.updateTable('hf_responses').set({ incident_id: into.id }).where('incident_id', '=', from.id).execute()
  await tx
    .updateTable('hf_incidents')
    .set({ state: 'merged', merged_into: into.id, closed_at: at })
    .where('id', '=', from.id)
    .execute()
  await addEntry(tx, into.id, { at, kind: 'merged', text: `${from.id} (${from.title}) is part of this` }, entry)
}

interface Growing {
  readonly row: IncidentRow
  readonly others: readonly IncidentRow[]
  readonly detected: Detected
  readonly dropped: number
  readonly at: number
}

async function grow(tx: IncidentsTransaction, { row, others, detected, dropped }: Growing): Promise<IncidentRow> {
  for (const { kind, value } of detected.actors) await addSubject(tx, row.id, { role: 'actor', kind, value, at: detected.time })
  for (const { kind, value } of detected.targets) await addSubject(tx, row.id, { role: 'target', kind, value, at: detected.time })
  const all = [row, ...others]
  const names = [...new Set([...all.flatMap(({ detections }) => detections.split(' ')), detected.detection])].slice(0, 40)
  const before = all.map(({ severity }) => severity).reduce(worse)
  const set = {
    detections: names.join(' '),
    severity: severityOf(before, detected.severity, names.length),
    signals: all.reduce((sum, { signals }) => sum + signals, 0) + 1 + dropped,
    first_at: Math.min(...all.map(({ first_at }) => first_at), detected.time),
    last_at: Math.max(...all.map(({ last_at }) => last_at), detected.time),
  }
  await tx.updateTable('hf_incidents').set(set).where('id', '=', row.id).execute()
  return { ...row, ...set }
}
