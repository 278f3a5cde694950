/** What probes have in common: one address sends different claims of one kind (`claims.ts`), and each path that it sent them to was aimed at. */
import { claimOf, type Claim } from './claims.ts'
import type { OverflowRule } from './shapes.ts'
import { askersOf, routeOf, type AnswerSignal } from './signal.ts'

type Own = Pick<OverflowRule<AnswerSignal>, 'holds' | 'leak' | 'tell'>

/** `adminPaths`: beginnings of the application's own paths for administrators. */
export function probing(
  kind: Claim['kind'],
  adminPaths: readonly string[],
  { holds, leak, tell }: Own,
): OverflowRule<AnswerSignal> {
  return {
    holds,
    leak,
    by: (answer) => (claimOf(answer, adminPaths)?.kind === kind ? answer.network : undefined),
    differ: (answer) => claimOf(answer, adminPaths)?.value,
    target: routeOf,
    tell: (over) => ({ actors: askersOf(over.signal), ...tell(over) }),
  }
}
