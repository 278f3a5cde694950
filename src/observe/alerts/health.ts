/** Whether a channel takes what it is given: of all processes together, for each of them sends some. */
import type { Emit } from '../../engine/events.ts'
import { claimOf, countUp, endClaim, type ClaimsDatabase } from './claims.ts'

export interface Health {
  /** `final`: it was refused for good. */
  failed(why: string, final: boolean): void
  succeeded(): void
  isDead(): Promise<boolean>
  /** Resolves when all that was told is written. */
  settled(): Promise<void>
}

interface Setting {
  readonly database: ClaimsDatabase
  readonly emit: Emit
  readonly now: () => number
  readonly onFault: (error: unknown) => void
  /** Told once, by one process, when the channel is dead, and once when it is back. */
  readonly onHealth: (channel: string, dead: boolean, why: string) => void
}

/** Failures in a row after which a channel is called dead: the first may be a connection that was lost. */
const DEAD_AFTER = 3
const REMEMBERED = 30 * 86_400_000

export function createHealth(channel: string, { database, emit, now, onFault, onHealth }: Setting): Health {
  const key = `health:${channel}`
  let last: Promise<void> = Promise.resolve()

  function then(work: () => Promise<void>): void {
    last = last.then(work).catch(onFault)
  }

  return {
    failed(why, final) {
      then(async () => {
        const least = final ? DEAD_AFTER : 1
        const count = await database.transaction((tx) => countUp(tx, key, { until: now() + REMEMBERED, now: now(), least }))
        if (count !== DEAD_AFTER) return
        emit({ type: 'alert_channel_lost', data: { channel, why } })
        onHealth(channel, true, why)
      })
    },
    succeeded() {
      then(async () => {
        const was = await database.transaction((tx) => endClaim(tx, key))
        if (was === undefined || was.count < DEAD_AFTER) return
        emit({ type: 'alert_channel_back', data: { channel } })
        onHealth(channel, false, '')
      })
    },
    async isDead() {
      const was = await claimOf(database.kysely, key)
      return was !== undefined && was.count >= DEAD_AFTER && was.until > now()
    },
    settled: () => last,
  }
}
