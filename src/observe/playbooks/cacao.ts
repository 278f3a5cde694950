/**
 * A playbook as CACAO 2.0 JSON, which other tools import and run. Steps by hand are manual commands; what a response does is a manual
 * command that names the `holdfast` command, because nothing outside may apply one without a person here.
 * Source: OASIS CACAO Security Playbooks 2.0 (CS01), sections 3, 4, 5, 7.
 */
import { createHash } from 'node:crypto'
import type { Severity } from '../detected.ts'
import type { Playbook, Role, Step } from './playbook.ts'

/** Of names in the documents of this program: version 5 UUIDs, so that a playbook keeps its ids. */
const NAMESPACE = Buffer.from('6f1d2a5e8c4b4f0e9a3d7b52c1e0f984', 'hex')
const SEVERITIES: Readonly<Record<Severity, number>> = { low: 25, medium: 50, high: 75, critical: 95 }
const ACTIVITIES: Readonly<Record<Step['phase'], string>> = {
  detect: 'analyze-collected-data',
  contain: 'restrict-access',
  remove: 'eliminate-risk',
  recover: 'restore-capabilities',
  learn: 'compose-content',
}
const TYPES: Readonly<Record<Step['phase'], string>> = {
  detect: 'investigation',
  contain: 'mitigation',
  remove: 'remediation',
  recover: 'remediation',
  learn: 'notification',
}
const ROLES: Readonly<Record<Role, string>> = {
  responder: 'Works on the incident',
  administrator: 'Runs the application',
  owner: 'Answers for the application',
}

export type Cacao = Readonly<Record<string, unknown>>

export function toCacao(playbook: Playbook): Cacao {
  const { name, title, what, severity, detections, steps, created, modified } = playbook
  const ids = steps.map((_, index) => idOf('action', `${name}/${index}`))
  const [start, end] = [idOf('start', name), idOf('end', name)]
  const actions = steps.map((step, index) => [ids[index]!, actionOf(step, ids[index + 1] ?? end)] as const)
  const phases = steps.map(({ phase }) => phase)
  return {
    type: 'playbook',
    spec_version: 'cacao-2.0',
    id: idOf('playbook', name),
    name: title,
    description: what,
    playbook_types: [...new Set(phases.map((phase) => TYPES[phase]))],
    playbook_activities: [...new Set(phases.map((phase) => ACTIVITIES[phase]))],
    created_by: idOf('identity', 'holdfast'),
    created: `${created}T00:00:00.000Z`,
    modified: `${modified}T00:00:00.000Z`,
    severity: SEVERITIES[severity],
    labels: ['holdfast', ...detections],
    workflow_start: start,
    workflow: {
      [start]: { type: 'start', name: 'Begin', on_completion: ids[0] ?? end },
      ...Object.fromEntries(actions),
      [end]: { type: 'end', name: 'Done' },
    },
    agent_definitions: Object.fromEntries(
      [...new Set(steps.map(({ who }) => who))].map((who) => [
        idOf('individual', who),
        { type: 'individual', name: who, description: ROLES[who] },
      ]),
    ),
  }
}

function actionOf(step: Step, next: string): Cacao {
  return {
    type: 'action',
    name: step.title,
    description: `${step.what} Done when: ${step.done}`,
    on_completion: next,
    agent: idOf('individual', step.who),
    commands: [{ type: 'manual', command: commandOf(step), playbook_activity: ACTIVITIES[step.phase] }],
  }
}

/** What a person reads who does it. */
function commandOf({ what, gate, response, command }: Step): string {
  const settings = Object.entries(response?.settings ?? {}).map(([name, value]) => ` --set ${name}=${value}`)
  return [
    ...(gate === undefined ? [] : [`Decide first: ${gate}`]),
    ...(response === undefined ? [] : [`holdfast incident respond ID ${response.name}${settings.join('')} --reason TEXT`]),
    ...(command === undefined ? [] : [command]),
    ...(response === undefined && command === undefined ? [what] : []),
  ].join('\n')
}

/** `type--` and a version 5 UUID (RFC 9562 section 5.5). */
function idOf(type: string, name: string): string {
  const bytes = createHash('sha1').update(NAMESPACE).update(`${type}/${name}`).digest().subarray(0, 16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x50
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  const hex = bytes.toString('hex')
  return `${type}--${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-')}`
}
