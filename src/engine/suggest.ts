/** "Did you mean": the nearest of the known words, when one is near enough to be a slip of the keyboard. */

/** The known word within two edits (or a third of the length) of `word`, if there is one. */
export function suggest(word: string, known: Iterable<string>): string | undefined {
  const reach = Math.max(2, Math.floor(word.length / 3))
  let best: string | undefined
  let nearest = reach + 1
  for (const candidate of known) {
    const edits = distance(word.toLowerCase().slice(0, 64), candidate.toLowerCase())
    if (edits >= nearest) continue
    nearest = edits
    best = candidate
  }
  return best
}

/** The end of an error message: ` Did you mean "x"?`, or the whole list. */
export function hint(word: string, known: readonly string[]): string {
  const near = suggest(word, known)
  return near === undefined ? `Known: ${known.join(', ')}.` : `Did you mean "${near}"?`
}

/** Levenshtein's distance, one row at a time. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const swap = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(swap, row[j]! + 1, next[j - 1]! + 1))
    }
    row = next
  }
  return row[b.length]!
}
