import assert from 'node:assert/strict'
import { once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { HTTP2_OPTIONS, limitServer, SERVER_LIMITS, SERVER_OPTIONS } from './server-options.ts'

describe('what a server is told', () => {
  it('reaches the server, none of it lost', () => {
    const server = limitServer(http.createServer(SERVER_OPTIONS)) as unknown as Record<string, unknown>
    for (const name of ['headersTimeout', 'requestTimeout', 'keepAliveTimeout'] as const)
      assert.equal(server[name], SERVER_OPTIONS[name])
    for (const [name, value] of Object.entries(SERVER_LIMITS)) assert.equal(server[name], value)
  })

  it('looks at its times often enough to keep them', () => {
    assert.ok(SERVER_OPTIONS.connectionsCheckingInterval * 5 <= SERVER_OPTIONS.headersTimeout)
    assert.ok(SERVER_OPTIONS.headersTimeout <= SERVER_OPTIONS.requestTimeout)
    assert.ok(SERVER_LIMITS.timeout > SERVER_OPTIONS.requestTimeout)
  })

  it('lets the controls see more than 100 headers, and refuses a head over 16 KiB by itself', async (t) => {
    const counts: number[] = []
    const server = limitServer(
      http.createServer(SERVER_OPTIONS, (request: IncomingMessage, response: ServerResponse) => {
        counts.push(request.rawHeaders.length / 2)
        response.end()
      }),
    ).listen(0, '127.0.0.1')
    await once(server, 'listening')
    t.after(() => server.close())
    const send = async (fields: string): Promise<string> => {
      const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
      let text = ''
      socket.on('data', (chunk) => (text += chunk.toString()))
      socket.write(`GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n${fields}\r\n`)
      await once(socket, 'close')
      return text
    }
    assert.match(await send('a: b\r\n'.repeat(150)), /^HTTP\/1.1 200/)
    assert.deepEqual(counts, [152])
    assert.match(await send(`a: ${'b'.repeat(17_000)}\r\n`), /^HTTP\/1.1 431/)
    assert.match(await send('Transfer-Encoding: chunked\r\nContent-Length: 3\r\n'), /^HTTP\/1.1 400/)
    assert.deepEqual(counts, [152])
  })

  it('tells an HTTP/2 client how many streams it may open', async (t) => {
    const server = http2.createServer(HTTP2_OPTIONS).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    t.after(() => {
      client.destroy()
      server.close()
    })
    const [settings] = (await once(client, 'remoteSettings')) as [http2.Settings]
    assert.equal(settings.maxConcurrentStreams, 100)
    assert.equal(settings.maxHeaderListSize, 16_384)
  })
})
