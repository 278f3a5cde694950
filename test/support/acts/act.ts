/** What an administrative act is, for the test that tries each without its record. */
import type { Fixture } from '../../../src/accounts/fixture.contract.ts'
import type { EventType } from '../../../src/engine/events.ts'
import type { Responding } from '../../../src/services/responding.ts'

export interface ActWorld extends Fixture {
  /** Incidents and responses on the same database. */
  readonly responding: Responding
}

export interface Act {
  readonly title: string
  readonly types: readonly EventType[]
  /** Prepares everything, and returns the act. */
  prepare(world: ActWorld): Promise<() => Promise<unknown>>
}

/** `prepare` of an act on what is made beforehand. */
export function on<Made>(
  make: (world: ActWorld) => Promise<Made>,
  does: (made: Made, world: ActWorld) => Promise<unknown>,
): Act['prepare'] {
  return async (world) => {
    const made = await make(world)
    return () => does(made, world)
  }
}
