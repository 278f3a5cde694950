/** One look at a time: a slow authority must not pile them up, and to the lock two of one process would be the same owner. */
import type { AcmeSetting } from './options.ts'
import type { Work } from './work.ts'

export interface Looks {
  /** Looks, or waits for the look that runs. Never rejects: what is served stays, and is told why. */
  tick(): Promise<void>
  /** Asks for a certificate now. Rejects with why there is none. */
  renew(): Promise<void>
  /** Resolves once nothing runs. */
  idle(): Promise<void>
}

export function createLooks({ names, report }: AcmeSetting, { look, obtain }: Work): Looks {
  let running: Promise<void> | undefined
  /** Why the storage could not be read the last time: the same is said once. */
  let unreadable = ''

  function tick(): Promise<void> {
    return (running ??= look()
      .then(() => void (unreadable = ''))
      .catch((error: unknown) => {
        const reason = `The storage of certificates: ${error instanceof Error ? error.message : String(error)}`
        if (reason !== unreadable) report({ type: 'tls_renewal_failed', data: { names, reason } })
        unreadable = reason
      })
      .finally(() => (running = undefined)))
  }

  return {
    tick,
    async renew() {
      while (running !== undefined) await running
      const asked = obtain()
      running = asked.then(
        () => undefined,
        () => undefined,
      )
      void running.finally(() => (running = undefined))
      if (!(await asked)) throw new Error('Another process asks for a certificate just now.')
    },
    idle: async () => await running,
  }
}
