/**
 * Attacks on the server's sockets. No option of a control takes these limits away, so each measure is first taken of a bare
 * `http.createServer()`: if that does not come out as vulnerable, the measure sees nothing and the attack file fails.
 */
import http, { type Server } from 'node:http'
import net, { type AddressInfo } from 'node:net'
import type { TestApp } from '../support/app.ts'
import { defineAttack, type Attack, type HeldBy } from '../support/attack.ts'

const BY_NODE: HeldBy = { heldBy: 'node', why: "the limits are Node's own, set on every server we make" }

/** A measure of a server: true when its sockets can be held. */
type Measure = (server: Server & { readonly connectionsCheckingInterval?: number }) => boolean

/** Node looks at the clock only so often: what it calls 10 s ends up to one interval later. */
const late = (milliseconds: number, server: { readonly connectionsCheckingInterval?: number }) =>
  milliseconds === 0 ? Infinity : milliseconds + (server.connectionsCheckingInterval ?? 30_000)

const MEASURES: readonly (readonly [Attack['id'], string, Measure])[] = [
  [
    'A82a',
    'a head that comes a byte at a time holds a socket for over 15 s',
    (server) => late(server.headersTimeout, server) > 15_000,
  ],
  [
    'A83a',
    'a body that comes a byte at a time holds a socket for over 45 s',
    (server) => late(server.requestTimeout, server) > 45_000,
  ],
  ['A84', 'a reader that stops reading holds a socket for ever', (server) => server.timeout === 0],
  ['A85a', 'sockets without number are opened and left idle', (server) => !(server.maxConnections > 0)],
  ['A86a', 'one connection asks without end', (server) => !(Number(server.maxRequestsPerSocket) > 0)],
]

function measured([id, title, measure]: (typeof MEASURES)[number]): Attack {
  return defineAttack({
    id,
    title,
    control: 'body',
    adapters: 'all',
    without: BY_NODE,
    async succeeds({ server }) {
      if (!measure(http.createServer())) throw new Error('a server without our settings is not vulnerable to this')
      return measure(server)
    },
  })
}

/** Sends bytes and leaves the rest out; says what came back when the other side closed. */
function leaveOpen(port: number, bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = net.connect(port, '127.0.0.1', () => socket.write(bytes))
    let text = ''
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('close', () => resolve(text))
    socket.on('error', reject)
  })
}

const host = (app: TestApp) => `Host: localhost:${app.port}\r\n`

/** Sends so many requests at once on one connection, and waits until it closes. */
async function pipeline(port: number, count: number): Promise<void> {
  const request = `GET /public-json HTTP/1.1\r\nHost: localhost:${port}\r\n\r\n`
  await leaveOpen(port, request.repeat(count - 1) + request.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
}

/** How many of 50 pipelined requests a server without our settings serves. */
async function servedBare(): Promise<number> {
  let served = 0
  const bare = http.createServer((_, response) => {
    served++
    response.end()
  })
  await new Promise<void>((resolve) => void bare.listen(0, '127.0.0.1', resolve))
  await pipeline((bare.address() as AddressInfo).port, 50)
  bare.close()
  return served
}

export default [
  ...MEASURES.map(measured),
  defineAttack({
    id: 'A82b',
    title: 'half a head and half a body stay open past their time',
    control: 'body',
    without: BY_NODE,
    async succeeds(app) {
      // The time is made short; that somebody looks at the clock every two seconds is what is tried here.
      Object.assign(app.server, { headersTimeout: 1, requestTimeout: 1 })
      const [head, body] = await Promise.all([
        leaveOpen(app.port, `GET / HTTP/1.1\r\n${host(app)}X-Slow: `),
        leaveOpen(app.port, `POST /echo HTTP/1.1\r\n${host(app)}Content-Type: application/json\r\nContent-Length: 9\r\n\r\n{`),
      ])
      return !head.startsWith('HTTP/1.1 408') || body.startsWith('HTTP/1.1 200')
    },
  }),
  defineAttack({
    id: 'A86b',
    title: 'more requests are pipelined into one connection than it may have',
    control: 'body',
    adapters: 'all',
    options: { rateLimit: false },
    without: BY_NODE,
    async succeeds(app) {
      const unlimited = await servedBare()
      if (unlimited !== 50) throw new Error(`a server without our settings served ${unlimited} of 50`)
      // The number is made small; a server without one would keep none.
      const allowed = 20
      app.server.maxRequestsPerSocket = Math.min(app.server.maxRequestsPerSocket ?? 0, allowed)
      await pipeline(app.port, 50)
      return (app.state.hits['GET /public-json'] ?? 0) > allowed
    },
  }),
]
