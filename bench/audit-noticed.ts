/** What a request notices of the audit log: one that emits an event, with the log on and off, in short rounds in turn. */
import { load, median, quantile } from './load.ts'
import { freeProcessor, shareProcessor, startServer, type Running } from './process.ts'

const ROUNDS = 200
const REQUESTS = 300
const WARM_UP = 20

/** Each in a process of its own; who goes first changes from round to round, so that what the machine does besides meets both alike. */
export async function noticed(rounds = ROUNDS): Promise<void> {
  const servers = [await startServer('node', 'unaudited'), await startServer('node', 'audited')]
  for (const { pid } of servers) shareProcessor(pid)
  const p50 = servers.map((): number[] => [])
  const cpu: number[] = []
  for (let round = -WARM_UP; round < rounds; round++) {
    if (round === 0) for (const [index, server] of servers.entries()) cpu[index] = (await server.usage()).cpu
    for (const index of round % 2 === 0 ? [0, 1] : [1, 0]) {
      const value = await measure(servers[index]!)
      if (round >= 0) p50[index]!.push(value)
    }
  }
  for (const [index, server] of servers.entries()) cpu[index] = ((await server.usage()).cpu - cpu[index]!) / (rounds * REQUESTS)
  freeProcessor()
  const ratios = Float64Array.from(p50[1]!, (value, round) => value / p50[0]![round]!).toSorted()
  const [off, on] = p50.map((values) => (median(values) * 1000).toFixed(1))
  const [low, middle, high] = [0.25, 0.5, 0.75].map((part) => quantile(ratios, part).toFixed(3))
  console.log(
    `a request that emits an event, ${rounds} rounds in turn of ${REQUESTS}: p50 ${on} µs with the log, ${off} µs without; ` +
      `ratio of a round's p50: median ${middle}, half of them from ${low} to ${high}; ` +
      `processor time of the server ${cpu[1]!.toFixed(1)} and ${cpu[0]!.toFixed(1)} µs a request`,
  )
  for (const server of servers) await server.stop()
}

async function measure({ port, name }: Running): Promise<number> {
  const bytes = `GET /api/me HTTP/1.1\r\nhost: localhost:${port}\r\n\r\n`
  const { times, statuses } = await load(port, bytes, REQUESTS, 1)
  if (statuses['200'] !== REQUESTS) throw new Error(`${name}: expected 200 only, got ${JSON.stringify(statuses)}`)
  return quantile(times, 0.5)
}
