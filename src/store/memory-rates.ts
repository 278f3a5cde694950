/**
 * The rates of the memory store: two numbers a key in typed arrays, so that a million keys fit in a cache rather than in the heap.
 *
 * Attack A43 fills the table with new keys to make the limiter forget those it blocks. When it is full, what is forgotten is in this
 * order: idle keys (nothing is lost), then live ones that are not blocked, those nearest to idle first, and blocked ones only when no
 * other is left. One pass makes room for many, so that a flood pays for it once in a while and not on every request.
 */
import type { Plan } from './gcra.ts'
import { freeFrom } from './gcra.ts'

/** What had to be forgotten although it still counted. */
export interface Pressure {
  readonly keys: number
  /** Live keys forgotten. */
  readonly forgotten: number
  /** How many of them were blocked: all keys were. */
  readonly blocked: number
}

export interface MemoryRates {
  /** The TAT of a key, 0 when unknown. */
  read(key: string): number
  write(key: string, tat: number, plan: Plan): void
  delete(key: string): void
  /** Forgets what is idle at this instant, in microseconds; returns how many. */
  sweep(now: number): number
  readonly size: number
}

const FIRST_CAPACITY = 1024
/** A full table makes room for this part of its keys. */
const SHARE = 64
/** Enough to find which keys are nearest to idle to within a few percent; a smaller table is looked at whole. */
const SAMPLE = 4096
/** Microseconds between two passes over a large table that is full of blocked keys; in between the newest keys make room. */
const PASS_AGAIN = 100_000

export function memoryRates(maxKeys: number, onPressure: (pressure: Pressure) => void): MemoryRates {
  const slots = new Map<string, number>()
  const wanted = Math.max(1, Math.floor(maxKeys / SHARE))
  let keys: (string | undefined)[] = []
  let tats = new Float64Array(Math.min(FIRST_CAPACITY, maxKeys))
  /** From when the key is no longer blocked. */
  let free = new Float64Array(tats.length)
  let vacant: number[] = []
  /** What came in since the last pass. */
  let fresh: number[] = []
  let passedAt = -Infinity

  function grow(): void {
    const capacity = Math.min(tats.length * 2, maxKeys)
    const [oldTats, oldFree] = [tats, free]
    tats = new Float64Array(capacity)
    free = new Float64Array(capacity)
    tats.set(oldTats)
    free.set(oldFree)
  }

  function newSlot(now: number): number {
    if (slots.size >= maxKeys && !forgetFresh(now)) makeRoom(now)
    const reused = vacant.pop()
    if (reused !== undefined) return reused
    if (keys.length >= tats.length) grow()
    keys.push(undefined)
    return keys.length - 1
  }

  function forget(slot: number): void {
    const key = keys[slot]
    if (key === undefined) return
    slots.delete(key)
    keys[slot] = undefined
    vacant.push(slot)
  }

  function forgetWhere(matches: (slot: number) => boolean, atMost: number): number {
    let forgotten = 0
    for (let slot = 0; slot < keys.length && forgotten < atMost; slot++) {
      if (keys[slot] === undefined || !matches(slot)) continue
      forget(slot)
      forgotten++
    }
    return forgotten
  }

  /** Where nearly all keys are blocked a pass frees little: without this a flood would pay for one with every key. */
  function forgetFresh(now: number): boolean {
    if (maxKeys <= SAMPLE || now - passedAt >= PASS_AGAIN) return false
    for (let slot = fresh.pop(); slot !== undefined; slot = fresh.pop()) {
      if (keys[slot] === undefined || at(free, slot) > now) continue
      forget(slot)
      return true
    }
    return false
  }

  function makeRoom(now: number): void {
    passedAt = now
    fresh = []
    const idle = sweep(now)
    if (idle >= wanted) return
    const isFree = (slot: number): boolean => at(free, slot) <= now
    let forgotten = forgetLowest(tats, isFree, wanted - idle)
    const blocked = idle + forgotten === 0 ? forgetLowest(free, () => true, wanted) : 0
    forgotten += blocked
    if (forgotten > 0) onPressure({ keys: slots.size, forgotten, blocked })
  }

  /** Forgets up to `count` of the keys that match, those with the lowest figure first. */
  function forgetLowest(figures: Float64Array, matches: (slot: number) => boolean, count: number): number {
    const [limit, found] = lowest(figures, matches, count)
    if (found === 0) return 0
    return forgetWhere((slot) => matches(slot) && at(figures, slot) <= limit, count)
  }

  /** The figure below which about `count` of the matching keys lie, and how many match. */
  function lowest(figures: Float64Array, matches: (slot: number) => boolean, count: number): [limit: number, found: number] {
    const matching = (slot: number): boolean => keys[slot] !== undefined && matches(slot)
    let found = 0
    for (let slot = 0; slot < keys.length; slot++) if (matching(slot)) found++
    const step = Math.max(1, Math.floor(found / SAMPLE))
    const sample = new Float64Array(Math.ceil(found / step))
    let seen = 0
    for (let slot = 0; slot < keys.length; slot++) {
      if (matching(slot) && seen++ % step === 0) sample[(seen - 1) / step] = at(figures, slot)
    }
    sample.sort()
    return [sample[Math.min(sample.length - 1, Math.floor((count - 1) / step))] ?? 0, found]
  }

  function sweep(now: number): number {
    const forgotten = forgetWhere((slot) => at(tats, slot) <= now, Infinity)
    if (slots.size === 0) {
      keys = []
      vacant = []
    }
    return forgotten
  }

  return {
    read(key) {
      const slot = slots.get(key)
      return slot === undefined ? 0 : at(tats, slot)
    },
    write(key, tat, plan) {
      let slot = slots.get(key)
      if (slot === undefined) {
        const name = inOnePiece(key)
        slot = newSlot(plan.now)
        slots.set(name, slot)
        keys[slot] = name
        if (fresh.length < wanted) fresh.push(slot)
      }
      tats[slot] = tat
      free[slot] = freeFrom(plan, tat)
    },
    delete(key) {
      const slot = slots.get(key)
      if (slot !== undefined) forget(slot)
    },
    sweep,
    get size() {
      return slots.size
    },
  }
}

function at(figures: Float64Array, slot: number): number {
  return figures[slot] ?? 0
}

/**
 * The same string in one piece. A concatenated one is kept by V8 as a tree of its pieces: 270 bytes for a 30-character key made of
 * nine, 60 in one. Reading a character would join it, but the optimiser leaves out a read that nobody uses; a copy it cannot.
 */
export function inOnePiece(text: string): string {
  const copy = Buffer.from(text, 'latin1').toString('latin1')
  return copy === text ? copy : Buffer.from(text, 'utf16le').toString('utf16le')
}
