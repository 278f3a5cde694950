/** A clock that stands until it is moved: what ends after an hour is tested without waiting for it. */
import { milliseconds, type Duration } from '../engine/duration.ts'

export interface FakeClock {
  /** Milliseconds since 1970. Hand it in as `now`. */
  readonly now: () => number
  /** Moves it forward: `clock.advance('31m')`. */
  advance(duration: Duration): void
  /** Sets it; backwards, too, as real clocks are. */
  set(time: number): void
}

/** Starts at `time`, or now. */
export function fakeClock(time: number = Date.now()): FakeClock {
  return {
    now: () => time,
    advance(duration) {
      time += milliseconds('advance', duration)
    },
    set(next) {
      time = next
    },
  }
}
