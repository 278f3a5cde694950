/**
 * Whether this process should be sent requests: its stores answer, its tables are the ones that the code knows, and it is not about to
 * stop. Asked at most once a second, however many ask: a probe that anybody may send must not be a load.
 */
import { withDeadline } from '../store/maybe.ts'

export interface ReadinessCheck {
  readonly name: string
  /** Rejects when it does not stand. */
  readonly check: () => Promise<unknown>
  /** Whether the process can go on without it: then it is told, and no more. @default false */
  readonly optional?: boolean
}

export interface Standing {
  readonly ready: boolean
  /** The process was told that it will stop. */
  readonly draining: boolean
  /** By name; why something failed goes to `onFault`. */
  readonly checks: Readonly<Record<string, 'ok' | 'failed'>>
}

export interface Readiness {
  ask(): Promise<Standing>
  /** Says from now on that no new requests should come: call it some seconds before the server stops to listen. */
  drain(): void
}

export interface ReadinessSetting {
  readonly checks: readonly ReadinessCheck[]
  /** Milliseconds. */
  readonly now: () => number
  /** Told when the answer changes, with the names of what failed. */
  readonly onChange: (ready: boolean, failed: readonly string[]) => void
  readonly onFault: (error: unknown) => void
}

/** Milliseconds for which an answer is used again. */
const EVERY = 1000
/** Milliseconds that a check may take: less than probes wait. */
const PATIENCE = 800

export function createReadiness({ checks, now, onChange, onFault }: ReadinessSetting): Readiness {
  let draining = false
  let known: Standing['checks'] = {}
  let at = Number.NEGATIVE_INFINITY
  let asking: Promise<void> | undefined
  let wasReady = true

  async function look({ name, check }: ReadinessCheck): Promise<readonly [string, 'ok' | 'failed']> {
    try {
      await withDeadline(Promise.resolve(check()), PATIENCE, () => new Error(`"${name}" did not answer within ${PATIENCE} ms.`))
      return [name, 'ok']
    } catch (error) {
      if (known[name] !== 'failed') onFault(error)
      return [name, 'failed']
    }
  }

  async function lookAtAll(): Promise<void> {
    known = Object.fromEntries(await Promise.all(checks.map(look)))
    at = now()
    const failed = checks.filter(({ name, optional }) => known[name] === 'failed' && !optional).map(({ name }) => name)
    if ((failed.length === 0) === wasReady) return
    wasReady = failed.length === 0
    onChange(wasReady, failed)
  }

  return {
    async ask() {
      // A clock that was set back must not keep an old answer for long.
      if (Math.abs(now() - at) >= EVERY) await (asking ??= lookAtAll().finally(() => (asking = undefined)))
      return { ready: wasReady && !draining, draining, checks: known }
    },
    drain: () => void (draining = true),
  }
}
