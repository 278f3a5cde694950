/** A day of ordinary use, from a seed: everybody goes their own way, and what they do is put in the order of the clock. */
import type { Client, Panel } from './panel.ts'

/** What somebody does, with the milliseconds until they do the next thing. */
export type Way = AsyncGenerator<number, void, void>

export interface Day {
  readonly panel: Panel
  /** From 0 to 1, the same for the same seed. */
  readonly chance: () => number
  readonly between: (least: number, most: number) => number
  readonly pick: <T>(list: readonly T[]) => T
  /** A client whose requests are counted as of this kind. */
  client(kind: string, address: string, agent?: string): Client
  /** Requests so far, by kind. */
  readonly counts: ReadonlyMap<string, number>
  total(): number
  /** Lets somebody begin after so many milliseconds. */
  begin(after: number, way: Way): void
  /** Goes through the day until everybody is done. */
  pass(): Promise<void>
}

export function ordinaryDay(panel: Panel, seed: number): Day {
  const waiting: { at: number; readonly way: Way }[] = []
  const counts = new Map<string, number>()
  const start = panel.now()
  let state = seed >>> 0

  /** Mulberry32. */
  function chance(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }

  return {
    panel,
    chance,
    counts,
    between: (least, most) => Math.floor(least + chance() * (most - least)),
    pick: (list) => list[Math.floor(chance() * list.length)]!,
    total: () => [...counts.values()].reduce((sum, many) => sum + many, 0),
    client(kind, address, agent) {
      const client = panel.client(address, agent)
      const { send } = client
      client.send = (path, sending) => {
        counts.set(kind, (counts.get(kind) ?? 0) + 1)
        return send(path, sending)
      }
      return client
    },
    begin: (after, way) => void waiting.push({ at: start + after, way }),
    async pass() {
      while (waiting.length > 0) {
        waiting.sort((a, b) => b.at - a.at)
        const next = waiting.pop()!
        panel.advance(Math.max(0, next.at - panel.now()))
        const { done, value } = await next.way.next()
        if (!done) waiting.push({ at: Math.max(next.at, panel.now()) + value, way: next.way })
      }
    },
  }
}
