/** The timeline of an incident for whoever else acts on it: written in the transaction of what is told there, in one order with all entries. */
import type { Transaction } from 'kysely'
import { createOrderedIds } from '../ids.ts'
import { addEntry, livingIncident } from './rows.ts'

export interface Timeline {
  /** The id of the next entry of this process. */
  readonly entryId: () => string
  /** Writes down what somebody did about it; into the one that it is part of by now, and nowhere once it was removed. */
  note(tx: Transaction<any>, incident: string, text: string, by: string | undefined): Promise<void>
}

export function createTimeline(random: (bytes: number) => string, now: () => number): Timeline {
  const entryId = createOrderedIds(random, now)
  return {
    entryId,
    async note(tx, incident, text, by) {
      const id = await livingIncident(tx, incident)
      if (id !== undefined) await addEntry(tx, id, { at: now(), kind: 'response', text, by }, entryId())
    },
  }
}
