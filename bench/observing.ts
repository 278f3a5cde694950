/** What metrics add to a request: the same guarded server with and without them, in turn, also while somebody scrapes it every second. */
import { load, median, quantile } from './load.ts'
import { freeProcessor, shareProcessor, startServer, type Running } from './process.ts'
import type { Framework } from './servers/frameworks.ts'

const FRAMEWORKS: readonly Framework[] = ['node', 'fastify']
const ROUNDS = Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 41)
const WARM_UP = 4
const REQUESTS = 2000
/** One after another on each: what is measured is how long one waits, not how many fit. */
const CONNECTIONS = 1

interface Figures {
  readonly p50: number[]
  readonly p99: number[]
  readonly cpu: number[]
}

export async function observing(): Promise<void> {
  console.log(`\nMetrics: median of ${ROUNDS} rounds in turn of ${REQUESTS} requests, one at a time`)
  console.log('framework   metrics     p50 µs   p99 µs   CPU µs   p50 ratio: median of rounds, quietest tenth of rounds')
  for (const framework of FRAMEWORKS) {
    const servers = [await startServer(framework, 'guarded'), await startServer(framework, 'measured')]
    for (const { pid } of servers) shareProcessor(pid)
    const results = servers.map((): Figures => ({ p50: [], p99: [], cpu: [] }))
    const scraping = setInterval(() => void fetch(`http://localhost:${servers[1]!.port}/metrics`).catch(() => undefined), 1000)
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const index of round % 2 === 0 ? [0, 1] : [1, 0])
        await measure(servers[index]!, round < 0 ? undefined : results[index]!)
    }
    clearInterval(scraping)
    const ratios = results[1]!.p50.map((value, round) => value / results[0]!.p50[round]!)
    // Others on the machine only ever add time: the rounds in which they added least say most.
    const quiet = results.map(({ p50 }) => quantile(Float64Array.from(p50).toSorted(), 0.1))
    for (const [index, name] of ['off', 'on, scraped'].entries()) {
      const { p50, p99, cpu } = results[index]!
      const figures = [median(p50), median(p99), median(cpu)].map((value) => value.toFixed(1).padStart(8))
      console.log(
        `${framework.padEnd(10)}  ${name.padEnd(11)} ${figures.join(' ')}   ${index === 0 ? '' : `${median(ratios).toFixed(3)}, ${(quiet[1]! / quiet[0]!).toFixed(3)}`}`,
      )
    }
    await Promise.all(servers.map((server) => server.stop()))
  }
  freeProcessor()
}

async function measure(server: Running, into: Figures | undefined): Promise<void> {
  const before = await server.usage()
  const bytes = `GET / HTTP/1.1\r\nhost: localhost:${server.port}\r\naccept: text/html\r\nsec-fetch-site: none\r\n\r\n`
  const { times, statuses, requests } = await load(server.port, bytes, REQUESTS, CONNECTIONS)
  if (statuses['200'] !== requests) throw new Error(`${server.name}: expected 200 only, got ${JSON.stringify(statuses)}`)
  const { cpu } = await server.usage()
  into?.p50.push(quantile(times, 0.5) * 1000)
  into?.p99.push(quantile(times, 0.99) * 1000)
  into?.cpu.push((cpu - before.cpu) / requests)
}
