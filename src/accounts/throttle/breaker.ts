/**
 * Opens when sign-ins fail everywhere at once: one password tried at many accounts from many networks stays below the limits of each. While
 * it is open, browsers that are not known have to do some work before a password is looked at. Nobody is locked out by it, so that it is
 * no weapon. It closes after ten minutes in which the rate was not passed again, so that it does not flutter.
 * Sources: OWASP Credential Stuffing Prevention Cheat Sheet; OWASP ASVS 5.0 6.3.1; attack A183.
 */
import type { Emit } from '../../engine/events.ts'
import type { Exchange } from '../../engine/exchange.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'

export interface Breaker {
  /** `undefined`: closed. Otherwise how much harder it has become, from 0 up. One look into the store. */
  strain(): Promise<number | undefined>
  /** A browser that is not known failed, at whatever account. */
  failed(x?: Exchange): Promise<void>
}

interface Setting {
  readonly once: AtomicStore
  readonly emit: Emit
  readonly now: () => number
  /** What is too many. */
  readonly rate: Rate
}

interface State {
  readonly until: number
  /** Failures over the rate since it opened. */
  readonly over: number
}

const KEY = 'accounts:breaker'
const FAILURES = 'accounts:breaker:failures'
const OPEN_FOR = 600_000
/** So that somebody says that it closed, however late somebody comes. */
const KEPT_FOR = 7 * 86_400_000
const HARDEST = 4
const MOST_ROUNDS = 20

/** Makes the breaker; its state is shared by all who share the store. */
export function createBreaker({ once, emit, now, rate }: Setting): Breaker {
  async function open(x: Exchange | undefined): Promise<void> {
    for (let round = 0; round < MOST_ROUNDS; round++) {
      const seen = await once.get(KEY, now())
      const before = parse(seen)
      const next = `${now() + OPEN_FOR} ${(before?.over ?? 0) + 1}`
      if (!(await once.compareAndSwap(KEY, seen, next, KEPT_FOR, now()))) continue
      if (before === undefined) emit({ type: 'authn_breaker_open', data: { limit: rate.limit, period: rate.period } }, x)
      return
    }
  }

  return {
    async strain() {
      const state = parse(await once.get(KEY, now()))
      if (state === undefined) return undefined
      if (state.until > now()) return Math.min(HARDEST, Math.floor(Math.log2(1 + state.over / rate.limit)))
      const closed = await once.consumeOnce(KEY, now())
      if (closed !== undefined) emit({ type: 'authn_breaker_close', data: { over: state.over } })
      return undefined
    },
    async failed(x) {
      const { allowed } = await once.take(FAILURES, rate, now())
      if (!allowed) await open(x)
    },
  }
}

function parse(text: string | undefined): State | undefined {
  if (text === undefined) return undefined
  const [until, over] = text.split(' ', 2)
  return { until: Number(until), over: Number(over) }
}
