/** `npm run bench [name …]`: every figure against the same thing without Holdfast, as ratios taken in one run. */
import { coldStart } from './cold-start.ts'
import { detectionsCost } from './detections.ts'
import { flood } from './flood.ts'
import { templates } from './html.ts'
import { overhead } from './overhead.ts'
import { sessions } from './sessions.ts'
import { signIn } from './sign-in.ts'
import { uploads } from './uploads.ts'

/** THE LIST of measurements. To add one: a file and a line. */
const measurements = {
  overhead,
  sessions,
  flood,
  'sign-in': signIn,
  'cold-start': coldStart,
  html: templates,
  uploads,
  detections: detectionsCost,
} as const

const asked = process.argv.slice(2)
const unknown = asked.filter((name) => !(name in measurements))
if (unknown.length > 0) {
  console.error(`There is no measurement "${unknown[0]}". Known: ${Object.keys(measurements).join(', ')}.`)
  process.exit(2)
}
console.log(`Node ${process.version}, ${process.platform} ${process.arch}`)
for (const [name, measure] of Object.entries(measurements)) {
  if (asked.length === 0 || asked.includes(name)) await measure()
}
