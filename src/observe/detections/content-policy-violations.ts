/** The browsers of several people blocked the same thing on our pages: script that somebody brought in, or a policy that is too tight. */
import { count, defineDetection, time, type Overflow } from '../detecting/definition.ts'
import { address, event, times, DAY, HOUR, MINUTE, REPLAY_SITE } from '../detecting/replay.ts'
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
  start({ thresholds: { holds, inline, leak }, bucket, site, fire }) {
    const common = {
      leak,
      target: (event: EventSignal) => ({
        kind: 'route' as const,
        value: (fact(event, 'document') ?? '').slice(site.length) || '/',
      }),
      overflow({ key, signal, count, targets }: Overflow<EventSignal>) {
        const why = `browsers of ${count} clients blocked ${fact(signal, 'blocked') || 'something'} by ${fact(signal, 'directive') || 'the policy'}`
        fire({ key, actors: [{ kind: 'origin', value: originOf(fact(signal, 'blocked') ?? '') }], targets, why }, signal)
      },
    }
    const [named, nameless] = [bucket<EventSignal>({ ...common, holds }), bucket<EventSignal>({ ...common, holds: inline })]
    return {
      event(event) {
        const [kind, document, blocked] = [fact(event, 'kind'), fact(event, 'document') ?? '', fact(event, 'blocked') ?? '']
        if (kind !== 'csp-violation' || fact(event, 'disposition') === 'report') return
        if (document !== site && !document.startsWith(`${site}/`)) return
        // Add-ons have schemes of their own, which have no origin.
        if (blocked.startsWith('null') || /^[a-z-]{1,24}-extension/.test(blocked)) return
        const reports = blocked.startsWith('http') ? named : nameless
        reports.pour(`${fact(event, 'directive') ?? ''} ${blocked}`, event, networkOf(event))
      },
    }
  },
})

function originOf(blocked: string): string {
  return URL.canParse(blocked) && blocked.startsWith('http') ? new URL(blocked).origin : blocked || 'inline'
}
