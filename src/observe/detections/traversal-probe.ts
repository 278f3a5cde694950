/** One address spells a path that leads out of its folder in one way after another. */
import { claimOf } from '../detecting/claims.ts'
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times } from '../detecting/replay.ts'
import { askersOf, type AnswerSignal } from '../detecting/signal.ts'

export const traversalProbe = defineDetection({
  name: 'traversal-probe',
  severity: 'medium',
  why: 'One address sends different spellings of a path that leads out of its folder.',
  anchors: ['CAPEC-126', 'CWE-22', 'WSTG-ATHZ-01', 'CrowdSec http-path-traversal-probing'],
  needs: ['answer'],
  thresholds: {
    holds: count(3, 'different ones of one address that are borne at once'),
    leak: time(10_000, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'raise-log-level'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) => answer({ at: index * 500, target: `/files?name=${'../'.repeat(index + 1)}etc/passwd` })),
    nearMiss: ({ holds }) => [
      ...times(holds, (index) => answer({ at: index * 500, target: `/files?name=${'../'.repeat(index + 1)}etc/passwd` })),
      ...times(holds * 3, (index) => answer({ at: index * 500, target: `/files?name=report..${index}.txt&range=1..${index}` })),
    ],
  },
  start({ thresholds: { holds, leak }, bucket, adminPaths, fire }) {
    const texts = bucket<AnswerSignal>({
      holds,
      leak,
      target: ({ path }) => ({ kind: 'route', value: path }),
      overflow({ key, signal, count, targets }) {
        fire({ key, actors: askersOf(signal), targets, why: `${count} different ways out of a folder from one address` }, signal)
      },
    })
    return {
      answer(signal) {
        const claim = claimOf(signal, adminPaths)
        if (claim?.kind === 'traversal') texts.pour(signal.network, signal, claim.value)
      },
    }
  },
})
