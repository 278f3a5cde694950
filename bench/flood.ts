/**
 * How a flood of sign-ins slows the public page down: its p99 during the flood over its idle p99, with everything on, and beside it the same
 * framework that does nothing but hash the same passwords. Idle and flooded take turns, since the p99 of one turn tells more of the machine.
 */
import { load, median, quantile } from './load.ts'
import { startServer, type Running } from './process.ts'
import type { Kind } from './servers/main.ts'

const PAGES = 10_000
const TURNS = 5
const ATTACKERS = 16
const CLIENTS = 4

export async function flood(): Promise<void> {
  console.log('')
  for (const kind of ['bare', 'proxied'] as const) await floodOne(kind)
}

async function floodOne(kind: Kind): Promise<void> {
  const server = await startServer('fastify', kind)
  const page = `GET / HTTP/1.1\r\nhost: localhost:${server.port}\r\n\r\n`
  const pages = async () => quantile((await load(server.port, page, PAGES, CLIENTS)).times, 0.99)
  await pages()
  const [idle, flooded]: [number[], number[]] = [[], []]
  const statuses: Record<string, number> = {}
  for (let turn = 0; turn < TURNS; turn++) {
    idle.push(await pages())
    const stop = attack(server, turn, statuses)
    flooded.push(await pages())
    await stop()
  }
  await server.stop()
  const ratios = flooded.map((during, turn) => during / idle[turn]!).toSorted((a, b) => a - b)
  console.log(
    `${kind === 'bare' ? 'Hashing alone' : 'Holdfast'}, public page during a sign-in flood: p99 ${median(idle).toFixed(2)} ms idle, ${median(flooded).toFixed(2)} ms flooded (medians of ${TURNS}); ratio ${(median(flooded) / median(idle)).toFixed(2)} (single turns ${ratios[0]!.toFixed(1)} to ${ratios.at(-1)!.toFixed(1)}); guesses answered ${JSON.stringify(statuses)}`,
  )
}

/** From everywhere at once: another address and another name each time, so that no limit by address or name helps. Returns how to end it. */
function attack({ port }: Running, turn: number, statuses: Record<string, number>): () => Promise<void> {
  let flooding = true
  let guesses = 0
  const guess = () => {
    guesses++
    const address = `x-forwarded-for: 198.${18 + turn}.${(guesses >> 8) & 255}.${guesses & 255}\r\n`
    const body = `login=user${turn}-${guesses}&password=not+the+password+${guesses}`
    return `POST /login HTTP/1.1\r\nhost: localhost:${port}\r\n${address}sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }
  const attackers = Array.from({ length: ATTACKERS }, async () => {
    while (flooding) {
      const result = await load(port, guess(), 1, 1)
      for (const [status, count] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + count
    }
  })
  return async () => {
    flooding = false
    await Promise.all(attackers)
  }
}
