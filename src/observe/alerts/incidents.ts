/** The alert of what happened to an incident: it began, it goes on, it got worse, it is over. */
import { INCIDENT_STATES, type IncidentChange, type IncidentState } from '../incidents/types.ts'
import type { NewAlert } from './alert.ts'

const OVER: readonly IncidentState[] = INCIDENT_STATES.filter((state) => state === 'resolved' || state === 'false-positive')

/** Nothing for what needs nobody: an owner, a note, an answer that was given by itself and stands in the incident. */
export function alertOfIncident(change: IncidentChange): NewAlert | undefined {
  const { id, severity, title, state, owner, signals, actorCount, targetCount } = change.incident
  const common = {
    ...({ key: `incident:${id}`, kind: 'incident', severity, title } as const),
    facts: {
      ...{ incident: id, state, owner, signals: String(signals) },
      ...{ actors: String(actorCount), targets: String(targetCount) },
    },
  }
  if (change.kind === 'opened') return { ...common, state: 'open', text: change.detected?.why ?? 'Somebody opened it by hand.' }
  if (change.kind === 'grew') return { ...common, state: 'open', text: change.detected.why }
  if (change.kind === 'severity-raised')
    return { ...common, state: 'open', text: `It was ${change.before}, and is ${severity} now.` }
  if (change.kind === 'reopened')
    return { ...common, state: 'open', text: `It was ${change.before}, and there is another signal.` }
  if (change.kind === 'closed' && OVER.includes(state)) return { ...common, state: 'resolved', text: `It is ${state} now.` }
  return undefined
}
