/**
 * What a machine may do by itself, so that a detection can be turned into no weapon: only what its response allows, only against who
 * proved to be there, for a short time, a few times a day for one subject and a few times an hour in all. What a person undid is not done
 * again. Past any bound a person is asked, and told so once.
 * Sources: OWASP AppSensor (responses turned against users); OWASP ASVS 5.0 6.1.1 (lockout as denial of service).
 */
import type { Detected, Subject } from '../detected.ts'
import { responseNamed } from './index.ts'
import type { AutomaticOutcome, Outcome, ResponseRequest, Responses } from './responder-types.ts'
import type { ResponderSetting } from './responder.ts'
import { DAY, HOUR, no, type Automatic, type Refused, type Response } from './response.ts'
import type { Rows } from './rows.ts'

interface Setting extends Pick<ResponderSetting, 'once' | 'emit' | 'now' | 'automaticPerHour'> {
  readonly rows: Rows
  apply(request: ResponseRequest): Promise<Outcome>
}

/** What somebody types, or a page claims: in anybody's name. Nothing is ever done about these by itself. */
const SPOOFABLE: readonly Subject['kind'][] = ['login', 'origin', 'tenant', 'process', 'network']
/** Of one detection: more subjects are a flood, and a flood is for a person. */
const MOST_SUBJECTS = 16
const BY = { kind: 'system', id: 'detections' } as const

export function createAutomatic(setting: Setting): Responses['automatic'] {
  const { rows, apply, once, emit, now, automaticPerHour } = setting

  /** One of the hour's actions; of all processes together. */
  async function takeOne(): Promise<boolean> {
    if (automaticPerHour === 0) return false
    const { ok } = await once.incrementIf('responses:automatic', automaticPerHour, HOUR, now())
    return ok
  }

  /** So that two processes, or two detections, do one thing once. */
  async function isFirst({ response, subject }: ResponseRequest): Promise<boolean> {
    const key = `responses:now:${response}:${subject?.kind ?? ''}:${subject?.value ?? ''}`.slice(0, 512)
    return (await once.incrementIf(key, 1, 10_000, now())).ok
  }

  async function bounded(request: ResponseRequest, { perDay }: Automatic): Promise<Refused | undefined> {
    const since = now() - DAY
    if (await rows.activeFor(request, now())) return no('already-active', 'It is in force already.')
    if (await rows.undoneByPerson(request, now() - HOUR)) return no('needs-a-person', 'A person undid it within the last hour.')
    if ((await rows.countAutomatic(request, since)) >= perDay)
      return no('needs-a-person', `It hit the same subject ${perDay} times within a day.`)
    if (!(await isFirst(request))) return no('already-active', 'It is being done already.')
    return (await takeOne())
      ? undefined
      : no('too-many', `More than ${automaticPerHour} within an hour were applied by themselves.`)
  }

  async function one(request: ResponseRequest, automatic: Automatic): Promise<Outcome> {
    const outcome = (await bounded(request, automatic)) ?? (await applied(request))
    if (!outcome.ok && (outcome.reason === 'needs-a-person' || outcome.reason === 'too-many')) await ask(request, outcome)
    return outcome
  }

  /** One that breaks is told by the event it left, and takes the others with it no more than a refusal does. */
  async function applied(request: ResponseRequest): Promise<Outcome> {
    try {
      return await apply(request)
    } catch (error) {
      return no('failed', error instanceof Error ? error.message : String(error))
    }
  }

  /** Once in ten minutes for each response and reason: who floods detections must not flood those who read the log. */
  async function ask({ response, subject, incident }: ResponseRequest, { reason, says }: Refused): Promise<void> {
    if (!(await once.incrementIf(`responses:asked:${response}:${reason}`, 1, 600_000, now())).ok) return
    const about = subject && `${subject.kind}:${subject.value}`
    emit({ type: 'response_held', data: { response, subject: about, incident, reason, says } })
  }

  return async (detected, incident) => {
    if (detected.dryRun) return []
    const outcomes: AutomaticOutcome[] = []
    for (const name of detected.automatic.slice(0, MOST_SUBJECTS)) {
      const response = responseNamed(name)
      const subjects = response ? subjectsFor(response, detected) : []
      if (subjects.length === 0) {
        const says = response ? `${name} fits nobody who acted.` : `There is no response ${name}.`
        outcomes.push({
          response: name,
          subject: undefined,
          outcome: no(response ? 'subject-missing' : 'unknown-response', says),
        })
      }
      for (const subject of subjects) {
        const request = { response: name, subject, reason: `${detected.detection}: ${detected.why}`, by: BY, incident }
        const outcome =
          response?.automatic === undefined
            ? no('needs-a-person', `A person decides about ${name}.`)
            : await one(request, response.automatic)
        outcomes.push({ response: name, subject, outcome })
      }
    }
    return outcomes
  }
}

/**
 * Whom it may hit. Somebody at whom an attack was aimed is no actor, even if both lists name them: failures in a victim's name must never
 * turn against the victim.
 */
function subjectsFor(response: Response, { actors, targets }: Detected): readonly (Subject | undefined)[] {
  if (response.subjects.length === 0) return [undefined]
  const fits = ({ kind }: Subject) => response.subjects.includes(kind) && !SPOOFABLE.includes(kind)
  const isTarget = ({ kind, value }: Subject) => targets.some((target) => target.kind === kind && target.value === value)
  const acting = actors.filter((actor) => fits(actor) && (response.automatic?.on === 'concerned' || !isTarget(actor)))
  const concerned = response.automatic?.on === 'concerned' ? targets.filter(fits) : []
  const all = new Map([...acting, ...concerned].map((subject) => [`${subject.kind} ${subject.value}`, subject]))
  return [...all.values()].slice(0, MOST_SUBJECTS)
}
