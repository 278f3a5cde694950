/** What metrics add to a request: the same guarded server with and without them, in turn, also while somebody scrapes it every second. */
import { median } from './load.ts'
import { freeProcessor, shareProcessor, startServer } from './process.ts'
import type { Framework } from './servers/frameworks.ts'
import { ratioOf, turnByTurn, written, type Figures, type Round } from './turn-by-turn.ts'

const FRAMEWORKS: readonly Framework[] = ['node', 'fastify']
const TURNS = { requests: 1000, rounds: Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 41), warmUp: 4 }

export async function observing(): Promise<void> {
  console.log(`\nMetrics: ${TURNS.rounds} rounds of 4 × ${TURNS.requests} requests in turn, one at a time`)
  console.log('framework   metrics     p50 µs   p99 µs   CPU µs   ratio of p50: median of rounds and its interval')
  for (const framework of FRAMEWORKS) {
    const servers = [await startServer(framework, 'guarded'), await startServer(framework, 'measured')] as const
    for (const { pid } of servers) shareProcessor(pid)
    const scraping = setInterval(() => void fetch(`http://localhost:${servers[1].port}/metrics`).catch(() => undefined), 1000)
    const rounds = await turnByTurn(servers, page, TURNS)
    clearInterval(scraping)
    console.log(line(framework, 'off', rounds, 'without'))
    console.log(`${line(framework, 'on, scraped', rounds, 'with')}   ${written(ratioOf(rounds, 'p50'))}`)
    await Promise.all(servers.map((server) => server.stop()))
  }
  freeProcessor()
}

function page({ port }: { readonly port: number }): string {
  return `GET / HTTP/1.1\r\nhost: localhost:${port}\r\naccept: text/html\r\nsec-fetch-site: none\r\n\r\n`
}

function line(framework: string, name: string, rounds: readonly Round[], which: keyof Round): string {
  const figure = (of: keyof Figures) =>
    median(rounds.map((round) => round[which][of]))
      .toFixed(1)
      .padStart(8)
  return `${framework.padEnd(10)}  ${name.padEnd(11)} ${figure('p50')} ${figure('p99')} ${figure('cpu')}`
}
