/** Many at the same moment: what must happen once is tested by all who try at once (CWE-362, CWE-367). */
import { AssertionError } from 'node:assert'

/** Starts `count` at the same moment, and waits for all. */
export function race<T>(count: number, work: (index: number) => T | Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: count }, async (_, index) => work(index)))
}

/**
 * Fails unless exactly one of the results won.
 *
 * @example expectOneWinner(await race(20, () => client.post('/redeem', { form: { code } })), ({ status }) => status === 200)
 */
export function expectOneWinner<T>(results: readonly T[], won: (result: T) => boolean): void {
  const winners = results.filter((result) => won(result)).length
  if (winners === 1) return
  throw new AssertionError({ message: `Of ${results.length} at once ${winners} won, not one.`, actual: winners, expected: 1 })
}
