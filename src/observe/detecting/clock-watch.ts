/** Sees when the clock jumps: what is ordered and limited by time is not, afterwards, and a log can be made to lie. */
import type { Emit } from '../../engine/events.ts'

interface Setting {
  readonly now: () => number
  /** Milliseconds that only ever go on. @default performance.now */
  readonly steady?: () => number
  readonly emit: Emit
}

const EVERY = 10_000
/** A clock that is set right by a time server moves by less. */
const JUMP = 30_000

export interface ClockWatch {
  /** Compares now; otherwise every ten seconds. */
  look(): void
  stop(): void
}

export function watchClock({ now, steady = () => performance.now(), emit }: Setting): ClockWatch {
  let [clock, since] = [now(), steady()]
  const timer = setInterval(look, EVERY).unref()

  function look(): void {
    const by = now() - clock - (steady() - since)
    clock = now()
    since = steady()
    if (Math.abs(by) > JUMP) emit({ type: 'sys_clock_jump', data: { by: Math.round(by / 1000) } })
  }

  return { look, stop: () => clearInterval(timer) }
}
