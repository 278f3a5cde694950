/** Opens incidents and responses on the application's database, by the rules that the application left there. */
import { join } from 'node:path'
import { randomToken } from '../../crypto/random.ts'
import { auditEvidence } from '../../observe/evidence/source.ts'
import type { By } from '../../observe/responses/response.ts'
import { recordedSurroundings } from '../../recorded/surroundings.ts'
import { createResponding, type Responding } from '../../services/responding.ts'
import { sqlStore } from '../../store/sql-atomic.ts'
import { Refusal, type Call } from '../command.ts'
import { ownKeys, withWorkplace, type Workplace } from '../open.ts'

export interface Desk extends Responding {
  readonly accounts: Workplace['accounts']
  /** Who acts. */
  readonly by: By
  /** How long the application keeps closed incidents; one of an older version does not say. */
  readonly keepIncidents: number | null | undefined
}

/** Gives them to `work`. Refuses where no application of this version has started: nobody would know what may not be blocked. */
export async function withIncidents<T>(call: Call, work: (desk: Desk) => Promise<T>): Promise<T> {
  return await withWorkplace(
    call,
    { make: false },
    async ({ accounts, database, announcements, timeline, settings, bus, audit }) => {
      const once = sqlStore(database)
      const surroundings = await recordedSurroundings(once, call.io.now())
      if (surroundings === undefined)
        throw new Refusal(3, 'No application has left its settings here. Start it once with this version.')
      const { data } = settings
      const responding = createResponding({
        ...{ database, once, accounts, announcements, timeline, surroundings },
        keys: lazyKeys(call),
        emit: bus.emitter('responses'),
        now: call.io.now,
        random: randomToken,
        onFault: (error) => call.io.warn(error instanceof Error ? error.message : String(error)),
        keep: 0,
        source: auditEvidence(audit, (id) => accounts.emergency.ownerOf('app', id)),
        folder: join(data),
      })
      const desk = { ...responding, accounts, by: byOf(call), keepIncidents: surroundings.keepIncidents }
      try {
        return await work(desk)
      } finally {
        await responding.incidents.settled()
      }
    },
  )
}

export function byOf({ io }: Pick<Call, 'io'>): By {
  return { kind: 'system', id: io.operator === undefined ? 'cli' : `cli:${io.operator}` }
}

/** Most verbs sign nothing, and the ring may not be readable here. */
function lazyKeys(call: Call) {
  return {
    get current() {
      return ownKeys(call).current
    },
    get ids() {
      return ownKeys(call).ids
    },
    subkey: ((purpose: string, keyId?: string) => {
      const ring = ownKeys(call)
      return keyId === undefined ? ring.subkey(purpose) : ring.subkey(purpose, keyId)
    }) as ReturnType<typeof ownKeys>['subkey'],
  }
}
