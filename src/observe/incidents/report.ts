/** The after-action report, in Markdown: figures, what happened, what was reached, who did what, and what is left to think about. */
import type { Evidence } from '../evidence/bundle.ts'
import type { Applied } from '../responses/record.ts'
import { playbookFor } from '../playbooks/index.ts'
import { isClosed } from './states.ts'
import type { IncidentDetails } from './types.ts'

/** How long it took, in milliseconds; `undefined` where it has not come to that. */
export interface Figures {
  /** From the first event of an actor that is known to the first signal. */
  readonly detect: number | undefined
  /** From the first signal until somebody took care of it. */
  readonly acknowledge: number | undefined
  /** From the first signal until it was contained, or the first response was in force. */
  readonly contain: number | undefined
  /** From the first signal until it was closed. */
  readonly recover: number | undefined
}

type Reported = Pick<Evidence, 'incident' | 'responses'> & {
  readonly events?: Pick<Evidence['events'], 'list' | 'source' | 'complete'>
}

export function figuresOf({ incident, responses, events }: Reported): Figures {
  const { firstAt, acknowledgedAt, containedAt, closedAt } = incident
  const actors = incident.involved.filter(({ role, kind }) => role === 'actor' && kind === 'client').map(({ value }) => value)
  const first = events?.list.find(({ client, time }) => client !== undefined && actors.includes(client) && time <= firstAt)?.time
  const held = responses
    .filter(({ hold }) => hold && hold.kind !== 'watch' && hold.kind !== 'decoy')
    .map(({ appliedAt }) => appliedAt)
  const contained = [containedAt, ...held].filter((at) => at !== undefined)
  return {
    detect: first === undefined ? undefined : firstAt - first,
    acknowledge: since(firstAt, acknowledgedAt),
    contain: contained.length === 0 ? undefined : Math.max(0, Math.min(...contained) - firstAt),
    recover: since(firstAt, closedAt),
  }
}

export function reportOf(reported: Reported): string {
  const { incident, responses, events } = reported
  const { detect, acknowledge, contain, recover } = figuresOf(reported)
  const sections = [
    `# Incident ${text(incident.id)}: ${text(incident.title)}`,
    `Severity ${incident.severity}, state ${incident.state}, owner ${text(incident.owner ?? 'nobody')}. First signal ${instant(incident.firstAt)}, last ${instant(incident.lastAt)}; ${incident.signals} signals of ${incident.detections.map(text).join(', ')}.`,
    '## How long it took',
    table(
      ['What', 'Time'],
      [
        ['To detect, from the first known act', lasted(detect)],
        ['To acknowledge', lasted(acknowledge)],
        ['To contain', lasted(contain)],
        ['To recover', lasted(recover)],
      ],
    ),
    '## Who was involved',
    table(['Role', 'What', 'Value', 'Signals', 'First', 'Last'], incident.involved.map(involvedRow)),
    '## What was reached',
    reachedOf(incident),
    '## What was done',
    doneOf(responses),
    '## Timeline',
    incident.timeline
      .map(
        ({ at, kind, text: what, by }) => `- ${instant(at)} **${kind}**${by === undefined ? '' : ` (${text(by)})`} ${text(what)}`,
      )
      .join('\n'),
    ...(events
      ? [
          `${events.list.length} events of the ${text(events.source)} belong to it${events.complete ? '' : ', and there are more'}.`,
        ]
      : []),
    '## Open points',
    openPoints(incident, responses, contain),
  ]
  return `${sections.filter((part) => part !== '').join('\n\n')}\n`
}

function reachedOf({ reached }: IncidentDetails): string {
  const got = reached.filter(({ status }) => status < 400)
  const refused = reached.filter(({ status }) => status >= 400).reduce((sum, { count }) => sum + count, 0)
  if (reached.length === 0)
    return 'Nothing is known: no request of the actors was answered after the first signal, or none was counted.'
  const rows = got.map(({ method, path, status, count, firstAt, lastAt }) => [
    ...[`${method} ${path}`, String(status), String(count), instant(firstAt), instant(lastAt)],
  ])
  const after = `${refused} requests of the actors were refused after the first signal.`
  return got.length === 0 ? `Nothing. ${after}` : `${table(['Request', 'Status', 'Times', 'First', 'Last'], rows)}\n\n${after}`
}

function doneOf(responses: readonly Applied[]): string {
  if (responses.length === 0) return 'Nothing was done with responses.'
  const rows = responses
    .toSorted((a, b) => a.createdAt - b.createdAt)
    .map((one) => [
      instant(one.createdAt),
      one.response,
      one.says,
      one.automatic ? 'by itself' : `${one.by.kind}:${one.by.id}${one.second === undefined ? '' : `, approved by ${one.second}`}`,
      one.reason,
      `${one.state}${one.endedReason === undefined ? '' : `: ${one.endedReason}`}`,
    ])
  return table(['When', 'Response', 'What', 'Who', 'Why', 'State'], rows)
}

/** What nobody has answered yet; a person answers the rest. */
function openPoints(incident: IncidentDetails, responses: readonly Applied[], contain: number | undefined): string {
  const active = responses.filter(({ state }) => state === 'active')
  const interrupted = responses.filter(({ state }) => state === 'interrupted')
  const held = incident.timeline.filter(({ kind }) => kind === 'held')
  const reachedData = incident.reached.some(({ status, path }) => status < 300 && path !== '/')
  const playbook = playbookFor(incident.detections)
  return [
    !isClosed(incident.state) && `- [ ] It is not closed: it is ${incident.state}.`,
    incident.owner === undefined && '- [ ] Nobody owns it.',
    contain === undefined && '- [ ] Nothing contained it.',
    active.length > 0 &&
      `- [ ] ${active.length} responses are still in force: ${active.map(({ response, id }) => `${response} (${id})`).join(', ')}.`,
    interrupted.length > 0 &&
      `- [ ] Nobody knows whether these were done: ${interrupted.map(({ response, id }) => `${response} (${id})`).join(', ')}.`,
    held.length > 0 && `- [ ] ${held.length} responses were proposed and not applied by themselves; see the timeline.`,
    reachedData &&
      '- [ ] Requests of the actors succeeded: was personal data among what they read? Who has to be told, and by when?',
    playbook && `- [ ] The playbook "${playbook.name}" fits: were all of its steps done?`,
    '- [ ] What would have shown it earlier?',
    '- [ ] What would have made it impossible?',
  ]
    .filter((line) => line !== false && line !== undefined)
    .join('\n')
}

function involvedRow({ role, kind, value, count, firstAt, lastAt }: IncidentDetails['involved'][number]): string[] {
  return [role, kind, value, String(count), instant(firstAt), instant(lastAt)]
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  if (rows.length === 0) return 'None.'
  const line = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n')
}

/** What attackers chose stands in it: nothing of it may become markup, a link or a picture where it is shown. */
function text(value: string): string {
  return value.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_[\]<>|!#&]/g, (sign) => (value === '---' ? sign : `\\${sign}`))
}

function since(from: number, to: number | undefined): number | undefined {
  return to === undefined ? undefined : Math.max(0, to - from)
}

/** `2 h 5 min`, `3 min 20 s`, `4.2 s`. */
export function lasted(milliseconds: number | undefined): string {
  if (milliseconds === undefined) return 'not known'
  if (milliseconds < 60_000) return `${(milliseconds / 1000).toFixed(1)} s`
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((milliseconds % 60_000) / 1000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

function instant(time: number): string {
  return new Date(time).toISOString().replace('T', ' ').replace(/\.\d+/, '')
}
