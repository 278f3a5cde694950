/** `npm run bench [name …]`, or `name=number` where a measurement takes one: every figure against the same thing without Holdfast, as ratios taken in one run. */
import { audit } from './audit.ts'
import { auditKilled } from './audit-killed.ts'
import { auditSearch } from './audit-search.ts'
import { coldStart } from './cold-start.ts'
import { detectionsCost } from './detections.ts'
import { flood } from './flood.ts'
import { fuzz } from './fuzz.ts'
import { formsCost } from './forms.ts'
import { templates } from './html.ts'
import { observing } from './observing.ts'
import { overhead } from './overhead.ts'
import { rotation } from './rotation.ts'
import { sessions } from './sessions.ts'
import { signIn } from './sign-in.ts'
import { uploads } from './uploads.ts'

/** THE LIST of measurements. To add one: a file and a line. */
const measurements: Readonly<Record<string, (number?: number) => Promise<void> | void>> = {
  ...{
    overhead,
    sessions,
    flood,
    'sign-in': signIn,
    'cold-start': coldStart,
    html: templates,
    forms: formsCost,
    uploads,
    audit,
    'audit-search': auditSearch,
    'audit-killed': auditKilled,
    observing,
    detections: detectionsCost,
    rotation,
    fuzz,
  },
}

/** Only when they are named: they look for faults or among millions, and take minutes. */
const ASKED_FOR = ['fuzz', 'audit-search', 'audit-killed']

const asked = process.argv.slice(2).map((word) => {
  const [name = '', number] = word.split('=')
  return { name, number: number === undefined ? undefined : Number(number) }
})
const unknown = asked.find(({ name, number }) => !(name in measurements) || (number !== undefined && !(number > 0)))
if (unknown) {
  console.error(
    `There is no measurement "${unknown.name}", or no such number for it. Known: ${Object.keys(measurements).join(', ')}.`,
  )
  process.exit(2)
}
console.log(`Node ${process.version}, ${process.platform} ${process.arch}`)
for (const [name, measure] of Object.entries(measurements)) {
  const wanted = asked.find((one) => one.name === name)
  if (wanted || (asked.length === 0 && !ASKED_FOR.includes(name))) await measure(wanted?.number)
}
