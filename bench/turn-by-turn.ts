/**
 * What one thing adds to the time of a request, on a machine that others use: two servers, one without it and one with, asked in short turns
 * of A B B A over one connection each, so that a drift of the machine meets both. Each round gives one ratio of medians; the median of the
 * ratios is told with the interval in which it lies at 95 of 100, from the order of the ratios alone.
 */
import { load, median, quantile } from './load.ts'
import { freeProcessor, partProcessors, startServer, type Running } from './process.ts'
import type { Framework } from './servers/frameworks.ts'
import type { Kind } from './servers/main.ts'

/** Pairs of processes. */
const PAIRS = 4

export interface Turns {
  /** Requests of one turn. */
  readonly requests: number
  readonly rounds: number
  readonly warmUp: number
}

/** Of one server in one round, in microseconds. */
export interface Figures {
  readonly p50: number
  readonly p99: number
  /** Processor time of the server for one request. */
  readonly cpu: number
}

export interface Round {
  readonly without: Figures
  readonly with: Figures
}

type Server = Pick<Running, 'name' | 'port' | 'usage'>

/** `bytes`: the request, for a server's own port. */
export async function turnByTurn(
  [without, withIt]: readonly [Server, Server],
  bytes: (server: Server) => string,
  { requests, rounds, warmUp }: Turns,
): Promise<Round[]> {
  const turn = (server: Server) => measure(server, bytes(server), requests)
  const done: Round[] = []
  for (let round = -warmUp; round < rounds; round++) {
    // The other one begins each second round.
    const [first, second] = round % 2 === 0 ? [without, withIt] : [withIt, without]
    const [a, b, b2, a2] = [await turn(first), await turn(second), await turn(second), await turn(first)]
    const [one, other] = [mean(a, a2), mean(b, b2)]
    if (round >= 0) done.push(first === without ? { without: one, with: other } : { without: other, with: one })
  }
  return done
}

/** The same over several pairs of processes: they differ from each other by how their memory lies and what was compiled first. */
export async function pairByPair(
  [framework, without, withIt]: readonly [framework: Framework, without: Kind, withIt: Kind],
  bytes: (server: Server) => string,
  turns: Turns,
): Promise<Round[]> {
  const rounds: Round[] = []
  for (let pair = 0; pair < PAIRS; pair++) {
    const servers = [await startServer(framework, without), await startServer(framework, withIt)] as const
    for (const { pid } of servers) partProcessors(pid)
    rounds.push(...(await turnByTurn(servers, bytes, turns)))
    await Promise.all(servers.map((server) => server.stop()))
  }
  freeProcessor()
  return rounds
}

async function measure(server: Server, bytes: string, requests: number): Promise<Figures> {
  const before = await server.usage()
  const { times, statuses } = await load(server.port, bytes, requests, 1)
  if (statuses['200'] !== requests) throw new Error(`${server.name}: expected 200 only, got ${JSON.stringify(statuses)}`)
  const { cpu } = await server.usage()
  return { p50: quantile(times, 0.5) * 1000, p99: quantile(times, 0.99) * 1000, cpu: (cpu - before.cpu) / requests }
}

function mean(one: Figures, other: Figures): Figures {
  return { p50: (one.p50 + other.p50) / 2, p99: (one.p99 + other.p99) / 2, cpu: (one.cpu + other.cpu) / 2 }
}

export interface Ratio {
  readonly median: number
  /** The median lies between these at 95 of 100. */
  readonly low: number
  readonly high: number
}

/** With over without, by rounds. Source of the interval: the binomial distribution of the ranks around a median (sign test). */
export function ratioOf(rounds: readonly Round[], figure: keyof Figures): Ratio {
  const ratios = rounds.map((round) => round.with[figure] / round.without[figure]).toSorted((a, b) => a - b)
  const many = ratios.length
  const rank = Math.max(0, Math.floor((many - 1.96 * Math.sqrt(many)) / 2))
  return { median: median(ratios), low: ratios[rank] ?? Number.NaN, high: ratios[many - 1 - rank] ?? Number.NaN }
}

export function written({ median: middle, low, high }: Ratio): string {
  return `${middle.toFixed(3)} (${low.toFixed(3)} to ${high.toFixed(3)})`
}

/** What is told of all rounds: both p50 and the ratios. */
export function ratiosOf(rounds: readonly Round[]): string {
  const p50 = (which: keyof Round) => median(rounds.map((round) => round[which].p50)).toFixed(1)
  const ratio = (figure: keyof Figures) => written(ratioOf(rounds, figure))
  return `p50 ${p50('with')} and ${p50('without')} µs; ratio, median of ${rounds.length} rounds and its interval: p50 ${ratio('p50')}, CPU ${ratio('cpu')}`
}
