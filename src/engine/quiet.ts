/** One voice for many refusals: a flood that is refused must not become a flood of log lines. */

export interface Quiet {
  /** How many refusals of `key` to report now, this one included; 0 to say nothing. */
  heard(key: string, now: number): number
}

interface Silence {
  until: number
  unsaid: number
}

/**
 * Lets the first refusal of a key through at once, then one in `interval` milliseconds, which carries the number of those not told.
 * Remembers at most `keys` of them, the oldest forgotten first: forgetting only means that one is told early.
 */
export function createQuiet(interval = 1000, keys = 10_000): Quiet {
  const silences = new Map<string, Silence>()
  return {
    heard(key, now) {
      const silence = silences.get(key)
      if (silence !== undefined && now < silence.until) {
        silence.unsaid++
        return 0
      }
      silences.delete(key)
      if (silences.size >= keys) silences.delete(silences.keys().next().value!)
      silences.set(key, { until: now + interval, unsaid: 0 })
      return 1 + (silence?.unsaid ?? 0)
    },
  }
}
