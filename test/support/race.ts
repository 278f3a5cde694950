/** Starts `n` at the same moment and waits for all: what must happen once is tested by many who try at once. */
export function race<T>(n: number, work: (index: number) => T | Promise<T>): Promise<T[]> {
  return Promise.all(Array.from({ length: n }, async (_, index) => work(index)))
}
