/** `holdfast incident respond | undo | responses`: what is done, by whom, why and until when. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Subject } from '../../observe/detected.ts'
import { responseNamed, responses as known } from '../../observe/responses/index.ts'
import type { Outcome as Answer, ResponseRequest } from '../../observe/responses/responder-types.ts'
import type { Refused } from '../../observe/responses/response.ts'
import { hint } from '../../engine/suggest.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Action, type Call, type Outcome } from '../command.ts'
import { askerOf, nobodyAsks, SECOND_PERSON, waits } from '../second-person.ts'
import { instant, table } from '../table.ts'
import type { Desk } from './open.ts'
import { opened } from './opened.ts'
import { describeResponses } from './show.ts'

const REASON = { type: 'string', value: 'TEXT', what: 'Why, in a sentence' } as const
const KINDS: readonly Subject['kind'][] = [
  ...(['client', 'network', 'user', 'session', 'api-key', 'app', 'tenant', 'login', 'route', 'field', 'row'] as const),
  ...(['origin', 'process'] as const),
]

export const respondActions: readonly Action[] = [
  {
    name: 'respond',
    args: ['ID', 'RESPONSE', '[SUBJECT]'],
    what: 'Apply a response to a subject (`client:203.0.113.9`, `user:LOGIN`, `route:POST /export`); ID is none where there is no incident',
    options: {
      reason: REASON,
      for: { type: 'string', value: 'TIME', what: 'How long it holds: 15m, 2h, 1d [as the response says]' },
      set: { type: 'string', multiple: true, value: 'NAME=VALUE', what: 'A setting of the response' },
      'dry-run': { type: 'boolean', what: 'Say what it would do, and do nothing' },
      as: SECOND_PERSON.as,
      'insecure-alone': { type: 'string', value: 'TEXT', what: 'Why no second person approves it, where one should' },
    },
    run: (call) => opened(call, (desk) => respond(call, desk)),
  },
  {
    name: 'undo',
    args: ['RESPONSE'],
    what: 'End a response that is in force, by its id',
    options: { reason: REASON },
    run: (call) =>
      opened(call, async ({ responses, by }) => said(await responses.undo(call.args[0]!, by, call.option('reason') ?? ''))),
  },
  {
    name: 'responses',
    args: [],
    what: 'What is in force; with --all what was, with --known what there is',
    options: {
      all: { type: 'boolean', what: 'Also what is over' },
      known: { type: 'boolean', what: 'The responses that can be applied, and to what' },
    },
    run: listResponses,
  },
]

async function respond(call: Call, desk: Desk): Promise<Outcome> {
  const request = await requestOf(call, desk)
  if (call.flag('dry-run')) {
    const planned = await desk.responses.plan(request)
    if (!planned.ok) return notDone(call, planned)
    const { says, lasts, needsSecond, final } = planned
    const lines = [
      says,
      ...(lasts === undefined ? [] : [`It holds for ${lasts / 60_000} minutes, and can be undone.`]),
      ...(final === undefined ? [] : [`It cannot be undone: ${final}`]),
      ...(needsSecond ? ['A second person has to approve it.'] : []),
      'Nothing was done.',
    ]
    return done(lines.join('\n'), { planned })
  }
  const outcome = await desk.responses.apply(request)
  const lacks = !outcome.ok && (outcome.reason === 'approval-required' || outcome.reason === 'approval-pending')
  if (lacks) return await askInstead(desk, request)
  return outcome.ok ? said(outcome) : notDone(call, outcome)
}

function notDone({ args }: Call, { reason, says }: Refused): Outcome {
  if (reason !== 'unknown-incident' || args[0] === 'none') return refused(reason, says)
  return refused(reason, `There is no incident ${shown(args[0]!)}. Write none where there is no incident.`)
}

/** The first call asks; once somebody else said yes, the same call does it. */
async function askInstead({ responses }: Desk, request: ResponseRequest): Promise<Outcome> {
  if (request.asker === undefined) return nobodyAsks(`response:${request.response}`)
  const asked = await responses.ask(request)
  return asked.ok ? waits(asked.approval) : refused(asked.reason, asked.says)
}

async function requestOf(call: Call, { accounts, by }: Desk): Promise<ResponseRequest> {
  const [id, response, text] = call.args as [string, string, string | undefined]
  if (responseNamed(response) === undefined)
    throw new Refusal(
      2,
      `There is no response ${shown(response)}. ${hint(
        response,
        known.map(({ name }) => name),
      )}`,
    )
  const subject = text === undefined ? undefined : readSubject(text)
  const user = subject?.kind === 'user' && subject.value !== '*' ? await accounts.users.byLogin(subject.value) : undefined
  const duration = call.option('for')
  return {
    response,
    by,
    reason: call.option('reason') ?? '',
    incident: id === 'none' ? undefined : id,
    subject: user ? { kind: 'user', value: user.id } : subject,
    lasts: duration === undefined ? undefined : readDuration(duration),
    settings: Object.fromEntries((call.list('set') ?? []).map(readSetting)),
    insecureAlone: call.option('insecure-alone'),
    ...(await askerOf(call, accounts)),
  }
}

/** `kind:value`. */
export function readSubject(text: string): Subject {
  const colon = text.indexOf(':')
  const kind = KINDS.find((one) => one === text.slice(0, colon))
  if (kind === undefined || colon === text.length - 1)
    throw new Refusal(2, `${shown(text)} is no subject. Write KIND:VALUE, where the kind is one of ${KINDS.join(', ')}.`)
  return { kind, value: text.slice(colon + 1) }
}

function readDuration(text: string): number {
  try {
    return milliseconds('--for', text as Duration)
  } catch (error) {
    throw new Refusal(2, (error as Error).message)
  }
}

function readSetting(text: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1) throw new Refusal(2, `--set is ${shown(text)}. Write NAME=VALUE.`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

function said(answer: Answer): Outcome {
  if (!answer.ok) return refused(answer.reason, answer.says)
  const { id, state, says, expiresAt, changed } = answer.applied
  const texts: Partial<Record<typeof state, string>> = {
    active: `${says} In force until ${instant(expiresAt)}; holdfast incident undo ${id}`,
    done: `${says} Done: ${changed} changed.`,
    undone: `${id} is undone.`,
  }
  return done(texts[state] ?? `${id} is ${state}.`, { response: answer.applied })
}

async function listResponses(call: Call): Promise<Outcome> {
  if (call.flag('known')) {
    const rows = known.map(({ name, subjects, automatic, needsSecond, what }) => [
      ...[name, subjects.join(', ') || 'everybody', automatic ? 'may' : '-', needsSecond ? 'yes' : '-', what],
    ])
    const list = known.map(({ name, what, subjects, settings, lasts, final }) => ({
      name,
      what,
      subjects,
      settings,
      lasts,
      final,
    }))
    return done(table(['RESPONSE', 'AIMED AT', 'BY ITSELF', 'SECOND PERSON', 'WHAT'], rows), { responses: list })
  }
  return await opened(call, async ({ responses }) => {
    const found = call.flag('all') ? await responses.list({ limit: 500 }) : await responses.list({ state: 'active', limit: 500 })
    return done(describeResponses(found), { responses: found })
  })
}
