/** Ids of what observe keeps: unguessable where somebody is asked for them, and in the order of writing where they are listed. */

/** 96 bits, base64url. */
export function shortId(random: (bytes: number) => string): string {
  return random(16).slice(0, 16)
}

/** Sorts by when it was written: of one process exactly, of several by their clocks. */
export function createOrderedIds(random: (bytes: number) => string, now: () => number): () => string {
  let count = 0
  const part = (value: number, length: number) => value.toString(36).padStart(length, '0')
  return () => `${part(now(), 9)}.${part(count++, 7)}.${random(16).slice(0, 8)}`
}
