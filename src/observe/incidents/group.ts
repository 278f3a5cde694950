/** Whether a signal belongs to an incident that is open: who did it is the same, or the same thing is aimed at in the same way. */
import { SEVERITIES, type Detected, type Severity, type Subject } from '../detected.ts'

/** Since the last signal of the incident, in milliseconds. */
export const GROUPED_WITHIN = 1_800_000

/** Who is behind an attack. What is typed or claimed is not told apart from whom it names, and a process is everybody's. */
const LINKING_ACTORS: readonly Subject['kind'][] = ['client', 'network', 'user', 'session', 'api-key', 'app']
/** What an attack is aimed at. A route alone says little: everybody asks for the same few. */
const LINKING_TARGETS: readonly Subject['kind'][] = ['user', 'session', 'api-key', 'app', 'login', 'tenant']

/** By what a signal is linked to an incident: any of these. `detection`: only to one in which the same fired. */
export interface Link {
  readonly role: 'actor' | 'target'
  readonly kind: Subject['kind']
  readonly value: string
  readonly sameDetection: boolean
}

/** The links of a signal. An account that was attacked and then acts is the same story: a target may come back as an actor. */
export function linksOf({ actors, targets }: Detected): readonly Link[] {
  const acting = actors
    .filter(({ kind, value }) => LINKING_ACTORS.includes(kind) && value !== 'unknown')
    .flatMap(({ kind, value }) => {
      const own = { kind, value, sameDetection: false }
      return kind === 'client' || kind === 'network'
        ? [{ role: 'actor' as const, ...own }]
        : [
            { role: 'actor' as const, ...own },
            { role: 'target' as const, ...own },
          ]
    })
  const aimed = targets
    .filter(({ kind }) => LINKING_TARGETS.includes(kind))
    .map(({ kind, value }) => ({ role: 'target' as const, kind, value, sameDetection: false }))
  const routes = targets
    .filter(({ kind }) => kind === 'route')
    .map(({ kind, value }) => ({ role: 'target' as const, kind, value, sameDetection: true }))
  return [...acting, ...aimed, ...routes]
}

export function worse(one: Severity, other: Severity): Severity {
  return SEVERITIES.indexOf(one) >= SEVERITIES.indexOf(other) ? one : other
}

/** Several ways at once are no accident: three detections make an incident at least `high`. */
export function severityOf(before: Severity, signal: Severity, detections: number): Severity {
  const together = worse(before, signal)
  return detections >= 3 ? worse(together, 'high') : together
}

/** `credential-stuffing by client 203.0.113.9, against 12 accounts`. */
export function titleOf({ detection, actors, targets, targetCount }: Detected): string {
  const [actor] = actors
  const [target] = targets
  const by =
    actor === undefined ? '' : ` by ${actor.kind} ${actor.value}${actors.length > 1 ? ` and ${actors.length - 1} more` : ''}`
  const count = Math.max(targetCount, targets.length)
  const against =
    target === undefined ? '' : `, against ${count > 1 ? `${count} of ${target.kind}` : `${target.kind} ${target.value}`}`
  return `${detection}${by}${against}`.replaceAll(/\p{C}/gu, ' ').slice(0, 200)
}
