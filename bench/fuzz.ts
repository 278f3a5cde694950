/** Random templates for ten minutes of processor time, or for as long as is asked: nothing may crash, hang, or leave its place. */
import { randomInt } from 'node:crypto'
import { fuzzTemplates } from '../test/support/fuzz-templates.ts'

const TEN_MINUTES = 600

/** `npm run bench fuzz`, or `npm run bench fuzz=30` for thirty seconds. */
export function fuzz(seconds = TEN_MINUTES): void {
  const seed = randomInt(2 ** 31)
  // Processor time: beside other programs a template would look slow that only waited.
  const now = (): number => {
    const { user, system } = process.cpuUsage()
    return (user + system) / 1000
  }
  const { filled, refused, slowest } = fuzzTemplates({ seed, now, goesOn: (_, milliseconds) => milliseconds < seconds * 1000 })
  const all = filled + refused
  console.log(
    `\nfuzz: ${all} random templates in ${seconds} s of processor time (seed ${seed}): ${filled} filled, ${refused} refused, the slowest in ${slowest.toFixed(1)} ms`,
  )
}
