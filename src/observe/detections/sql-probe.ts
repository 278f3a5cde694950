/** One address sends one piece of SQL after another, to find an input that takes it. */
import { claimOf } from '../detecting/claims.ts'
import { count, defineDetection, time } from '../detecting/definition.ts'
import { probing } from '../detecting/probing.ts'
import { answer, times, MINUTE } from '../detecting/replay.ts'
import type { AnswerSignal } from '../detecting/signal.ts'

const sent = (index: number, text: string, status = 200) =>
  answer({ at: index * 20, target: `/search?q=${encodeURIComponent(text)}`, path: '/search', status })

export const sqlProbe = defineDetection({
  name: 'sql-probe',
  severity: 'medium',
  why: 'One address sends many different pieces of SQL or of operators of a document store, as tools that look for injection do.',
  anchors: ['CAPEC-66', 'CWE-89', 'WSTG-INPV-05', 'CrowdSec http-sqli-probing'],
  needs: ['probe'],
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
  start({ thresholds: { holds, leak, refused, refusedLeak }, adminPaths, overflow }) {
    const texts = probing('sql', adminPaths, {
      ...{ holds, leak },
      tell: ({ count }) => ({ why: `${count} different pieces of SQL from one address` }),
    })
    const wrong = probing('sql', adminPaths, {
      ...{ holds: refused, leak: refusedLeak },
      tell: ({ count }) => ({ why: `${count} different pieces of SQL that no input took from one address` }),
    })
    return [
      overflow(texts),
      overflow({ ...wrong, by: (answer) => (isRefusedSql(answer, adminPaths) ? wrong.by(answer) : undefined) }),
    ]
  },
})

/** Beyond doubt, and no input took it. */
function isRefusedSql(answer: AnswerSignal, adminPaths: readonly string[]): boolean {
  const claim = claimOf(answer, adminPaths)
  return claim?.kind === 'sql' && claim.sure && (answer.status === 422 || answer.status === 400)
}
