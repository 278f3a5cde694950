/** One address asks for one path after another that is not there, or not for it. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times, SECOND } from '../detecting/replay.ts'
import { askersOf, type AnswerSignal } from '../detecting/signal.ts'
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
  start({ thresholds: { holds, leak }, bucket, adminPaths, fire }) {
    const paths = bucket<AnswerSignal>({
      holds,
      leak,
      target: ({ path }) => ({ kind: 'route', value: path }),
      overflow({ key, signal, count, targets }) {
        const why = `${count} different paths that are missing or closed, from one address`
        fire({ key, actors: askersOf(signal), targets, targetCount: count, why }, signal)
      },
    })
    return {
      answer(signal) {
        if (!signal.turnedAway && !STATUSES.includes(signal.status)) return
        // Somebody who is signed in and asks for things by their ids is the part of object-sweep.
        if (signal.principal !== undefined && idOf(signal.path) !== undefined) return
        if (claimOf(signal, adminPaths) === null) paths.pour(signal.network, signal, signal.path || signal.target)
      },
    }
  },
})
