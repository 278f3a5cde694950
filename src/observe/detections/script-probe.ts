/** One address sends one piece of script after another, to find a page that runs it. */
import { claimOf } from '../detecting/claims.ts'
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times } from '../detecting/replay.ts'
import { askersOf, type AnswerSignal } from '../detecting/signal.ts'

export const scriptProbe = defineDetection({
  name: 'script-probe',
  severity: 'medium',
  why: 'One address sends many different pieces of markup that would run as script in the pages of others.',
  anchors: ['CAPEC-63', 'CWE-79', 'WSTG-INPV-01', 'CrowdSec http-xss-probing'],
  needs: ['answer'],
  thresholds: {
    holds: count(5, 'different ones of one address that are borne at once'),
    leak: time(1000, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'raise-log-level'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent(`<script>alert(${index})</script>`)}` }),
      ),
    nearMiss: ({ holds }) => [
      ...times(holds, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent(`<script>alert(${index})</script>`)}` }),
      ),
      ...times(holds * 3, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent('1 < 2 and "b" > a')}${index}` }),
      ),
    ],
  },
  start({ thresholds: { holds, leak }, bucket, adminPaths, fire }) {
    const texts = bucket<AnswerSignal>({
      holds,
      leak,
      target: ({ path }) => ({ kind: 'route', value: path }),
      overflow({ key, signal, count, targets }) {
        fire({ key, actors: askersOf(signal), targets, why: `${count} different pieces of script from one address` }, signal)
      },
    })
    return {
      answer(signal) {
        const claim = claimOf(signal, adminPaths)
        if (claim?.kind === 'script') texts.pour(signal.network, signal, claim.value)
      },
    }
  },
})
