/** The rows of responses: every change of a state is one statement that only one of many can win. */
import type { Hold } from './hold.ts'
import type { ResponseQuery, ResponseRequest } from './responder-types.ts'
import type { ResponseRow, ResponsesKysely, ResponseState } from './schema.ts'

export interface Rows {
  insert(row: ResponseRow): Promise<void>
  update(id: string, set: Partial<ResponseRow>): Promise<void>
  /** Changes a row that is in this state still; whoever comes second gets nothing. */
  take(id: string, from: ResponseState, set: Partial<ResponseRow>): Promise<ResponseRow | undefined>
  byId(id: string): Promise<ResponseRow | undefined>
  list(query: ResponseQuery): Promise<readonly ResponseRow[]>
  /** One that is in force for the same response and subject. */
  activeFor(request: Pick<ResponseRequest, 'response' | 'subject'>, now: number): Promise<ResponseRow | undefined>
  countActive(): Promise<number>
  /** How often a machine applied this to this subject since then. */
  countAutomatic(request: Pick<ResponseRequest, 'response' | 'subject'>, since: number): Promise<number>
  /** Whether a person undid this for this subject since then. */
  undoneByPerson(request: Pick<ResponseRequest, 'response' | 'subject'>, since: number): Promise<boolean>
  /** Marks what was begun before then and never said to be done; returns those that this call marked. */
  interrupt(before: number, at: number): Promise<readonly ResponseRow[]>
  /** Which of these users are held at that time. */
  heldOf(userIds: readonly string[], at: number): Promise<ReadonlySet<string>>
  /** Ends what has run out; returns those that this call ended. */
  expire(at: number): Promise<readonly ResponseRow[]>
}

const MOST_LISTED = 500
const INTERRUPTED = 'its process ended before it said whether it was done'

export function rowsOn(kysely: ResponsesKysely): Rows {
  function about({ response, subject }: Pick<ResponseRequest, 'response' | 'subject'>) {
    return kysely
      .selectFrom('hf_responses')
      .where('subject_kind', '=', subject?.kind ?? '')
      .where('subject_value', '=', subject?.value ?? '')
      .where('response', '=', response)
  }

  return {
    async insert(row) {
      await kysely.insertInto('hf_responses').values(row).execute()
    },
    async update(id, set) {
      await kysely.updateTable('hf_responses').set(set).where('id', '=', id).execute()
    },
    take: (id, from, set) =>
      kysely
        .updateTable('hf_responses')
        .set(set)
        .where('id', '=', id)
        .where('state', '=', from)
        .returningAll()
        .executeTakeFirst(),
    byId: (id) => kysely.selectFrom('hf_responses').selectAll().where('id', '=', id).executeTakeFirst(),
    list({ state, incident, subject, limit = 100 }) {
      return kysely
        .selectFrom('hf_responses')
        .selectAll()
        .$if(state !== undefined, (query) => query.where('state', '=', state!))
        .$if(incident !== undefined, (query) => query.where('incident_id', '=', incident!))
        .$if(subject !== undefined, (query) =>
          query.where('subject_kind', '=', subject!.kind).where('subject_value', '=', subject!.value),
        )
        .orderBy('created_at', 'desc')
        .orderBy('id')
        .limit(Math.min(Math.max(1, limit), MOST_LISTED))
        .execute()
    },
    activeFor: (request, now) =>
      about(request).selectAll().where('state', '=', 'active').where('expires_at', '>', now).executeTakeFirst(),
    async countActive() {
      const found = await kysely
        .selectFrom('hf_responses')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('state', '=', 'active')
        .executeTakeFirstOrThrow()
      return Number(found.count)
    },
    async countAutomatic(request, since) {
      const found = await about(request)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('automatic', '=', 1)
        .where('created_at', '>', since)
        .executeTakeFirstOrThrow()
      return Number(found.count)
    },
    async undoneByPerson(request, since) {
      const found = await about(request)
        .select('id')
        .where('state', '=', 'undone')
        .where('ended_at', '>', since)
        .executeTakeFirst()
      return found !== undefined
    },
    interrupt: (before, at) =>
      kysely
        .updateTable('hf_responses')
        .set({ state: 'interrupted', ended_at: at, ended_reason: INTERRUPTED })
        .where('state', '=', 'begun')
        .where('created_at', '<=', before)
        .returningAll()
        .execute(),
    async heldOf(userIds, at) {
      const holds = await kysely
        .selectFrom('hf_responses')
        .select('hold')
        .where('state', '=', 'active')
        .where('expires_at', '>', at)
        .where('subject_kind', '=', 'user')
        .where('subject_value', 'in', userIds)
        .execute()
      const held = holds.map(({ hold }) => JSON.parse(hold ?? 'null') as Hold | null)
      return new Set(held.flatMap((hold) => (hold?.kind === 'refuse' && hold.whom === 'user' ? [hold.id] : [])))
    },
    expire: (at) =>
      kysely
        .updateTable('hf_responses')
        .set({ state: 'expired', ended_at: at, ended_reason: 'its time was over' })
        .where('state', '=', 'active')
        .where('expires_at', '<=', at)
        .returningAll()
        .execute(),
  }
}
