/** Sign-ins a second at OWASP's argon2id parameters, through the whole kit over HTTP, against the same hashing alone, at full concurrency. */
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { node } from '../src/adapters/node.ts'
import { createServer } from '../src/adapters/server.ts'
import { createHasher, defaultConcurrency } from '../src/crypto/password/hasher.ts'
import { createHoldfast, Secret } from '../src/index.ts'
import { load, median } from './load.ts'

const COUNT = 60
const ROUNDS = 5
const PASSWORD = 'a walrus sings at four'

export async function signIn(): Promise<void> {
  const data = mkdtempSync(join(tmpdir(), 'holdfast-bench-'))
  const holdfast = await createHoldfast({
    origin: 'http://localhost:1',
    data,
    log: join(data, 'log'),
    // As the example has it: off by default where the origin is not this machine.
    observe: { metrics: {} },
    rateLimit: { limits: { client: '999999/s', site: '999999/s' } },
  })
  const password = new Secret(PASSWORD)
  const actor = { kind: 'system', id: 'bench' } as const
  const made = await holdfast.accounts.users.create({ login: 'ada', password, roles: ['member'] }, actor)
  if (!made.ok) throw new Error(made.reason)
  const server = createServer(
    holdfast,
    node(holdfast, (_, response) => response.end()),
  )
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const body = new URLSearchParams({ login: 'ada', password: PASSWORD }).toString()
  const head = `host: localhost:1\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}`
  const request = `POST /login HTTP/1.1\r\n${head}\r\n\r\n${body}`
  const hasher = createHasher()
  const stored = await hasher.hash(password)
  const atOnce = defaultConcurrency()

  async function bare(): Promise<number> {
    let left = COUNT
    const start = performance.now()
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        while (left-- > 0) await hasher.verify(password, stored)
      }),
    )
    return (COUNT * 1000) / (performance.now() - start)
  }

  async function whole(): Promise<number> {
    const start = performance.now()
    // More clients than hashes at a time, so that there is always one to be hashed.
    const { statuses } = await load(port, request, COUNT, atOnce * 4)
    if (statuses['303'] !== COUNT) throw new Error(`Not all were let in: ${JSON.stringify(statuses)}`)
    return (COUNT * 1000) / (performance.now() - start)
  }

  const [alone, through]: [number[], number[]] = [[], []]
  for (let round = 0; round <= ROUNDS; round++) {
    const [one, other] = [await bare(), await whole()]
    // The first round warms up.
    if (round === 0) continue
    alone.push(one)
    through.push(other)
  }
  console.log(
    `\nSign-ins a second, ${atOnce} at once: ${median(through).toFixed(1)} through the kit, ${median(alone).toFixed(1)} hashes alone; ratio ${(median(through) / median(alone)).toFixed(2)}`,
  )
  await new Promise<void>((resolve) => void server.close(() => resolve()))
  await holdfast.stop()
  rmSync(data, { recursive: true, force: true })
}
