/** One address asks for one path after another that is not there, or not for it. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times, SECOND } from '../detecting/replay.ts'
import { askersOf, routeOf, type AnswerSignal } from '../detecting/signal.ts'
import { claimOf } from '../detecting/claims.ts'
import { idOf } from './object-sweep.ts'

const STATUSES = [400, 403, 404, 405]
const missed = (index: number, path = `/page${index}`, status = 404) => answer({ at: index * 50, target: path, status })

export const forcedBrowsing = defineDetection({
  name: 'forced-browsing',
  severity: 'medium',
  why: 'One address asks for many paths that do not exist or are closed to it, as programs that look for pages do.',
  anchors: ['T1595.003', 'CAPEC-87', 'CrowdSec http-probing'],
  needs: ['answer'],
  thresholds: {
    holds: count(10, 'different paths of one address that are borne at once'),
    leak: time(10 * SECOND, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'tighten-limit'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => missed(index)),
    nearMiss: ({ holds }) => [
      ...times(holds * 3, (index) => missed(index, `/page${index % holds}`)),
      ...times(holds, (index) => missed(index, `/there${index}`, 200)),
    ],
  },
  start: ({ thresholds, adminPaths, overflow }) =>
    overflow({
      ...thresholds,
      by: (answer) => (isMissed(answer) && claimOf(answer, adminPaths) === null ? answer.network : undefined),
      differ: ({ path, target }) => path || target,
      target: routeOf,
      tell: ({ signal, count }) => ({
        why: `${count} different paths that are missing or closed, from one address`,
        actors: askersOf(signal),
        targetCount: count,
      }),
    }),
})

function isMissed({ turnedAway, status, principal, path }: AnswerSignal): boolean {
  if (!turnedAway && !STATUSES.includes(status)) return false
  // Somebody who is signed in and asks for things by their ids is the part of object-sweep.
  return principal === undefined || idOf(path) === undefined
}
