/** Somebody who is signed in asks for one thing after another that is not theirs (broken object level authorisation). */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import type { OverflowRule, Telling } from '../detecting/shapes.ts'
import { clientOf, fact, routeOf, type Signal } from '../detecting/signal.ts'

const refused = (index: number, id = index) =>
  event('authz_fail', { at: index * SECOND, principal: 'u1', path: `/notes/${1000 + id}`, data: { code: 'not-found' } })
const missing = (index: number, id: number) =>
  answer({ at: index * SECOND, principal: 'u1', target: `/dashboard/notes/${1000 + id}`, status: 404 })

export const objectSweep = defineDetection({
  name: 'object-sweep',
  severity: 'high',
  why: 'A user tries ids of things that are not theirs, one after another, to find one that answers.',
  anchors: ['API1:2023', 'CAPEC-116', 'AppSensor ACE1'],
  needs: ['authz_fail', 'answer'],
  thresholds: {
    holds: count(2, 'different things of others that are borne at once'),
    many: count(9, 'after which the session should end'),
    missing: count(10, 'different ids without anything behind them that are borne at once'),
    leak: time(5 * MINUTE, 'in which one of either is forgotten'),
  },
  automatic: [],
  offered: ['end-session', 'require-step-up', 'lock-account'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => refused(index)),
    nearMiss: ({ holds, missing: most }) => [
      ...times(holds * 4, (index) => refused(index, index % holds)),
      ...times(most * 2, (index) => missing(index, index % most)),
    ],
  },
  start({ thresholds: { holds, many, missing, leak }, overflow }) {
    const rule = (most: number, what: Thing, more: Partial<Telling> = {}): OverflowRule<Signal> => ({
      ...{ holds: most, leak, kind: `${most} ${what}`, target: routeOf },
      by: (signal) => (what === failureOf(signal) ? signal.principal : undefined),
      differ: thingOf,
      tell: ({ key, signal, count }) => ({
        why: `${count} different ids of things that are ${what}, by one user`,
        actors: [{ kind: 'user', value: key }, clientOf(signal)],
        targetCount: count,
        ...more,
      }),
    })
    return [
      overflow(rule(holds, 'not theirs')),
      overflow(rule(Math.max(many, holds), 'not theirs', { severity: 'critical', automatic: ['end-session'] })),
      overflow(rule(missing, 'not there')),
    ]
  },
})

type Thing = 'not theirs' | 'not there'

/** What the thing is that was asked for in vain. */
function failureOf(signal: Signal): Thing | undefined {
  const { path = '' } = signal
  if (signal.type === 'answer') return signal.status === 404 && idOf(path) !== undefined ? 'not there' : undefined
  const code = fact(signal, 'code')
  // A page that is closed to a role is no thing; one that hides what is there is.
  return code === 'not-found' || (code === 'not-permitted' && idOf(path) !== undefined) ? 'not theirs' : undefined
}

function thingOf({ path = '', requestId = '' }: Signal): string {
  return idOf(path) === undefined ? requestId : path
}

const ID = /\/(\d{1,20}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[\w-]{0,64}\d)[\w-]{16,64})(?:\/|$)/i

/** The part of a path that names one thing of many: a number, a UUID, or a long random word. */
export function idOf(path: string): string | undefined {
  return ID.exec(path.slice(0, 512))?.[1]
}
