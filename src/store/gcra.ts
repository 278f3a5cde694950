/**
 * The generic cell rate algorithm, the one arithmetic of all stores: SQL and Lua do the same integer steps, and the contract holds
 * them to this file by random sequences.
 *
 * A key has one number, the theoretical arrival time (TAT): the instant at which its limit is free again in full. Taking moves it on
 * by one interval a unit, and is refused when it would come to lie further ahead than the burst. So there is no window whose
 * boundary lets twice the limit pass, and an idle key (TAT ≤ now) says nothing and may be forgotten.
 *
 * Everything is in whole microseconds: with fractions the last of `limit` takes could fail by a rounding error.
 * Source: ITU-T I.371 (annex A), https://en.wikipedia.org/wiki/Generic_cell_rate_algorithm
 */
import type { Rate, Taken } from './atomic.ts'
import { instant } from './bounds.ts'

/** What one take means, in microseconds, before the TAT of its key is known. */
export interface Plan {
  readonly now: number
  /** One unit of the limit. */
  readonly interval: number
  /** The whole limit. */
  readonly burst: number
  /** By how much an allowed take moves the TAT on; 0 when it only looks. */
  readonly increment: number
  /** The take is allowed when the TAT is at most this. Below `now` when it can never be (a cost above the limit). */
  readonly ceiling: number
}

const MAX_PERIOD = 366 * 86_400_000

/**
 * Refuses with a RangeError what is no rate: `limit` is a whole number from 1, `period` 1 ms to 366 days, at most 1000 a millisecond;
 * `cost` a whole number from 0. The interval is rounded down to a microsecond, in favour of the client.
 */
export function planTake(rate: Rate, now: number, cost = 1): Plan {
  const { limit, period } = rate
  if (!(period >= 1 && period <= MAX_PERIOD))
    throw new RangeError(`period must be 1 ms to 366 days in milliseconds, got ${period}.`)
  if (!Number.isSafeInteger(limit) || limit < 1 || limit > period * 1000) {
    throw new RangeError(`limit must be a whole number from 1 to 1000 per millisecond, got ${limit} per ${period} ms.`)
  }
  if (!Number.isSafeInteger(cost) || cost < 0) throw new RangeError(`cost must be a whole number from 0, got ${cost}.`)
  const start = instant(now) * 1000
  const interval = Math.floor((period * 1000) / limit)
  const burst = interval * limit
  // A look answers for one unit. A cost above the limit is counted as one above: the sum stays an exact integer.
  const asked = Math.min(Math.max(cost, 1), limit + 1) * interval
  return { now: start, interval, burst, increment: cost === 0 ? 0 : asked, ceiling: start + burst - asked }
}

/** Whether the plan takes anything at all, whatever the TAT: stores only read for those that do not. */
export function mayTake(plan: Plan): boolean {
  return plan.increment > 0 && plan.ceiling >= plan.now
}

/** Whether a key with this TAT (0: unknown key) has room for the plan. */
export function isAllowed(plan: Plan, tat: number): boolean {
  return Math.max(tat, plan.now) <= plan.ceiling
}

/** The TAT after an allowed take. */
export function advance(plan: Plan, tat: number): number {
  return Math.max(tat, plan.now) + plan.increment
}

/** The answer for the caller, from the TAT as it stands after the take. */
export function describe(plan: Plan, tat: number, allowed: boolean): Taken {
  const ahead = Math.max(tat, plan.now) - plan.now
  return {
    allowed,
    remaining: Math.max(0, Math.floor((plan.burst - ahead) / plan.interval)),
    resetAfter: Math.ceil(ahead / 1000),
    retryAfter: allowed ? 0 : Math.ceil((plan.now + ahead - plan.ceiling) / 1000),
  }
}

/** From when a single further take would be allowed: a key is blocked while this lies ahead. */
export function freeFrom(plan: Plan, tat: number): number {
  return tat - plan.burst + plan.interval
}
