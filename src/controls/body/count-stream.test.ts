import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Readable, Writable } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { deny } from '../../engine/reply.ts'
import { compileRoutes } from '../../engine/policy.ts'
import { LateRefusal } from '../../engine/facts.ts'
import { startControls, type Running } from '../../../test/support/exchange.ts'
import { body } from './body.ts'
import { BodyTooLarge } from './count-stream.ts'

type Read = (stream: Readable) => Promise<number>

const WAYS: Readonly<Record<string, Read>> = {
  'for await': async (stream) => {
    let bytes = 0
    for await (const chunk of stream) bytes += (chunk as Buffer).length
    return bytes
  },
  events: (stream) =>
    new Promise((resolve, reject) => {
      let bytes = 0
      stream.on('data', (chunk: Buffer) => (bytes += chunk.length))
      stream.on('end', () => resolve(bytes))
      stream.on('error', reject)
    }),
  pipeline: async (stream) => {
    let bytes = 0
    const sink = new Writable({
      write(chunk: Buffer, _encoding, done) {
        bytes += chunk.length
        setImmediate(done)
      },
    })
    await pipeline(stream, sink)
    return bytes
  },
}

/** Comes to read when all is over already. */
const late: Read = async (stream) => {
  if (!stream.closed) await once(stream, 'close')
  return WAYS['for await']!(stream)
}

const LIMIT = 1000

/** A server whose only control is `body`, and whose handler reads the stream itself. */
function listenerOf(running: Running, read: Read) {
  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const header = (name: string) => request.headers[name] as string | undefined
    const { method = '', url = '', httpVersion, rawHeaders } = request
    const inbound = {
      method,
      target: url,
      peer: '',
      encrypted: false,
      httpVersion,
      upgrade: false,
      rawHeaders,
      header,
      stream: request,
    }
    let bytes = -1
    const { reply, head, x } = await running.run(inbound, async (passage) => {
      bytes = await read(passage.stream!).catch((error: unknown) => {
        assert.ok(error instanceof BodyTooLarge)
        return -1
      })
    })
    const refusal = reply ?? x.get(LateRefusal)
    for (const [name, value] of head) if (value !== null) response.setHeader(name, value)
    response.statusCode = refusal?.status ?? 200
    response.end(String(bytes))
  }
}

function start(): Running {
  const placed = {
    name: 'placed',
    options: () => ({}),
    start: ({ routes }: { routes: ReturnType<typeof compileRoutes> }) => ({
      enter: (x: { method: string; target: string; route: unknown }) => void (x.route = routes(x.method, x.target)),
    }),
  }
  const routes = compileRoutes([], [{ path: 'POST /raw', body: 'raw', bodyLimit: LIMIT }], 0)
  return startControls([placed, body], { body: { raw: LIMIT } }, { routes })
}

async function serve(t: TestContext, read: Read = WAYS['for await']!) {
  const running = start()
  const server = http
    .createServer((request, response) => void listenerOf(running, read)(request, response))
    .listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.after(() => {
    server.closeAllConnections()
    server.close()
  })
  const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
  t.after(() => socket.destroy())
  let text = ''
  socket.on('data', (chunk) => (text += chunk.toString()))
  socket.on('error', () => {})
  const closed = once(socket, 'close').then(() => text)
  return { running, socket, closed }
}

const HEAD = 'POST /raw HTTP/1.1\r\nHost: x\r\nContent-Type: application/octet-stream\r\n'
const chunk = (length: number): string => `${length.toString(16)}\r\n${'x'.repeat(length)}\r\n`

describe('a body that the handler reads itself', () => {
  for (const [way, read] of Object.entries(WAYS)) {
    it(`arrives whole up to the limit (${way})`, async (t) => {
      const { socket, closed } = await serve(t, read)
      socket.write(`${HEAD}Connection: close\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(400)}${chunk(600)}0\r\n\r\n`)
      assert.match(await closed, /^HTTP\/1.1 200 [^]*1000/)
    })

    it(`fails one byte beyond, is answered with 413, and the connection closes (${way})`, async (t) => {
      const { socket, closed, running } = await serve(t, read)
      socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk(400)}${chunk(601)}`)
      assert.match(await closed, /^HTTP\/1.1 413 [^]*connection: close/i)
      assert.deepEqual(
        running.events.map(({ type, data }) => [type, data?.['reason']]),
        [['input_validation_fail', 'too-large']],
      )
    })
  }

  it('is refused by its declared length before the handler runs', async (t) => {
    let ran = false
    const { socket, closed } = await serve(t, async () => ((ran = true), 0))
    socket.write(`${HEAD}Connection: close\r\nContent-Length: 1001\r\n\r\n`)
    assert.match(await closed, /^HTTP\/1.1 413 /)
    assert.equal(ran, false)
  })

  it('needs no Content-Type where the route reads it raw', async (t) => {
    const { socket, closed } = await serve(t)
    socket.write('POST /raw HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 3\r\n\r\nabc')
    assert.match(await closed, /^HTTP\/1.1 200 /)
  })

  it('is counted on other routes too, when its type is neither JSON nor a form', async (t) => {
    const { socket, closed } = await serve(t)
    socket.write(`POST /up HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\nTransfer-Encoding: chunked\r\n\r\n${chunk(1001)}`)
    assert.match(await closed, /^HTTP\/1.1 413 /)
  })

  it('does no harm when it comes before the handler reads, and fails the reading then', async (t) => {
    const { socket, closed } = await serve(t, late)
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk(1001)}`)
    assert.match(await closed, /^HTTP\/1.1 413 /)
  })

  it('closes the connection when nobody reads it to its end (A71)', async (t) => {
    const { socket, closed } = await serve(t, async () => 0)
    socket.write(`${HEAD}Transfer-Encoding: chunked\r\n\r\n${chunk(10)}`)
    assert.match(await closed, /^HTTP\/1.1 200 [^]*connection: close/i)
  })

  it('keeps the connection for the next request when it was read', async (t) => {
    const { socket, closed } = await serve(t)
    const again = HEAD + `Transfer-Encoding: chunked\r\n\r\n${chunk(10)}0\r\n\r\n`
    socket.write(again + again.replace('Host', 'Connection: close\r\nHost'))
    assert.equal((await closed).match(/HTTP\/1.1 200/g)?.length, 2)
  })

  it('is counted over HTTP/2', async (t) => {
    const running = start()
    const server = http2.createServer()
    server.on(
      'request',
      ((request: IncomingMessage, response: ServerResponse) =>
        void listenerOf(running, WAYS['for await']!)(request, response)) as never,
    )
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    t.after(() => {
      client.destroy()
      server.close()
    })
    for (const [length, status] of [
      [1000, 200],
      [1001, 413],
    ] as const) {
      const request = client.request({ ':method': 'POST', ':path': '/raw' })
      request.on('error', () => {})
      request.end('x'.repeat(length))
      const [headers] = (await once(request, 'response')) as [http2.IncomingHttpHeaders]
      assert.equal((headers as Record<string, unknown>)[':status'], status)
      request.resume()
    }
  })

  it('turns the failure of the handler into the refusal, not into a fault', async () => {
    const { createEngine } = await import('../../engine/engine.ts')
    const faults: unknown[] = []
    const engine = createEngine([], {
      now: () => 0,
      emit: () => {},
      render: () => assert.fail(),
      onFault: (error) => faults.push(error),
    })
    const x = engine.open({
      method: 'POST',
      target: '/',
      peer: '',
      encrypted: false,
      httpVersion: '1.1',
      upgrade: false,
      rawHeaders: [],
      header: () => undefined,
      stream: undefined,
    })
    const refusal = deny(413, 'body-too-large')
    x.set(LateRefusal, refusal)
    assert.equal(engine.fault(x, new BodyTooLarge(1)), refusal)
    assert.deepEqual(faults, [])
  })
})
