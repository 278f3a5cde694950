/**
 * Incidents: takes signals in order, keeps them in the database, lets people work on them, and tells whoever listens what happened.
 * Sources: NIST SP 800-61r3; OWASP ASVS 5.0 16.3; the states are those of most trackers.
 */
import { act } from '../../engine/act.ts'
import type { Emit, Report } from '../../engine/events.ts'
import type { Announcements } from '../../store/announcements.ts'
import type { Detected, DetectedListener } from '../detected.ts'
import type { Responses } from '../responses/responder-types.ts'
import type { By } from '../responses/response.ts'
import { addEntry, detailsOf, incidentRow, lockIncidents, withCounts, type NewEntry } from './rows.ts'
import { createReaching, type Reaching, type Seen } from './reaching.ts'
import type { IncidentRow, IncidentsDatabase } from './schema.ts'
import { FOLLOWS, isClosed } from './states.ts'
import { takeSignal, type Taken } from './taking.ts'
import type { Timeline } from './timeline.ts'
import {
  OPEN,
  type Changed,
  type Incident,
  type IncidentChange,
  type IncidentDetails,
  type IncidentListener,
  type IncidentQuery,
  type IncidentState,
} from './types.ts'

export interface Incidents {
  /** Takes a signal; never throws, never waits. Give it to detections as their listener. */
  readonly take: DetectedListener
  /** Listens to every change; returns how to stop listening. */
  on(listener: IncidentListener): () => void
  /** The worst and newest first. */
  list(query?: IncidentQuery): Promise<readonly Incident[]>
  byId(id: string): Promise<IncidentDetails | undefined>
  /** `note`: why. Closed ones are opened again by `acknowledged`. */
  setState(id: string, state: IncidentState, by: By, note: string): Promise<Changed>
  setOwner(id: string, owner: string, by: By): Promise<Changed>
  note(id: string, text: string, by: By): Promise<Changed>
  /** What was answered to somebody: counted where they act in an open incident. */
  readonly saw: (seen: Seen) => void
  /** Whether anybody acts in an open incident: otherwise answers need not be looked at. */
  readonly watching: boolean
  /** Waits for the signals that were taken, and writes down what was counted. */
  settled(): Promise<void>
  /** Writes down what was counted, and reads which incidents are open. */
  sweep(now: number): Promise<number>
}

export interface IncidentsSetting {
  readonly database: IncidentsDatabase
  readonly responses: Pick<Responses, 'automatic'>
  readonly timeline: Timeline
  readonly announcements: Announcements | undefined
  readonly emit: Emit
  readonly now: () => number
  readonly random: (bytes: number) => string
  readonly onFault: (error: unknown) => void
}

/** Milliseconds until a signal is written: after the answer it came from, so that no request shows by its time that it gave one. */
const WRITTEN_AFTER = 250
/** Signals that wait to be written. More are counted, and told. */
const MOST_WAITING = 1000

export function createIncidents(setting: IncidentsSetting): Incidents {
  const { database, responses, emit, now, onFault } = setting
  const { entryId } = setting.timeline
  const { kysely } = database
  const listeners = new Set<IncidentListener>()
  const reaching: Reaching = createReaching(setting)
  const waiting: Detected[] = []
  let working: Promise<void> | undefined
  let timer: NodeJS.Timeout | undefined
  let dropped = 0

  function tell(change: IncidentChange): void {
    for (const listener of listeners) {
      try {
        listener(change)
      } catch (error) {
        onFault(error)
      }
    }
  }

  function begin(): void {
    clearTimeout(timer)
    timer = undefined
    if (waiting.length > 0) working ??= work()
  }

  async function work(): Promise<void> {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const lost = dropped
      dropped = 0
      if (lost > 0) emit({ type: 'incident_signals_dropped', data: { count: lost } })
      await takeOne(next, lost).catch(onFault)
    }
    working = undefined
  }

  async function takeOne(detected: Detected, lost: number): Promise<void> {
    const taken = await takeSignal({ ...setting, entryId }, detected, lost)
    const [incident] = await withCounts(kysely, [taken.row])
    report(incident!, detected, taken)
    reaching.changed(incident!, detected.actors)
    const outcomes = await responses.automatic(detected, incident!.id)
    if (outcomes.length === 0) return
    for (const { response, subject, outcome } of outcomes) {
      const whom = subject ? ` on ${subject.kind} ${subject.value}` : ''
      const entry: NewEntry = outcome.ok
        ? { at: now(), kind: 'response', text: `${response}${whom}: ${outcome.applied.says}`, by: 'system:detections' }
        : { at: now(), kind: 'held', text: `${response}${whom} was not applied: ${outcome.says}` }
      await addEntry(kysely, incident!.id, entry, entryId())
    }
    tell({ kind: 'answered', incident: incident!, outcomes })
  }

  function report(incident: Incident, detected: Detected, { opened, raisedFrom, merged }: Taken): void {
    const { id, severity, title } = incident
    if (opened) emit({ type: 'incident_opened', level: levelOf(incident), data: { id, severity, title } })
    if (raisedFrom) emit({ type: 'incident_raised', level: levelOf(incident), data: { id, severity, before: raisedFrom, title } })
    if (merged.length > 0) emit({ type: 'incident_merged', data: { id, merged } })
    tell(opened ? { kind: 'opened', incident, detected } : { kind: 'grew', incident, detected })
    if (merged.length > 0) tell({ kind: 'merged', incident, from: merged })
    if (raisedFrom) tell({ kind: 'severity-raised', incident, before: raisedFrom })
  }

  /** Changes one under the lock of all, so that a signal that comes at this moment sees it before or after. */
  async function change(
    id: string,
    work: (
      row: IncidentRow,
    ) =>
      | { readonly set: Partial<IncidentRow>; readonly entry: NewEntry; readonly report?: Report }
      | Extract<Changed, { ok: false }>,
  ): Promise<(Changed & { readonly ok: true; readonly before: IncidentRow }) | Extract<Changed, { ok: false }>> {
    const outcome = await act(database, emit, async (tx, tell) => {
      await lockIncidents(tx, database.dialect)
      const row = await incidentRow(tx, id)
      if (row === undefined) return { ok: false, reason: 'unknown-incident', says: 'There is no incident of that id.' } as const
      if (row.state === 'merged')
        return { ok: false, reason: 'merged', says: `It is part of ${row.merged_into}: work on that one.` } as const
      const decided = work(row)
      if ('ok' in decided) return decided
      if (Object.keys(decided.set).length > 0)
        await tx.updateTable('hf_incidents').set(decided.set).where('id', '=', row.id).execute()
      await addEntry(tx, row.id, decided.entry, entryId())
      if (decided.report) await tell(decided.report)
      const [incident] = await withCounts(tx, [{ ...row, ...decided.set }])
      return { ok: true, incident: incident!, before: row } as const
    })
    if (outcome.ok) {
      reaching.changed(outcome.incident, [])
      setting.announcements?.announce()
    }
    return outcome
  }

  return {
    take(detected) {
      if (waiting.length >= MOST_WAITING) {
        dropped++
        return
      }
      waiting.push(detected)
      timer ??= setTimeout(begin, WRITTEN_AFTER).unref()
    },

    on(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },

    async list({ states = OPEN, subject, limit = 50 } = {}) {
      const rows = await kysely
        .selectFrom('hf_incidents')
        .selectAll()
        .where('state', 'in', states)
        .$if(subject !== undefined, (query) =>
          query.where('id', 'in', (inner) =>
            inner
              .selectFrom('hf_incident_subjects')
              .select('incident_id')
              .where('value', '=', subject!.value)
              .where('kind', '=', subject!.kind),
          ),
        )
        .orderBy((eb) =>
          eb
            .case()
            .when('severity', '=', 'critical')
            .then(0)
            .when('severity', '=', 'high')
            .then(1)
            .when('severity', '=', 'medium')
            .then(2)
            .else(3)
            .end(),
        )
        .orderBy('last_at', 'desc')
        .orderBy('id')
        .limit(Math.min(Math.max(1, limit), 500))
        .execute()
      return await withCounts(kysely, rows)
    },

    async byId(id) {
      await reaching.flush()
      const row = await incidentRow(kysely, id)
      return row && (await detailsOf(kysely, row))
    },

    async setState(id, state, by, note) {
      const why = note.trim()
      const outcome = await change(id, (row) => {
        if (!FOLLOWS[row.state].includes(state))
          return {
            ok: false,
            reason: 'state-impossible',
            says: `From ${row.state} it can become ${FOLLOWS[row.state].join(', ')}.`,
          }
        if (why.length < 3) return { ok: false, reason: 'text-missing', says: 'Say why, in a few words.' }
        const who = `${by.kind}:${by.id}`
        return {
          set: stampsOf(row, state, now()),
          entry: { at: now(), kind: 'state', text: `${row.state} to ${state}: ${why}`, by: who },
          report: { type: 'incident_changed', data: { id, from: row.state, to: state, by: who, note: why } },
        }
      })
      if (!outcome.ok) return outcome
      const { incident, before } = outcome
      const kind = isClosed(state) ? 'closed' : isClosed(before.state) ? 'reopened' : 'state-changed'
      tell({ kind, incident, before: before.state, by })
      return { ok: true, incident }
    },

    async setOwner(id, owner, by) {
      const name = owner.trim().slice(0, 120)
      return bare(
        await change(id, () =>
          name === ''
            ? { ok: false, reason: 'text-missing', says: 'Name who takes care of it.' }
            : { set: { owner: name }, entry: { at: now(), kind: 'owner', text: name, by: `${by.kind}:${by.id}` } },
        ),
      )
    },

    async note(id, text, by) {
      return bare(
        await change(id, () =>
          text.trim() === ''
            ? { ok: false, reason: 'text-missing', says: 'The note is empty.' }
            : { set: {}, entry: { at: now(), kind: 'note', text: text.trim(), by: `${by.kind}:${by.id}` } },
        ),
      )
    },

    saw: reaching.saw,
    get watching() {
      return reaching.watching
    },

    async settled() {
      begin()
      while (working) await working
      await reaching.flush()
    },

    sweep: (at) => reaching.sweep(at),
  }
}

function bare(outcome: Changed): Changed {
  return outcome.ok ? { ok: true, incident: outcome.incident } : outcome
}

function levelOf({ severity }: Incident): 'warn' | 'critical' {
  return severity === 'critical' || severity === 'high' ? 'critical' : 'warn'
}

/** The first time counts for each: how long it took is told from these. Opened again, it is neither contained nor closed. */
function stampsOf(row: IncidentRow, state: IncidentState, at: number): Partial<IncidentRow> {
  const reopens = isClosed(row.state)
  return {
    state,
    ...(reopens && { reopened: row.reopened + 1, closed_at: null, contained_at: null }),
    ...(row.acknowledged_at === null && { acknowledged_at: at }),
    ...((state === 'contained' || state === 'resolved') && !reopens && row.contained_at === null && { contained_at: at }),
    ...(isClosed(state) && { closed_at: at }),
  }
}
