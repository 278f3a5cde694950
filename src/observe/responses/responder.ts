/**
 * Plans, applies, confirms, undoes and expires responses. Each is a row before it is an act: whatever is in force can be read, says who
 * wanted it and why, ends by itself, and can be ended by hand. What is starred waits for somebody else's word.
 * Sources: NIST SP 800-61r3 (respond, recover); OWASP AppSensor responses; OWASP ASVS 5.0 16.2.
 */
import type { Emit } from '../../engine/events.ts'
import type { Announcements } from '../../store/announcements.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { shortId } from '../ids.ts'
import { createAutomatic } from './automatic.ts'
import { MOST_IN_FORCE, type Containments } from './containments.ts'
import { responseNamed } from './index.ts'
import type { Levers } from './levers.ts'
import { toApplied, type Applied } from './record.ts'
import type { Outcome, Planned, ResponseRequest, Responses } from './responder-types.ts'
import { MINUTE, no, type Asked, type By, type Refused, type Response } from './response.ts'
import { createRows } from './rows.ts'
import type { ResponseRow, ResponsesDatabase } from './schema.ts'

export interface ResponderSetting {
  readonly database: ResponsesDatabase
  readonly once: AtomicStore
  readonly levers: Levers
  readonly containments: Containments
  readonly announcements: Announcements | undefined
  readonly emit: Emit
  readonly now: () => number
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  /** Whether the controls run that keep holds up; without them nothing that holds is applied. */
  readonly enforced: boolean
  /** How many responses may be applied in an hour without a person; 0: none. */
  readonly automaticPerHour: number
  /** Writes what a person did into the timeline of its incident. */
  readonly record: (incident: string, text: string, by: string) => Promise<void>
}

/** How long a second person has time. */
const WAITS = 15 * MINUTE
const MOST_TEXT = 500

/** Makes the service. */
export function createResponses(setting: ResponderSetting): Responses {
  const { levers, containments, announcements, emit, now, random } = setting
  const rows = createRows(setting.database)

  async function plan(request: ResponseRequest, automatic = false): Promise<Planned | Refused> {
    const response = responseNamed(request.response)
    if (response === undefined) return no('unknown-response', `There is no response "${request.response.slice(0, 40)}".`)
    const asked = askedOf(request, automatic)
    const unfit = misfit(response, asked)
    if (unfit) return unfit
    const planned = await response.plan(asked, levers)
    if (!planned.ok) return planned
    if (planned.hold && !setting.enforced)
      return no('not-enforced', 'The controls `containment` and `restrictions` are off: nothing would hold it.')
    const lasts = planned.hold && lastsOf(response, request.lasts, automatic)
    if (typeof lasts === 'object') return lasts
    const needsSecond = response.needsSecond?.(asked) === true
    return { ...planned, response: response.name, needsSecond, lasts, final: planned.hold ? undefined : response.final }
  }

  async function apply(request: ResponseRequest, automatic = false): Promise<Outcome> {
    const planned = await plan(request, automatic)
    if (!planned.ok) return planned
    const reason = readReason(request.reason)
    if (reason === undefined) return no('reason-missing', 'Say why, in a sentence of at least 8 characters.')
    if (planned.needsSecond && automatic) return no('needs-a-person', 'Two persons decide this, and no machine.')
    if (planned.hold) {
      const active = await rows.activeFor(request)
      if (active) return no('already-active', `It is in force already: ${active.id}. Undo that one first.`)
      if ((await rows.countActive()) >= MOST_IN_FORCE) return no('too-many', `${MOST_IN_FORCE} are in force; undo some first.`)
    }
    const waits = planned.needsSecond && readReason(request.insecureAlone) === undefined
    const row = toRow(request, { planned, reason, automatic, id: shortId(random), at: now(), waits })
    await rows.insert(row)
    if (!waits) return await carryOut(row, { ...planned, alone: planned.needsSecond ? request.insecureAlone : undefined })
    const data = { ...dataOf(row), says: row.says }
    emit({ type: 'response_waiting', data })
    await note(row, 'asked for', `${row.by_kind}:${row.by_id}`)
    return { ok: true, applied: toApplied(row) }
  }

  /** The row stands as `begun` before anything is done: what broke half way can be seen. */
  async function carryOut(
    row: ResponseRow,
    { lasts, alone }: { lasts: number | undefined; alone?: string | undefined },
  ): Promise<Outcome> {
    const response = responseNamed(row.response)!
    const at = now()
    try {
      const changed = row.hold !== null && !response.act ? 1 : ((await response.act?.(askedOfRow(row), levers)) ?? 1)
      const held = row.hold !== null
      const set = { state: held ? 'active' : 'done', changed, applied_at: at, expires_at: held ? at + lasts! : null } as const
      const done = { ...row, ...set }
      await rows.update(row.id, set)
      if (held) await tellAll()
      const level = alone === undefined ? {} : ({ level: 'critical' } as const)
      const until = done.expires_at ?? undefined
      emit({ type: 'response_applied', ...level, data: { ...dataOf(done), says: done.says, until, insecureAlone: alone } })
      await note(done, row.second_id === null ? 'applied' : 'confirmed', row.second_id ?? `${row.by_kind}:${row.by_id}`)
      return { ok: true, applied: toApplied(done) }
    } catch (error) {
      await rows.update(row.id, { state: 'failed', ended_at: at, ended_reason: messageOf(error) })
      emit({ type: 'response_failed', data: { ...dataOf(row), error: messageOf(error) } })
      throw error
    }
  }

  /** What a machine did is written down with the signal it did it for. */
  async function note(
    { incident_id: incident, automatic, response, says }: ResponseRow,
    what: string,
    by: string,
  ): Promise<void> {
    if (incident !== null && automatic === 0) await setting.record(incident, `${response} ${what}: ${says}`, by)
  }

  /** This process sees it at once, the others as soon as they hear. */
  async function tellAll(): Promise<void> {
    await containments.reload(now())
    announcements?.announce()
  }

  async function confirm(id: string, by: By): Promise<Outcome> {
    const row = await rows.byId(id)
    if (row?.state !== 'waiting') return no('unknown-id', 'Nothing of that id waits to be confirmed.')
    if (row.by_kind === by.kind && row.by_id === by.id)
      return no('same-person', 'Somebody else than who asked for it has to confirm it.')
    if (by.kind === 'user' && (await levers.person(by.id))?.administers !== true)
      return no('needs-a-person', 'Only who administers may confirm it.')
    const taken = await rows.take(id, 'waiting', { state: 'begun', second_id: `${by.kind}:${by.id}` })
    if (!taken || taken.created_at + WAITS <= now()) {
      if (taken) await rows.update(id, { state: 'lapsed', ended_at: now(), ended_reason: 'not confirmed in time' })
      return no('not-active', 'It waited too long, or somebody was first. Ask for it anew.')
    }
    const lasts = taken.hold === null ? undefined : Number(taken.expires_at) - taken.created_at
    return await carryOut(taken, { lasts })
  }

  async function undo(id: string, by: By, reason: string): Promise<Outcome> {
    const row = await rows.byId(id)
    if (row === undefined) return no('unknown-id', 'There is no response of that id.')
    const why = readReason(reason)
    if (why === undefined) return no('reason-missing', 'Say why, in a sentence of at least 8 characters.')
    if (row.state === 'done') return no('not-undoable', responseNamed(row.response)?.final ?? 'It is done.')
    if (row.state !== 'active' && row.state !== 'waiting') return no('not-active', `It is ${row.state} already.`)
    const ending = { state: 'undone', ended_at: now(), ended_by: `${by.kind}:${by.id}`, ended_reason: why } as const
    const ended = await rows.take(id, row.state, ending)
    if (!ended) return no('not-active', 'It ended in this moment.')
    if (row.state === 'active') await tellAll()
    emit({ type: 'response_undone', data: { ...dataOf(ended), undoneBy: ended.ended_by!, why } })
    await note({ ...ended, automatic: 0 }, 'undone', ended.ended_by!)
    return { ok: true, applied: toApplied(ended) }
  }

  async function sweep(at: number): Promise<number> {
    for (const row of await rows.lapse(at - WAITS, at)) emit({ type: 'response_expired', data: { ...dataOf(row), waited: true } })
    const expired = await rows.expire(at)
    for (const row of expired) emit({ type: 'response_expired', data: dataOf(row) })
    return expired.length
  }

  return {
    plan: (request) => plan(request),
    apply: (request) => apply(request),
    confirm,
    undo,
    sweep,
    automatic: createAutomatic({ ...setting, rows, apply: (request) => apply(request, true) }),
    async byId(id): Promise<Applied | undefined> {
      const row = await rows.byId(id)
      return row && toApplied(row)
    },
    list: async (query) => (await rows.list(query ?? {})).map(toApplied),
  }
}

function askedOf({ subject, by, reason, incident, settings = {} }: ResponseRequest, automatic: boolean): Asked {
  return { subject, by, reason, incident, automatic, settings }
}

function askedOfRow(row: ResponseRow): Asked {
  const { subject, by, reason, incident, automatic, settings } = toApplied(row)
  return { subject, by, reason, incident, automatic, settings }
}

/** Whether the response can be aimed at this at all. */
function misfit(response: Response, { subject, settings }: Asked): Refused | undefined {
  const { subjects } = response
  if (subject === undefined && subjects.length > 0) return no('subject-missing', `Say whom it concerns: ${subjects.join(', ')}.`)
  if (subject && subjects.length === 0) return no('subject-unfit', 'It concerns everybody: name no subject.')
  if (subject && !subjects.includes(subject.kind))
    return no('subject-unfit', `It cannot be aimed at ${subject.kind}, only at ${subjects.join(', ')}.`)
  if (subject && !/^[^\p{Cc}]{1,256}$/u.test(subject.value))
    return no('subject-unfit', 'The subject is empty, too long or unreadable.')
  const unknown = Object.keys(settings).find((name) => !Object.hasOwn(response.settings ?? {}, name))
  if (unknown === undefined) return undefined
  const known = Object.keys(response.settings ?? {}).join(', ') || 'none'
  return no('setting-invalid', `It has no setting "${unknown.slice(0, 32)}", only: ${known}.`)
}

/** How long it holds, in milliseconds. A machine never holds anything longer than the response lets it. */
function lastsOf({ lasts, automatic }: Response, wanted: number | undefined, byItself: boolean): number | Refused {
  const most = byItself ? automatic?.most : lasts?.most
  if (most === undefined) return no('needs-a-person', 'A person decides this.')
  const usual = Math.min(lasts?.usual ?? most, most)
  const asked = wanted ?? usual
  if (Number.isSafeInteger(asked) && asked >= MINUTE && asked <= most) return asked
  return no('expiry-invalid', `It can hold from 1 minute to ${Math.round(most / MINUTE)} minutes.`)
}

interface Making {
  readonly planned: Planned
  readonly reason: string
  readonly automatic: boolean
  readonly id: string
  readonly at: number
  readonly waits: boolean
}

function toRow(request: ResponseRequest, { planned, reason, automatic, id, at, waits }: Making): ResponseRow {
  return {
    id,
    response: planned.response,
    incident_id: request.incident ?? null,
    subject_kind: request.subject?.kind ?? '',
    subject_value: request.subject?.value ?? '',
    settings: JSON.stringify(request.settings ?? {}),
    reason,
    says: planned.says,
    automatic: automatic ? 1 : 0,
    by_kind: request.by.kind,
    by_id: request.by.id,
    second_id: null,
    state: waits ? 'waiting' : 'begun',
    hold: planned.hold === undefined ? null : JSON.stringify(planned.hold),
    changed: 0,
    created_at: at,
    applied_at: null,
    // While it waits: how long it is to hold, from now on.
    expires_at: planned.lasts === undefined ? null : at + planned.lasts,
    ended_at: null,
    ended_by: null,
    ended_reason: null,
  }
}

/** What every event of a response says. */
function dataOf(row: ResponseRow) {
  return {
    id: row.id,
    response: row.response,
    incident: row.incident_id ?? undefined,
    subject: row.subject_kind === '' ? undefined : `${row.subject_kind}:${row.subject_value}`,
    reason: row.reason,
    automatic: row.automatic === 1,
    by: `${row.by_kind}:${row.by_id}`,
    second: row.second_id ?? undefined,
    changed: row.changed,
  }
}

function readReason(text: string | undefined): string | undefined {
  const reason = text?.trim().replaceAll(/\p{Cc}+/gu, ' ') ?? ''
  return reason.length >= 8 ? reason.slice(0, MOST_TEXT) : undefined
}

function messageOf(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).slice(0, MOST_TEXT)
}
