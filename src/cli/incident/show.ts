/** `holdfast incident list | show | own | note | set`: looks at incidents, and says who does what. */
import {
  INCIDENT_STATES,
  OPEN,
  type Changed,
  type Incident,
  type IncidentDetails,
  type IncidentState,
} from '../../observe/incidents/types.ts'
import type { Applied } from '../../observe/responses/record.ts'
import { playbookFor } from '../../observe/playbooks/index.ts'
import { shown } from '../arguments.ts'
import { done, refused, Refusal, type Action, type Call, type Outcome } from '../command.ts'
import { instant, table } from '../table.ts'
import { opened } from './opened.ts'

const ALL = { type: 'boolean', what: 'Those that are closed, too' } as const
const REASON = { type: 'string', value: 'TEXT', what: 'Why, in a sentence' } as const

export const showActions: readonly Action[] = [
  {
    name: 'list',
    args: [],
    what: 'The open incidents, the worst and newest first',
    options: { all: ALL },
    run: (call) =>
      opened(call, async ({ incidents }) => {
        const found = await incidents.list({ states: call.flag('all') ? INCIDENT_STATES : OPEN, limit: 200 })
        return done(describeList(found), { incidents: found })
      }),
  },
  {
    name: 'show',
    args: ['ID'],
    what: 'One incident: who was involved, what was reached, what was done, and which playbook fits',
    run: (call) =>
      opened(call, async ({ incidents, responses }) => {
        const incident = await incidents.byId(call.args[0]!)
        if (incident === undefined) return unknown(call)
        const applied = await responses.list({ incident: incident.id, limit: 200 })
        return done(describe(incident, applied), {
          incident,
          responses: applied,
          playbook: playbookFor(incident.detections)?.name,
        })
      }),
  },
  {
    name: 'own',
    args: ['ID', 'NAME'],
    what: 'Say who takes care of it; a new one becomes acknowledged',
    run: (call) =>
      opened(call, async ({ incidents, by }) => {
        const [id, name] = call.args as [string, string]
        const owned = await incidents.setOwner(id, name, by)
        if (owned.ok && owned.incident.state === 'new')
          return said(call, await incidents.setState(id, 'acknowledged', by, `taken by ${name}`))
        return said(call, owned)
      }),
  },
  {
    name: 'note',
    args: ['ID', 'TEXT'],
    what: 'Write something into its timeline',
    run: (call) => opened(call, async ({ incidents, by }) => said(call, await incidents.note(call.args[0]!, call.args[1]!, by))),
  },
  {
    name: 'set',
    args: ['ID', 'STATE'],
    what: 'Move it to acknowledged, contained, resolved or false-positive; acknowledged opens a closed one again',
    options: { reason: REASON },
    run: (call) =>
      opened(call, async ({ incidents, by }) => {
        const [id, state] = call.args as [string, string]
        if (!isState(state))
          throw new Refusal(2, `There is no state ${shown(state)}. Write one of ${INCIDENT_STATES.join(', ')}.`)
        return said(call, await incidents.setState(id, state, by, call.option('reason') ?? ''))
      }),
  },
]

function isState(text: string): text is IncidentState {
  return (INCIDENT_STATES as readonly string[]).includes(text)
}

function unknown(call: Call): Outcome {
  return refused('unknown-incident', `There is no incident ${shown(call.args[0]!)}.`)
}

function said(call: Call, changed: Changed): Outcome {
  if (!changed.ok) return changed.reason === 'unknown-incident' ? unknown(call) : refused(changed.reason, changed.says)
  const { id, state, owner } = changed.incident
  return done(`${id} is ${state}, owned by ${owner ?? 'nobody'}.`, { incident: changed.incident })
}

function describeList(found: readonly Incident[]): string {
  if (found.length === 0) return 'No incident.'
  const rows = found.map(({ id, severity, state, owner, signals, lastAt, title }) => [
    ...[id, severity, state, owner ?? '-', String(signals), instant(lastAt), title],
  ])
  return table(['INCIDENT', 'SEVERITY', 'STATE', 'OWNER', 'SIGNALS', 'LAST', 'WHAT'], rows)
}

function describe(incident: IncidentDetails, responses: readonly Applied[]): string {
  const { involved, timeline, reached, detections } = incident
  const playbook = playbookFor(detections)
  const parts = [
    describeList([incident]),
    table(
      ['ROLE', 'WHAT', 'VALUE', 'SIGNALS'],
      involved.map(({ role, kind, value, count }) => [role, kind, value, String(count)]),
    ),
    reached.length === 0
      ? 'Nothing was reached that was counted.'
      : table(
          ['REACHED', 'STATUS', 'TIMES', 'LAST'],
          reached.map(({ method, path, status, count, lastAt }) => [
            ...[`${method} ${path}`, String(status), String(count), instant(lastAt)],
          ]),
        ),
    describeResponses(responses),
    timeline
      .map(({ at, kind, text, by }) => `${instant(at)}  ${kind.padEnd(8)} ${text}${by === undefined ? '' : ` (${by})`}`)
      .join('\n'),
    playbook ? `Playbook: holdfast incident playbooks ${playbook.name}` : 'No playbook fits.',
  ]
  return parts.join('\n\n')
}

export function describeResponses(responses: readonly Applied[]): string {
  if (responses.length === 0) return 'No response.'
  const rows = responses.map(({ id, response, subject, state, expiresAt, automatic, by, says }) => [
    ...[
      id,
      response,
      subject ? `${subject.kind}:${subject.value}` : '-',
      state,
      instant(state === 'active' ? expiresAt : undefined),
    ],
    ...[automatic ? 'by itself' : by.id, says],
  ])
  return table(['RESPONSE', 'NAME', 'SUBJECT', 'STATE', 'UNTIL', 'BY', 'WHAT'], rows)
}
