/**
 * Plans, asks for, applies, undoes and expires responses. Each is a row before it is an act: whatever is in force can be read, says who
 * wanted it and why, ends by itself, and can be ended by hand. What is starred waits for somebody else's word (`second-person.ts`).
 * Sources: NIST SP 800-61r3 (respond, recover); OWASP AppSensor responses; OWASP ASVS 5.0 16.2.
 */
import type { Transaction } from 'kysely'
import { act } from '../../engine/act.ts'
import type { Emit } from '../../engine/events.ts'
import type { Announcements } from '../../store/announcements.ts'
import type { AtomicStore } from '../../store/atomic.ts'
import { shortId } from '../ids.ts'
import { createAutomatic } from './automatic.ts'
import { createCarryingOut, type Note } from './carrying-out.ts'
import { MOST_IN_FORCE, type Containments } from './containments.ts'
import { responseNamed } from './index.ts'
import type { Levers } from './levers.ts'
import { createPlanning } from './planning.ts'
import { toApplied } from './record.ts'
import type { Asking, IncidentOf, Outcome, ResponseRequest, Responses } from './responder-types.ts'
import { MINUTE, no, type By, type Refused } from './response.ts'
import { dataOf, toRow } from './row.ts'
import { rowsOn } from './rows.ts'
import type { ResponsesDatabase } from './schema.ts'
import type { NotAsked, Question, SecondPerson } from './second-person.ts'

export interface ResponderSetting {
  readonly database: ResponsesDatabase
  readonly once: AtomicStore
  readonly levers: Levers
  readonly secondPerson: SecondPerson
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
  readonly incidentOf: IncidentOf
  /** Writes into the timeline of an incident, in the transaction of what is told there. */
  readonly record: (tx: Transaction<any>, incident: string, text: string, by: string) => Promise<void>
}

const MOST_TEXT = 500
/** What is done at once takes seconds, or minutes where it concerns everybody. */
const TAKES = 10 * MINUTE
const NO_REASON = no('reason-missing', 'Say why, in a sentence of at least 8 characters.')

/** Makes the service. */
export function createResponses(setting: ResponderSetting): Responses {
  const { database, containments, announcements, secondPerson, emit, now, random } = setting
  const rows = rowsOn(database.kysely)
  const plan = createPlanning(setting)
  const carryOut = createCarryingOut({ ...setting, note })

  /** What a machine did is written down with the signal it did it for. */
  async function note(
    ...[tx, { incident_id: incident, automatic, response, says, second_id: second }, what, by]: Parameters<Note>
  ) {
    if (incident === null || automatic === 1) return
    await setting.record(tx, incident, `${response} ${what}: ${says}${second ? ` Approved by ${second}.` : ''}`, by)
  }

  /** This process sees it at once, the others as soon as they hear. */
  async function tellAll(): Promise<void> {
    await containments.reload(now())
    announcements?.announce()
  }

  async function apply(request: ResponseRequest, automatic = false): Promise<Outcome> {
    const planned = await plan(request, automatic)
    if (!planned.ok) return planned
    const reason = readReason(request.reason)
    if (reason === undefined) return NO_REASON
    const crowded = planned.hold && (await crowds(request))
    if (crowded) return crowded
    const alone = planned.needsSecond ? readReason(request.insecureAlone) : undefined
    const row = toRow(request, { planned, reason, automatic, id: shortId(random), at: now() })
    const outcome = await carryOut(row, { ...planned, alone })
    if (outcome.ok && planned.hold) await tellAll()
    return !outcome.ok && outcome.reason === 'approval-required' ? await unapproved(planned.question) : outcome
  }

  async function crowds(request: ResponseRequest): Promise<Refused | undefined> {
    const active = await rows.activeFor(request, now())
    if (active) return no('already-active', `It is in force already: ${active.id}. Undo that one first.`)
    if ((await rows.countActive()) < MOST_IN_FORCE) return undefined
    return no('too-many', `${MOST_IN_FORCE} are in force; undo some first.`)
  }

  async function unapproved(question: Question): Promise<Refused> {
    const waits = await secondPerson.find(question)
    if (waits === undefined) return no('approval-required', 'A second person has to approve exactly this first: ask for it.')
    return no('approval-pending', `It waits for a second person, as ${waits.id}. Once they said yes, the same is done.`)
  }

  async function ask(request: ResponseRequest): Promise<Asking> {
    const planned = await plan(request)
    if (!planned.ok) return planned
    if (!planned.needsSecond) return no('nothing-to-do', 'Nobody else has to approve it: apply it.')
    const reason = readReason(request.reason)
    if (reason === undefined) return NO_REASON
    const asked = await secondPerson.ask(planned.question, reason)
    return typeof asked === 'string' ? notAsked(asked) : { ok: true, approval: asked }
  }

  async function undo(id: string, by: By, reason: string): Promise<Outcome> {
    const row = await rows.byId(id)
    if (row === undefined) return no('unknown-id', 'There is no response of that id.')
    const why = readReason(reason)
    if (why === undefined) return NO_REASON
    if (row.state === 'done') return no('not-undoable', responseNamed(row.response)?.final ?? 'It is done.')
    if (row.state !== 'active') return no('not-active', `It is ${row.state} already.`)
    const undoneBy = `${by.kind}:${by.id}`
    const ended = await act(database, emit, async (tx, tell) => {
      const set = { state: 'undone', ended_at: now(), ended_by: undoneBy, ended_reason: why } as const
      const taken = await rowsOn(tx).take(id, 'active', set)
      if (taken === undefined) return undefined
      await tell({ type: 'response_undone', data: { ...dataOf(taken), undoneBy, why } })
      await note(tx, { ...taken, automatic: 0 }, 'undone', undoneBy)
      return taken
    })
    if (!ended) return no('not-active', 'It ended in this moment.')
    await tellAll()
    return { ok: true, applied: toApplied(ended) }
  }

  /** What has run out holds nobody whether or not this can be written down. */
  async function sweep(at: number): Promise<number> {
    return await act(database, emit, async (tx, tell) => {
      const expired = await rowsOn(tx).expire(at)
      for (const row of expired) await tell({ type: 'response_expired', data: dataOf(row) })
      const interrupted = await rowsOn(tx).interrupt(at - TAKES, at)
      for (const row of interrupted) {
        await tell({ type: 'response_interrupted', data: { ...dataOf(row), says: row.says } })
        await note(tx, { ...row, automatic: 0 }, 'was begun, and nobody knows whether it was done', 'system:sweep')
      }
      return expired.length + interrupted.length
    })
  }

  return {
    plan: (request) => plan(request),
    ask,
    apply: (request) => apply(request),
    undo,
    sweep,
    automatic: createAutomatic({ ...setting, rows, apply: (request) => apply(request, true) }),
    async byId(id) {
      const row = await rows.byId(id)
      return row && toApplied(row)
    },
    list: async (query) => (await rows.list(query ?? {})).map(toApplied),
  }
}

function notAsked(reason: NotAsked): Refused {
  if (reason === 'too-many') return no('too-many', 'Too many questions of theirs wait, or were asked today.')
  if (reason === 'params') return no('subject-unfit', 'The second person could not be shown what it is about.')
  return no('needs-a-person', 'Who asks has to be an active user, by their name: the terminal is nobody.')
}

function readReason(text: string | undefined): string | undefined {
  const reason = text?.trim().replaceAll(/\p{Cc}+/gu, ' ') ?? ''
  return reason.length >= 8 ? reason.slice(0, MOST_TEXT) : undefined
}
