/** What a request notices of the audit log: one that emits an event, with the log on and off, and off twice. */
import { pairByPair, ratiosOf } from './turn-by-turn.ts'

const TURNS = { requests: 1000, rounds: Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 14), warmUp: 2 }

/** With the log off twice: what that differs from 1 by is the method's own. */
export async function noticed(): Promise<void> {
  const bytes = ({ port }: { readonly port: number }) => `GET /api/me HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`
  console.log(`a request that emits an event, one at a time, rounds of 4 × ${TURNS.requests} requests`)
  for (const [name, kind] of [['off again', 'unaudited'] as const, ['on', 'audited'] as const])
    console.log(`  the log ${name} over off: ${ratiosOf(await pairByPair(['node', 'unaudited', kind], bytes, TURNS))}`)
}
