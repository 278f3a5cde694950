/** What a response would do, or why it cannot be meant: looked at before anything is asked or done, and again when it is done. */
import { responseNamed } from './index.ts'
import type { Levers } from './levers.ts'
import type { IncidentOf, Planned, ResponseRequest } from './responder-types.ts'
import { MINUTE, no, type Asked, type Refused, type Response } from './response.ts'
import type { Question, SecondPerson } from './second-person.ts'

export interface PlanningSetting {
  readonly levers: Levers
  readonly secondPerson: Pick<SecondPerson, 'isMarked'>
  readonly incidentOf: IncidentOf
  /** Whether the controls run that keep holds up; without them nothing that holds is applied. */
  readonly enforced: boolean
}

export type Planning = (request: ResponseRequest, automatic?: boolean) => Promise<Planned | Refused>

export function createPlanning({ levers, secondPerson, incidentOf, enforced }: PlanningSetting): Planning {
  return async (request, automatic = false) => {
    const response = responseNamed(request.response)
    if (response === undefined) return no('unknown-response', `There is no response "${request.response.slice(0, 40)}".`)
    const asked = askedOf(request, automatic)
    const unfit = misfit(response, asked)
    if (unfit) return unfit
    const incident = request.incident === undefined ? undefined : await incidentOf(request.incident)
    if (request.incident !== undefined && incident === undefined)
      return no('unknown-incident', 'There is no incident of that id.')
    const planned = await response.plan(asked, levers)
    if (!planned.ok) return planned
    if (planned.hold && !enforced)
      return no('not-enforced', 'The controls `containment` and `restrictions` are off: nothing would hold it.')
    const lasts = planned.hold && lastsOf(response, request.lasts, automatic)
    if (typeof lasts === 'object') return lasts
    const question = questionOf(request, lasts)
    const needsSecond = response.needsSecond?.(asked) === true || secondPerson.isMarked(question.act)
    if (needsSecond && automatic) return no('needs-a-person', 'Two persons decide this, and no machine.')
    return {
      ...{ ...planned, response: response.name, incident, needsSecond, question, lasts },
      final: planned.hold ? undefined : response.final,
    }
  }
}

export function askedOf({ subject, by, reason, incident, settings = {} }: ResponseRequest, automatic: boolean): Asked {
  return { subject, by, reason, incident, automatic, settings }
}

/** Whether the response can be aimed at this at all. */
function misfit(response: Response, { subject, settings }: Asked): Refused | undefined {
  const { subjects } = response
  if (subject === undefined && subjects.length > 0) return no('subject-missing', `Say whom it concerns: ${subjects.join(', ')}.`)
  if (subject && subjects.length === 0) return no('subject-unfit', 'It concerns everybody: name no subject.')
  if (subject && !subjects.includes(subject.kind))
    return no('subject-unfit', `It cannot be aimed at ${subject.kind}, only at ${subjects.join(', ')}.`)
  if (subject && !/^[^\p{Cc}]{1,256}$/u.test(subject.value))
    return no('subject-unfit', 'The subject is empty, too long or unreadable.')
  const unknown = Object.keys(settings).find((name) => !Object.hasOwn(response.settings ?? {}, name))
  if (unknown === undefined) return undefined
  const known = Object.keys(response.settings ?? {}).join(', ') || 'none'
  return no('setting-invalid', `It has no setting "${unknown.slice(0, 32)}", only: ${known}.`)
}

/** How long it holds, in milliseconds. A machine never holds anything longer than the response lets it. */
function lastsOf({ lasts, automatic }: Response, wanted: number | undefined, byItself: boolean): number | Refused {
  const most = byItself ? automatic?.most : lasts?.most
  if (most === undefined) return no('needs-a-person', 'A person decides this.')
  const usual = Math.min(lasts?.usual ?? most, most)
  const asked = wanted ?? usual
  if (Number.isSafeInteger(asked) && asked >= MINUTE && asked <= most) return asked
  return no('expiry-invalid', `It can hold from 1 minute to ${Math.round(most / MINUTE)} minutes.`)
}

/** Everything that matters is bound: another subject, a longer time or another setting is another question. */
function questionOf(
  { response, subject, by, asker = by, incident, settings = {} }: ResponseRequest,
  lasts: number | undefined,
): Question {
  const named = Object.entries(settings).map(([name, value]) => [`setting-${name}`, value] as const)
  return {
    by: asker,
    act: `response:${response}`,
    params: {
      on: subject === undefined ? 'everybody' : `${subject.kind}:${subject.value}`,
      incident: incident ?? 'none',
      ...(lasts !== undefined && { minutes: lasts / MINUTE }),
      ...Object.fromEntries(named),
    },
  }
}
