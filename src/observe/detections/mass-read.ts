/** Somebody takes far more rows than they ever do: what they may read, they carry away. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, DAY, SECOND } from '../detecting/replay.ts'
import { askersOf, fact, type EventSignal } from '../detecting/signal.ts'

const DAYS = 14
const read = (index: number, rows: number, at = index * SECOND) =>
  event('sensitive_read', { at, principal: 'u1', data: { what: 'customers', rows } })

export const massRead = defineDetection({
  name: 'mass-read',
  severity: 'high',
  why: 'A user reads far more rows than they or anybody needs, as when data is carried away.',
  anchors: ['T1530', 'T1213', 'OWASP sensitive_read'],
  needs: ['sensitive_read'],
  thresholds: {
    holds: count(1000, 'rows that one user may read at once'),
    leak: time(600_000, 'in which that many may be read again'),
    factor: count(10, 'times the rows of an ordinary day of that user', 2),
    least: count(200, 'rows of one day, below which a day is never too much'),
    days: count(5, 'days that must be known of a user before one can be too much'),
  },
  automatic: ['slow-down'],
  offered: ['require-step-up', 'end-user-sessions', 'lock-account', 'snapshot-evidence'],
  replay: {
    fires: ({ holds }) => times(11, (index) => read(index, Math.ceil(holds / 10))),
    nearMiss: ({ holds, leak }) => times(11, (index) => read(index, Math.ceil(holds / 10), index * leak)),
  },
  start: ({ thresholds: { holds, leak, factor, least, days }, overflow, baseline }) => [
    overflow({
      ...{ holds, leak: leak / holds, kind: 'burst' },
      by: (event) => (rowsOf(event) > 0 ? event.principal : undefined),
      cost: (event) => Math.min(Math.floor(rowsOf(event)), holds + 1),
      tell: ({ key, signal }) => ({
        why: `more than ${holds} rows of ${fact(signal, 'what') ?? 'data'} in short order`,
        actors: askersOf(signal),
        targets: [{ kind: 'user', value: key }],
      }),
    }),
    baseline({
      lives: 60 * DAY,
      by: (event) => (rowsOf(event) > 0 ? event.principal : undefined),
      judge(event, before, user) {
        const past = readDays(before)
        const today = Math.floor(event.time / DAY)
        const sum = (past.get(today) ?? 0) + rowsOf(event)
        const others = [...past].filter(([day]) => day !== today).map(([, total]) => total)
        const usual = median(others)
        const isMuch = others.length >= days && sum > least && sum > factor * usual
        return {
          keep: writeDays(past.set(today, sum)),
          tell: isMuch
            ? {
                why: `${sum} rows today, on other days about ${usual}`,
                actors: askersOf(event),
                targets: [{ kind: 'user', value: user }],
              }
            : undefined,
        }
      },
    }),
  ],
})

function rowsOf({ data }: EventSignal): number {
  const rows = data?.['rows']
  return typeof rows === 'number' ? rows : 0
}

/** Rows by day. */
function readDays(text: string | undefined): Map<number, number> {
  return new Map((text?.split(' ') ?? []).map((entry) => entry.split(':').map(Number) as [number, number]))
}

function writeDays(days: ReadonlyMap<number, number>): string {
  return [...days]
    .slice(-DAYS)
    .map((entry) => entry.join(':'))
    .join(' ')
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0
}
