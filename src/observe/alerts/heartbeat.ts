/** Says regularly that somebody is watching: of many processes one, so that silence means that none is left. */
import { claim } from './claims.ts'
import type { AlertSetting } from './options.ts'
import { heartbeat } from './own-alerts.ts'
import type { PutDown } from './put-down.ts'

interface Setting extends Pick<PutDown, 'inOne' | 'to'> {
  readonly now: () => number
  readonly onFault: (error: unknown) => void
}

export interface Heart {
  settled(): Promise<void>
  stop(): Promise<void>
}

/** Begins at once, without keeping the process alive. */
export function startHeartbeat(
  { every, channels }: NonNullable<AlertSetting['heartbeat']>,
  { inOne, to, now, onFault }: Setting,
): Heart {
  /** The turn and what it says are one transaction: who dies before the commit leaves the turn to the next. */
  async function pulse(): Promise<void> {
    const turn = Math.floor(now() / every)
    const leave = await inOne(async (tx) => {
      const ours = await claim(tx, `heartbeat:${turn}`, { until: (turn + 2) * every, now: now() })
      return ours ? await to(tx, heartbeat(every), channels) : undefined
    })
    leave?.()
  }

  let beating = pulse().catch(onFault)
  const timer = setInterval(() => (beating = pulse().catch(onFault)), every).unref()
  return {
    settled: () => beating,
    async stop() {
      clearInterval(timer)
      await beating
    },
  }
}
