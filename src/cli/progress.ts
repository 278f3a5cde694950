/** How far a long act is: a bar on the line that is written over. */

const CELLS = 24

/** `share`: 0 to 1 of the work; `count`: what of it is done, for people. `[######··················]  25 %  500 users`. */
export function progressBar(share: number, count: string): string {
  const part = Math.min(Math.max(share, 0), 1)
  const full = Math.floor(part * CELLS)
  // Whole only when it is: nobody waits for the last percent of something that is said to be done.
  const percent = String(Math.floor(part * 100)).padStart(3)
  return `[${'#'.repeat(full)}${'·'.repeat(CELLS - full)}] ${percent} %  ${count}`
}
