/**
 * Many deadlines of one length on one timer: setting and clearing a timer for each body costs more than reading a small one.
 * The timer looks ten times within the length, so what is late is called at most a tenth too late, and never too early.
 */

export interface Deadlines {
  /** Calls `late` once, unless the returned function is called before. */
  start(late: () => void): () => void
}

const LOOKS = 10

/** `length` in milliseconds. The timer runs only while something is waiting, and keeps no process alive. */
export function createDeadlines(length: number): Deadlines {
  const waiting = new Map<object, { readonly late: () => void; readonly since: number }>()
  let timer: NodeJS.Timeout | undefined
  let looks = 0

  function look(): void {
    looks++
    for (const [key, { late, since }] of waiting) {
      // In order of their start: the first that has time left ends the look. The look under way at the start does not count.
      if (looks - since <= LOOKS) return
      waiting.delete(key)
      late()
    }
    clearInterval(timer)
    timer = undefined
  }

  return {
    start(late) {
      const key = {}
      waiting.set(key, { late, since: looks })
      timer ??= setInterval(look, Math.max(1, length / LOOKS)).unref()
      return () => void waiting.delete(key)
    },
  }
}
