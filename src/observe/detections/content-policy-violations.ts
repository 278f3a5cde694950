/** The browsers of several people blocked the same thing on our pages: script that somebody brought in, or a policy that is too tight. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, DAY, HOUR, MINUTE, REPLAY_SITE } from '../detecting/replay.ts'
import type { OverflowRule } from '../detecting/shapes.ts'
import { fact, networkOf, type EventSignal } from '../detecting/signal.ts'

const report = (index: number, client: string, document = `${REPLAY_SITE}/notes`, blocked = 'https://evil.example/x.js') =>
  event('browser_report', {
    at: index * MINUTE,
    client,
    data: { kind: 'csp-violation', directive: 'script-src-elem', blocked, document },
  })

export const contentPolicyViolations = defineDetection({
  name: 'content-policy-violations',
  severity: 'medium',
  why: 'Browsers of several people blocked the same thing on our own pages, which nobody of us put there.',
  anchors: ['CAPEC-63', 'ASVS 3.4.7', 'T1059.007'],
  needs: ['browser_report'],
  thresholds: {
    holds: count(2, 'clients that may report the same directive and address'),
    inline: count(20, 'of them where it has no address (inline, eval, data), as what add-ons bring in has none either'),
    leak: time(HOUR, 'in which one client is forgotten'),
  },
  quiet: DAY,
  automatic: [],
  offered: ['snapshot-evidence', 'read-only'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => report(index, address(index))),
    // What browsers block of their own add-ons, what one browser says often, and pages that are not ours.
    nearMiss: ({ holds }) => [
      ...times(holds * 3, (index) => report(index, address(index % holds))),
      ...times(holds + 1, (index) => report(index, address(index), undefined, 'null/extension.js')),
      ...times(holds + 1, (index) => report(index, address(index), undefined, 'inline')),
      ...times(holds + 1, (index) => report(index, address(index), 'https://other.example/')),
    ],
  },
  start({ thresholds: { holds, inline, leak }, site, overflow }) {
    const rule = (many: number, named: boolean): OverflowRule<EventSignal> => ({
      ...{ holds: many, leak },
      by: (event) => (isOurs(event, site) && blockedBy(event).startsWith('http') === named ? whatOf(event) : undefined),
      differ: networkOf,
      target: (event) => ({ kind: 'route', value: (fact(event, 'document') ?? '').slice(site.length) || '/' }),
      tell: ({ signal, count }) => ({
        why: `browsers of ${count} clients blocked ${blockedBy(signal) || 'something'} by ${fact(signal, 'directive') || 'the policy'}`,
        actors: [{ kind: 'origin', value: originOf(blockedBy(signal)) }],
      }),
    })
    return [overflow(rule(holds, true)), overflow(rule(inline, false))]
  },
})

/** A violation on a page of ours that no add-on of a browser brought in: those have schemes of their own, which have no origin. */
function isOurs(event: EventSignal, site: string): boolean {
  const [document, blocked] = [fact(event, 'document') ?? '', blockedBy(event)]
  if (fact(event, 'kind') !== 'csp-violation' || fact(event, 'disposition') === 'report') return false
  if (document !== site && !document.startsWith(`${site}/`)) return false
  return !blocked.startsWith('null') && !/^[a-z-]{1,24}-extension/.test(blocked)
}

function blockedBy(event: EventSignal): string {
  return fact(event, 'blocked') ?? ''
}

function whatOf(event: EventSignal): string {
  return `${fact(event, 'directive') ?? ''} ${blockedBy(event)}`
}

function originOf(blocked: string): string {
  return URL.canParse(blocked) && blocked.startsWith('http') ? new URL(blocked).origin : blocked || 'inline'
}
