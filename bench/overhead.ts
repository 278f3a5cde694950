/** CPU time that Holdfast adds to a request: each framework bare and guarded, interleaved round by round. */
import { freeProcessor, shareProcessor, startServer, type Running } from './process.ts'
import { load, median } from './load.ts'
import type { Framework } from './servers/frameworks.ts'

const FRAMEWORKS: readonly Framework[] = ['fastify', 'express', 'hono', 'node']
const ROUNDS = Number(process.env['HOLDFAST_TEST_ROUNDS'] ?? 7)
/** Rounds before the first that counts: until the compiler has seen the code often enough. */
const WARM_UP = 4
const REQUESTS = 6000
/** Enough that the client always has something to do: waking it would be charged to the server, and to the slower one more often. */
const CONNECTIONS = 64

interface Measured {
  readonly name: string
  request(server: Running): string
  readonly status: string
}

const BODY = 'text=a+note+with+some+words'
const MEASURED: readonly Measured[] = [
  { name: 'public page', status: '200', request: ({ port }) => `GET / HTTP/1.1\r\n${common(port)}\r\n` },
  {
    name: 'session JSON',
    status: '200',
    request: ({ port, cookie }) => `GET /api/me HTTP/1.1\r\n${common(port)}cookie: ${cookie}\r\n\r\n`,
  },
  {
    name: 'form POST',
    status: '303',
    request: ({ port, cookie }) =>
      `POST /notes HTTP/1.1\r\n${common(port)}cookie: ${cookie}\r\norigin: http://localhost:${port}\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${BODY.length}\r\n\r\n${BODY}`,
  },
]

function common(port: number): string {
  return [
    `host: localhost:${port}`,
    'user-agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0',
    'accept: text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8',
    'accept-language: en-US,en;q=0.5',
    'sec-fetch-site: same-origin',
    'sec-fetch-mode: navigate',
    'sec-fetch-dest: document',
    '',
  ].join('\r\n')
}

export async function overhead(): Promise<void> {
  console.log(`\nAdded CPU time per request, microseconds: median of ${ROUNDS} interleaved rounds of ${REQUESTS} requests`)
  console.log('framework   route          bare   guarded   added   ratio   memory bare → guarded')
  for (const framework of FRAMEWORKS) {
    const bare = await startServer(framework, 'bare')
    const guarded = await startServer(framework, 'guarded')
    for (const { pid } of [bare, guarded]) shareProcessor(pid)
    const results = MEASURED.map(() => ({ bare: [] as number[], guarded: [] as number[] }))
    for (let round = -WARM_UP; round < ROUNDS; round++) {
      for (const [index, measured] of MEASURED.entries()) {
        for (const [kind, server] of round % 2 === 0 ? pairs(bare, guarded) : pairs(bare, guarded).toReversed()) {
          const cpu = await cpuPerRequest(server, measured)
          if (round >= 0) results[index]![kind].push(cpu)
        }
      }
    }
    const memory = [await bare.usage(), await guarded.usage()].map(({ memory }) => `${Math.round(memory / 1_048_576)} MiB`)
    for (const [index, { name }] of MEASURED.entries()) {
      const [plain, with_] = [median(results[index]!.bare), median(results[index]!.guarded)]
      const added = median(results[index]!.guarded.map((value, round) => value - results[index]!.bare[round]!))
      const figures = [plain, with_, added].map((value) => value.toFixed(1).padStart(7))
      console.log(
        `${framework.padEnd(10)}  ${name.padEnd(12)} ${figures[0]}  ${figures[1]} ${figures[2]}   ${(with_ / plain).toFixed(2)}    ${index === 0 ? memory.join(' → ') : ''}`,
      )
    }
    await Promise.all([bare.stop(), guarded.stop()])
  }
  freeProcessor()
}

function pairs(bare: Running, guarded: Running): ['bare' | 'guarded', Running][] {
  return [
    ['bare', bare],
    ['guarded', guarded],
  ]
}

async function cpuPerRequest(server: Running, { request, status }: Measured): Promise<number> {
  const before = await server.usage()
  const { statuses, requests } = await load(server.port, request(server), REQUESTS, CONNECTIONS)
  const after = await server.usage()
  // A bench of refusals would be fast and worth nothing.
  if (statuses[status] !== requests) throw new Error(`${server.name}: expected ${status} only, got ${JSON.stringify(statuses)}`)
  return (after.cpu - before.cpu) / requests
}
