/**
 * Removes what is kept of closed incidents once it was kept long enough: the incident with its timeline, what was done about it, and the
 * files of evidence in this folder. One that is open stays, and so does one of which something is in force, or was until lately.
 * Sources: GDPR Article 5(1)(e) (kept no longer than needed); ISO/IEC 27035-2 (keeping of records).
 */
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { sql, type Kysely, type Transaction } from 'kysely'
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { By } from '../responses/response.ts'
import { lockIncidents } from './rows.ts'
import type { IncidentsDatabase, IncidentsSchema } from './schema.ts'
import type { IncidentState } from './types.ts'

/** How many went, or would go. */
export interface Pruned {
  readonly incidents: number
  readonly responses: number
  /** Files in this folder. */
  readonly evidence: number
}

export interface Pruning {
  /** Milliseconds after its end for which it is kept. */
  readonly keep: number
  /** Counts, and removes nothing. */
  readonly dryRun?: boolean
  readonly by: By
}

interface Setting {
  readonly database: IncidentsDatabase
  readonly emit: Emit
  readonly now: () => number
  /** Where evidence is written. */
  readonly folder: string
}

type On = Kysely<IncidentsSchema> | Transaction<IncidentsSchema>

/** What is past its time: incidents by their ids, and responses. */
interface Due {
  readonly incidents: readonly string[]
  readonly responses: readonly string[]
}

/** Removed in one transaction: signals do not wait long for it. */
const CHUNK = 100
const MOST_COUNTED = 10_000
const ENDED: readonly IncidentState[] = ['resolved', 'false-positive']
/** Incident, time, and a part that nobody guesses; see `fileName`. */
const FILE = /^(.+)-(\d+)-[\w-]{16}\.json$/

/** When a response was over, or will be: what is in force ends in the future. */
const OVER = sql<number>`coalesce(ended_at, expires_at, applied_at, created_at)`

export function evidenceFileName(incident: string, time: number, random: string): string {
  return `${incident}-${time}-${random}.json`
}

export function createIncidentRetention({ database, emit, now, folder }: Setting) {
  const { kysely, dialect } = database

  /** One chunk. Whoever comes at the same time waits, and finds it gone. */
  async function removeSome(before: number, by: string): Promise<Due> {
    return await act(database, emit, async (tx, tell) => {
      await lockIncidents(tx, dialect)
      const due = await dueOf(tx, before, CHUNK)
      const { incidents, responses } = due
      if (incidents.length + responses.length === 0) return due
      if (responses.length > 0) await tx.deleteFrom('hf_responses').where('id', 'in', responses).execute()
      // Entries, subjects and what was reached go with it.
      if (incidents.length > 0) await tx.deleteFrom('hf_incidents').where('id', 'in', incidents).execute()
      await tell({ type: 'incident_pruned', data: { incidents, count: incidents.length, responses: responses.length, by } })
      return due
    })
  }

  /** Files of incidents that are gone. Written down first: what is removed without a word could have been anything. */
  async function removeFiles(before: number, by: string): Promise<number> {
    const old = filesBefore(folder, before)
    if (old.length === 0) return 0
    return await act(database, emit, async (tx, tell) => {
      await lockIncidents(tx, dialect)
      const gone = (await orphans(tx, old)).filter((name) => existsSync(join(folder, name)))
      if (gone.length === 0) return 0
      await tell({ type: 'incident_evidence_pruned', data: { files: gone, count: gone.length, by } })
      for (const name of gone) rmSync(join(folder, name), { force: true })
      return gone.length
    })
  }

  async function count(before: number): Promise<Pruned> {
    const { incidents, responses } = await dueOf(kysely, before, MOST_COUNTED)
    const evidence = (await orphans(kysely, filesBefore(folder, before), incidents)).length
    return { incidents: incidents.length, responses: responses.length, evidence }
  }

  return {
    /** Says how many. Several processes may do it at once: each removes what the others left. */
    async prune({ keep, dryRun = false, by }: Pruning): Promise<Pruned> {
      const before = now() - keep
      const who = `${by.kind}:${by.id}`
      if (dryRun) return await count(before)
      let [incidents, responses] = [0, 0]
      for (;;) {
        const removed = await removeSome(before, who)
        incidents += removed.incidents.length
        responses += removed.responses.length
        if (removed.incidents.length + removed.responses.length === 0) break
      }
      return { incidents, responses, evidence: await removeFiles(before, who) }
    },
  }
}

async function dueOf(on: On, before: number, limit: number): Promise<Due> {
  const ended = await on
    .selectFrom('hf_incidents')
    .select('id')
    .where('state', 'in', ENDED)
    .where('closed_at', '<', before)
    .where(({ not, exists, selectFrom }) =>
      not(
        exists(selectFrom('hf_responses').select('id').whereRef('incident_id', '=', 'hf_incidents.id').where(OVER, '>=', before)),
      ),
    )
    .orderBy('closed_at')
    .limit(limit)
    .execute()
  const incidents = await withMerged(
    on,
    ended.map(({ id }) => id),
  )
  const responses = await on
    .selectFrom('hf_responses')
    .select('id')
    .where(OVER, '<', before)
    .where(({ or, eb, not, exists, selectFrom }) =>
      or([
        ...(incidents.length > 0 ? [eb('incident_id', 'in', incidents)] : []),
        not(exists(selectFrom('hf_incidents').select('id').whereRef('id', '=', 'hf_responses.incident_id'))),
      ]),
    )
    .limit(limit * CHUNK)
    .execute()
  return { incidents, responses: responses.map(({ id }) => id) }
}

/** With those that became part of them: they say where they went, as long as that is there. */
async function withMerged(on: On, ids: readonly string[]): Promise<readonly string[]> {
  const all = [...ids]
  for (let last = all; last.length > 0;) {
    const rows = await on.selectFrom('hf_incidents').select('id').where('merged_into', 'in', last).execute()
    last = rows.map(({ id }) => id)
    all.push(...last)
  }
  return all
}

/** Names of files of evidence that were written before then. */
function filesBefore(folder: string, before: number): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => Number(FILE.exec(name)?.[2] ?? before) < before)
}

/** Of these files those whose incident is not there, or is among those that go. */
async function orphans(on: On, files: readonly string[], going: readonly string[] = []): Promise<readonly string[]> {
  const incidentOf = (name: string) => FILE.exec(name)![1]!
  if (files.length === 0) return []
  const ids = [...new Set(files.map(incidentOf))]
  const rows = await on.selectFrom('hf_incidents').select('id').where('id', 'in', ids).execute()
  const there = new Set(rows.map(({ id }) => id))
  for (const id of going) there.delete(id)
  return files.filter((name) => !there.has(incidentOf(name)))
}
