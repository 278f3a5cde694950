/**
 * What was reached: counts what is answered to those who act in an open incident, after its first signal. Kept in memory and written from
 * time to time, so that no answer waits; bounded in incidents, actors and paths, so that no attacker can fill it.
 */
import type { Subject } from '../detected.ts'
import type { IncidentsSetting } from './incidents.ts'
import { OPEN, type Incident } from './types.ts'

/** One answer. */
export interface Seen {
  /** Who asked, under all their names. */
  readonly subjects: readonly Subject[]
  readonly method: string
  readonly path: string
  readonly status: number
  readonly time: number
}

export interface Reaching {
  readonly watching: boolean
  saw(seen: Seen): void
  /** An incident was opened, grew or closed. */
  changed(incident: Incident, actors: readonly Subject[]): void
  flush(): Promise<void>
  sweep(now: number): Promise<number>
}

interface Counted {
  readonly incident: string
  readonly method: string
  readonly path: string
  readonly status: number
  count: number
  readonly firstAt: number
  lastAt: number
}

const MOST_ACTORS = 5000
const MOST_COUNTED = 2000
/** Different answers that are kept of one incident; all others are one line. */
const MOST_REACHED = 200
const LONGEST_PATH = 256
const OTHERS = '(others)'
const WATCHED: readonly Subject['kind'][] = ['client', 'user', 'session', 'api-key', 'app']

const keyOf = ({ kind, value }: Subject) => `${kind} ${value}`

type Setting = Pick<IncidentsSetting, 'database' | 'announcements' | 'onFault'>

export function createReaching({ database, announcements, onFault }: Setting): Reaching {
  const { kysely } = database
  /** Actor to the incidents in which they act. */
  let actors = new Map<string, Set<string>>()
  let counted = new Map<string, Counted>()
  let stale = true
  let flushing: Promise<void> = Promise.resolve()

  announcements?.listen(() => void (stale = true))

  function add(incident: string, subject: Subject): void {
    if (!WATCHED.includes(subject.kind) || subject.value === 'unknown') return
    const key = keyOf(subject)
    const known = actors.get(key)
    if (known) return void known.add(incident)
    if (actors.size < MOST_ACTORS) actors.set(key, new Set([incident]))
  }

  async function load(): Promise<void> {
    stale = false
    const rows = await kysely
      .selectFrom('hf_incident_subjects')
      .innerJoin('hf_incidents', 'id', 'incident_id')
      .select(['incident_id', 'kind', 'value'])
      .where('role', '=', 'actor')
      .where('state', 'in', OPEN)
      .orderBy('hf_incidents.last_at', 'desc')
      .limit(MOST_ACTORS)
      .execute()
    actors = new Map()
    for (const { incident_id: incident, kind, value } of rows) add(incident, { kind, value })
  }

  /** What is counted twice at a time is written once: another flush waits for the one before. */
  function flush(): Promise<void> {
    flushing = flushing.then(write).catch(onFault)
    return flushing
  }

  async function write(): Promise<void> {
    if (counted.size === 0) return
    const taken = [...counted.values()]
    counted = new Map()
    for (const one of taken) await keep(one)
  }

  async function keep(one: Counted): Promise<void> {
    const known = await bump(one)
    if (known) return
    const { count } = await kysely
      .selectFrom('hf_incident_reached')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('incident_id', '=', one.incident)
      .executeTakeFirstOrThrow()
    const row = Number(count) >= MOST_REACHED ? { ...one, method: '', path: OTHERS, status: 0 } : one
    const { incident, method, path, status, firstAt, lastAt } = row
    await kysely
      .insertInto('hf_incident_reached')
      .values({ incident_id: incident, method, path, status, count: row.count, first_at: firstAt, last_at: lastAt })
      .onConflict((conflict) =>
        conflict
          .columns(['incident_id', 'method', 'path', 'status'])
          .doUpdateSet((eb) => ({ count: eb('hf_incident_reached.count', '+', row.count), last_at: lastAt })),
      )
      .execute()
  }

  async function bump({ incident, method, path, status, count, lastAt }: Counted): Promise<boolean> {
    const done = await kysely
      .updateTable('hf_incident_reached')
      .set((eb) => ({ count: eb('count', '+', count), last_at: lastAt }))
      .where('incident_id', '=', incident)
      .where('method', '=', method)
      .where('path', '=', path)
      .where('status', '=', status)
      .executeTakeFirst()
    return done.numUpdatedRows > 0n
  }

  return {
    get watching() {
      if (stale) void load().catch(onFault)
      return actors.size > 0
    },

    saw({ subjects, method, path, status, time }) {
      const incidents = new Set(subjects.flatMap((subject) => [...(actors.get(keyOf(subject)) ?? [])]))
      for (const incident of incidents) {
        const short = path.slice(0, LONGEST_PATH)
        const key = `${incident} ${method} ${status} ${short}`
        const known = counted.get(key)
        if (known) {
          known.count++
          known.lastAt = time
        } else if (counted.size < MOST_COUNTED) {
          counted.set(key, { incident, method, path: short, status, count: 1, firstAt: time, lastAt: time })
        }
      }
    },

    changed(incident, who) {
      if (!OPEN.includes(incident.state)) stale = true
      else for (const actor of who) add(incident.id, actor)
    },

    flush,
    async sweep() {
      await load()
      await flush()
      return 0
    },
  }
}
