/**
 * Whether two answers, and the work behind them, are the same: of a name that exists and of one that does not. Proved by counting,
 * never by a watch (CWE-204, CWE-208).
 */
import { AssertionError } from 'node:assert'
import type { Answer } from './client.ts'

/** How often each kind of work was done. */
export interface Counts {
  readonly query: number
  readonly transaction: number
  readonly hash: number
  readonly letter: number
}

/** One side: what was answered, and what it cost. */
export interface Parity {
  readonly answer: Answer
  readonly counts: Counts
}

/** Fields whose value differs from answer to answer, whatever was asked for: the limit counts the asker's requests. */
const OWN = new Set(['date', 'x-request-id', 'ratelimit'])
/** Ids, nonces and tokens: long texts without a space, other ones in every answer and of one length. */
const RANDOM = /[A-Za-z0-9_-]{20,}/g

/** Throws AssertionError that says what differs: status, fields, cookies, length or text of the body, or the work. */
export function expectParity(one: Parity, other: Parity): void {
  const [mine, theirs] = [describe(one), describe(other)]
  const different = Object.keys({ ...mine, ...theirs }).filter((key) => mine[key] !== theirs[key])
  if (different.length === 0) return
  const lines = different.map((key) => `  ${key}: ${mine[key] ?? 'nothing'} / ${theirs[key] ?? 'nothing'}`)
  throw new AssertionError({ message: `The two can be told apart:\n${lines.join('\n')}` })
}

function describe({ answer, counts }: Parity): Record<string, string> {
  const fields = Object.entries(answer.headers).filter(([name]) => !OWN.has(name))
  const head = fields.map(([name, value]) => [
    `field ${name}`,
    [value]
      .flat()
      .join(' | ')
      .replaceAll(RANDOM, (text) => `<${text.length}>`),
  ])
  return {
    status: String(answer.status),
    'names of fields': fields.map(([name]) => name).join(', '),
    ...(Object.fromEntries(head) as Record<string, string>),
    'length of the body': String(answer.text.length),
    body: answer.text.replaceAll(RANDOM, (text) => `<${text.length}>`),
    ...Object.fromEntries(Object.entries(counts).map(([kind, count]) => [`${kind} count`, String(count)])),
  }
}
