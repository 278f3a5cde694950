/** Somebody who is signed in asks for one thing after another that is not theirs (broken object level authorisation). */
import { count, defineDetection, time, type Overflow } from '../detecting/definition.ts'
import { answer, event, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { clientOf, fact, type AnswerSignal, type EventSignal, type Signal } from '../detecting/signal.ts'

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
  start({ thresholds: { holds, many, missing, leak }, bucket, fire }) {
    const target = ({ path }: Signal) => ({ kind: 'route', value: path ?? '' }) as const
    function tell(what: string, more: { readonly severity: 'critical'; readonly automatic: readonly string[] } | object = {}) {
      return ({ key, signal, count, targets }: Overflow<Signal>) => {
        const actors = [{ kind: 'user', value: key } as const, clientOf(signal)]
        const why = `${count} different ids of things that are ${what}, by one user`
        fire({ key: `${what} ${count} ${key}`, actors, targets, targetCount: count, why, ...more }, signal)
      }
    }
    const few = bucket<EventSignal>({ holds, leak, target, overflow: tell('not theirs') })
    const lots = bucket<EventSignal>({
      ...{ holds: Math.max(many, holds), leak, target },
      overflow: tell('not theirs', { severity: 'critical', automatic: ['end-session'] }),
    })
    const nothing = bucket<AnswerSignal>({ holds: missing, leak, target, overflow: tell('not there') })
    return {
      event(event) {
        const [user, code] = [event.principal, fact(event, 'code')]
        if (user === undefined || (code !== 'not-found' && code !== 'not-permitted')) return
        const id = idOf(event.path ?? '')
        // A page that is closed to a role is no thing; one that hides what is there is.
        if (id === undefined && code !== 'not-found') return
        const thing = id === undefined ? (event.requestId ?? '') : (event.path ?? '')
        few.pour(user, event, thing)
        lots.pour(user, event, thing)
      },
      answer(answer) {
        if (answer.principal === undefined || answer.status !== 404 || idOf(answer.path) === undefined) return
        nothing.pour(answer.principal, answer, answer.path)
      },
    }
  },
})

const ID = /\/(\d{1,20}|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|(?=[\w-]{0,64}\d)[\w-]{16,64})(?:\/|$)/i

/** The part of a path that names one thing of many: a number, a UUID, or a long random word. */
export function idOf(path: string): string | undefined {
  return ID.exec(path.slice(0, 512))?.[1]
}
