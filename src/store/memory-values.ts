/**
 * The values of the memory store: bounded, and never forgotten before their time. A one-time code or a mark against replay that made
 * room for another would be valid again, so a full table refuses (fail closed).
 */
import { StoreError } from './errors.ts'
import { inOnePiece } from './memory-rates.ts'

export interface Entry {
  readonly value: string
  readonly until: number
}

export interface MemoryValues {
  /** The value, unless it has expired. */
  read(key: string, now: number): string | undefined
  entry(key: string, now: number): Entry | undefined
  /** Refuses a new key with `store-full` when there is no room. */
  write(key: string, value: string, until: number, now: number): void
  delete(key: string): void
  sweep(now: number): number
}

/** Milliseconds between two looks for expired values in a full table. */
const LOOK_AGAIN = 1000

export function memoryValues(maxKeys: number): MemoryValues {
  const entries = new Map<string, Entry>()
  let lookedAt = -Infinity

  function sweep(now: number): number {
    const before = entries.size
    for (const [key, entry] of entries) if (entry.until <= now) entries.delete(key)
    return before - entries.size
  }

  function makeRoom(now: number): void {
    if (Math.abs(now - lookedAt) >= LOOK_AGAIN) {
      lookedAt = now
      sweep(now)
    }
    if (entries.size < maxKeys) return
    throw new StoreError(
      'store-full',
      `The memory store holds ${maxKeys} live values and takes no more. Raise maxKeys, or use a database or Redis.`,
    )
  }

  function entry(key: string, now: number): Entry | undefined {
    const found = entries.get(key)
    return found !== undefined && found.until > now ? found : undefined
  }

  return {
    entry,
    read: (key, now) => entry(key, now)?.value,
    write(key, value, until, now) {
      if (entries.size >= maxKeys && !entries.has(key)) makeRoom(now)
      entries.set(inOnePiece(key), { value: inOnePiece(value), until })
    },
    delete: (key) => void entries.delete(key),
    sweep,
  }
}
