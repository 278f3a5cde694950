/** Runs one detection, or all, over a replay, in memory and at once: for tests, and for `holdfast detections test`. */
import type { Emit } from '../../engine/events.ts'
import type { Detected } from '../detected.ts'
import type { Place } from './places.ts'
import { REPLAY_SITE } from './replay.ts'
import { createRuntime, type Chosen } from './runtime.ts'
import type { Signal } from './signal.ts'

/** Where the addresses of replays are. */
const PLACES: Readonly<Record<string, Place>> = {
  '192.0.2.1': { country: 'DE', latitude: 52.52, longitude: 13.4 },
  '198.51.100.1': { country: 'DE', latitude: 53.55, longitude: 10 },
  '203.0.113.1': { country: 'JP', latitude: 35.68, longitude: 139.69 },
}

interface Setting {
  /** Base64url text of so many random bytes. */
  readonly random: (bytes: number) => string
  readonly emit?: Emit
}

/** What fired, in order. */
export async function fireReplay(
  chosen: readonly Chosen[],
  signals: readonly Signal[],
  { random, emit }: Setting,
): Promise<Detected[]> {
  const fired: Detected[] = []
  const runtime = createRuntime({
    chosen,
    random,
    emit: emit ?? (() => undefined),
    site: REPLAY_SITE,
    locate: (address) => PLACES[address],
    onFault(error) {
      throw error
    },
  })
  runtime.on((detected) => fired.push(detected))
  for (const signal of signals) runtime.take(signal)
  await runtime.settled()
  await runtime.stop()
  return fired
}
