/** One address sends one piece of SQL after another, to find an input that takes it. */
import { claimOf } from '../detecting/claims.ts'
import { count, defineDetection, time, type Overflow } from '../detecting/definition.ts'
import { answer, times, MINUTE } from '../detecting/replay.ts'
import { askersOf, type AnswerSignal } from '../detecting/signal.ts'

const sent = (index: number, text: string, status = 200) =>
  answer({ at: index * 20, target: `/search?q=${encodeURIComponent(text)}`, path: '/search', status })

export const sqlProbe = defineDetection({
  name: 'sql-probe',
  severity: 'medium',
  why: 'One address sends many different pieces of SQL or of operators of a document store, as tools that look for injection do.',
  anchors: ['CAPEC-66', 'CWE-89', 'WSTG-INPV-05', 'CrowdSec http-sqli-probing'],
  needs: ['answer'],
  thresholds: {
    holds: count(10, 'different ones of one address that are borne at once'),
    leak: time(1000, 'in which one is forgotten'),
    refused: count(1, 'that are beyond doubt and were refused as input, borne at once'),
    refusedLeak: time(MINUTE, 'in which one of those is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'raise-log-level'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => sent(index, `1' OR ${index}=${index}--`)),
    nearMiss: ({ holds }) => [
      ...times(holds * 3, (index) => sent(index, 'select a gift from us')),
      ...times(holds - 2, (index) => sent(index, `select a gift from shop ${index}`)),
      sent(0, "1' OR 1=1--", 422),
    ],
  },
  start({ thresholds: { holds, leak, refused, refusedLeak }, bucket, adminPaths, fire }) {
    const target = ({ path }: AnswerSignal) => ({ kind: 'route', value: path }) as const
    const tell =
      (what: string) =>
      ({ key, signal, count, targets }: Overflow<AnswerSignal>) =>
        fire({ key, actors: askersOf(signal), targets, why: `${count} different pieces of SQL${what} from one address` }, signal)
    const texts = bucket<AnswerSignal>({ holds, leak, target, overflow: tell('') })
    const wrong = bucket<AnswerSignal>({ holds: refused, leak: refusedLeak, target, overflow: tell(' that no input took') })
    return {
      answer(signal) {
        const claim = claimOf(signal, adminPaths)
        if (claim?.kind !== 'sql') return
        texts.pour(signal.network, signal, claim.value)
        if (claim.sure && (signal.status === 422 || signal.status === 400)) wrong.pour(signal.network, signal, claim.value)
      },
    }
  },
})
