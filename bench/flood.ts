/** How a flood of sign-ins slows the public page down: its p99 during the flood over its idle p99. */
import { load, quantile } from './load.ts'
import { startServer } from './process.ts'

const PAGE = 20_000

export async function flood(): Promise<void> {
  const server = await startServer('fastify', 'proxied')
  const host = `host: localhost:${server.port}\r\n`
  const page = `GET / HTTP/1.1\r\n${host}\r\n`
  let guesses = 0
  const guess = () => {
    guesses++
    // From everywhere at once: another address and another name each time, so that no limit by address or name helps.
    const address = `x-forwarded-for: 198.${18 + (guesses >> 16)}.${(guesses >> 8) & 255}.${guesses & 255}\r\n`
    const body = `login=user${guesses}&password=not+the+password+${guesses}`
    return `POST /login HTTP/1.1\r\n${host}${address}sec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }
  await load(server.port, page, PAGE, 4)
  const idle = await load(server.port, page, PAGE, 4)
  let flooding = true
  const statuses: Record<string, number> = {}
  const attackers = Array.from({ length: 16 }, async () => {
    while (flooding) {
      const result = await load(server.port, guess(), 1, 1)
      for (const [status, count] of Object.entries(result.statuses)) statuses[status] = (statuses[status] ?? 0) + count
    }
  })
  const busy = await load(server.port, page, PAGE, 4)
  flooding = false
  await Promise.all(attackers)
  const [before, during] = [quantile(idle.times, 0.99), quantile(busy.times, 0.99)]
  console.log(
    `\nPublic page during a sign-in flood: p99 ${before.toFixed(2)} ms idle, ${during.toFixed(2)} ms flooded; ratio ${(during / before).toFixed(2)}; guesses answered ${JSON.stringify(statuses)}`,
  )
  await server.stop()
}
