/** Random templates for ten minutes, or for as long as is asked: nothing may crash, hang, or leave its place. */
import { randomInt } from 'node:crypto'
import { fuzzTemplates } from '../test/support/fuzz-templates.ts'

const TEN_MINUTES = 600

/** `npm run bench fuzz`, or `npm run bench fuzz=30` for thirty seconds. */
export function fuzz(seconds = TEN_MINUTES): void {
  const seed = randomInt(2 ** 31)
  const now = (): number => performance.now()
  const { filled, refused, slowest } = fuzzTemplates({ seed, now, goesOn: (_, milliseconds) => milliseconds < seconds * 1000 })
  const all = filled + refused
  console.log(
    `\nfuzz: ${all} random templates in ${seconds} s (seed ${seed}): ${filled} filled, ${refused} refused, the slowest in ${slowest.toFixed(1)} ms`,
  )
}
