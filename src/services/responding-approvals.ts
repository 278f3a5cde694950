/**
 * Where responses meet two-person approval: accounts ask and hear the second person, whatever page or command they come by, and incidents
 * have it in their timeline. The two know nothing of each other.
 */
import type { Accounts, ApprovalFollower, ApprovalStep } from '../accounts/types.ts'
import type { Timeline } from '../observe/incidents/timeline.ts'
import { responses } from '../observe/responses/index.ts'
import type { SecondPerson } from '../observe/responses/second-person.ts'

const ACT = 'response:'

/** Acts that the application may mark. */
export const RESPONSE_ACTS: readonly string[] = responses.map(({ name }) => `${ACT}${name}`)
/** Acts for which responses ask by themselves. */
export const STARRED_ACTS: readonly string[] = responses
  .filter(({ needsSecond }) => needsSecond !== undefined)
  .map(({ name }) => `${ACT}${name}`)

export function secondPersonOf({ approvals, approved }: Pick<Accounts, 'approvals' | 'approved'>): SecondPerson {
  return {
    isMarked: approvals.needsApproval,
    async ask({ by, act, params }, reason) {
      const asked = await approvals.ask(by, act, params, reason)
      if (asked.ok) return toAsked(asked.approval)
      if (asked.reason === 'params' || asked.reason === 'nobody' || asked.reason === 'too-many') return asked.reason
      throw new Error(`A second person cannot be asked for ${act}: ${asked.reason}.`)
    },
    async find({ by, act, params }) {
      const found = await approvals.find(by, act, params)
      return found && toAsked(found)
    },
    async take(tx, tell, { by, act, params }) {
      return (await approved.take(tx, tell, { actor: by, act, params }))?.approvedBy
    },
  }
}

function toAsked({ id, state, expiresAt }: { readonly id: string; readonly state: string; readonly expiresAt: number }) {
  return { id, given: state === 'given', until: expiresAt }
}

/** What is told of each step. That a yes was used says the response itself. */
const WORDS: Partial<Record<ApprovalStep['state'], string>> = {
  asked: 'asked for, to be approved by a second person',
  given: 'approved',
  declined: 'declined',
  expired: 'was not done in time, and would have to be asked for anew',
}

/** Writes what becomes of a question into the timeline of the incident that it is about. */
export function followResponses(timeline: Timeline): ApprovalFollower {
  return async (tx, { act, params, state, by, says }) => {
    const { incident, on } = params
    const word = WORDS[state]
    if (word === undefined || !act.startsWith(ACT) || typeof incident !== 'string' || incident === 'none') return
    const text = `${act.slice(ACT.length)} on ${String(on)} ${word}${says === '' ? '.' : `: ${says}`}`
    await timeline.note(tx, incident, text, by)
  }
}
