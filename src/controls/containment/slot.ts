/** What other controls may know of what is in force for this request. */
import { slot } from '../../engine/exchange.ts'
import type { InForce } from '../../observe/responses/in-force.ts'

export interface Contained {
  readonly inForce: InForce
  /** The client is blocked, but may be somebody who was signed in before that: whoever knows decides. */
  readonly blocked: ReturnType<InForce['blocked']>
}

/** Absent while nothing is in force. */
export const Contained = slot<Contained>('contained')
