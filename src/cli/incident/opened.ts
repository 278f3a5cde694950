/** Loads what opens incidents only when a verb needs it: help does not. */
import type { Call, Outcome } from '../command.ts'
import type { Desk } from './open.ts'

export async function opened(call: Call, work: (desk: Desk) => Promise<Outcome>): Promise<Outcome> {
  const { withIncidents } = await import('./open.ts')
  return await withIncidents(call, work)
}
