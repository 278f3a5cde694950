import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import {
  CONTINUATION,
  DATA,
  END_STREAM,
  END_HEADERS,
  field,
  frame,
  HEADERS,
  PING,
  rawClient,
  requestHead,
  RST_STREAM,
  SETTINGS,
  uint32,
  WINDOW_UPDATE,
} from '../../test/support/http2-frames.ts'
import type { Guard } from '../engine/carrier.ts'
import type { Report } from '../engine/events.ts'
import { localCertificate } from '../tls/local.ts'
import type { Http2Limits } from './http2-watch.ts'
import { createServer, drain } from './server.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-http2-'))
const servers: Server[] = []
after(async () => {
  await Promise.all(servers.map((server) => drain(server, 0)))
  rmSync(folder, { recursive: true, force: true })
})
const ENHANCE_YOUR_CALM = 11

async function watched(limits: Partial<Http2Limits> = {}, body = 'hi') {
  const { key, cert } = await localCertificate(folder)
  const reports: Report[] = []
  let [time, served] = [Date.now(), 0]
  const guard = { emit: (report: Report) => void reports.push(report), now: () => time } as unknown as Guard
  const server = createServer(guard, (_request, response) => void (served++, response.end(body)), {
    tls: { key, cert, http2: limits },
  })
  server.listen(0, '127.0.0.1')
  servers.push(server)
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return { port, reports, served: () => served, later: (milliseconds: number) => void (time += milliseconds) }
}

const many = (count: number, bytes: Buffer) => Array<Buffer>(count).fill(bytes)
const ping = frame(PING, 0, 0, Buffer.alloc(8))
const get = (stream: number) => frame(HEADERS, END_HEADERS | END_STREAM, stream, requestHead('localhost', '/'))

describe('a connection of HTTP/2', () => {
  it('is closed for a flood that Node answers, and that stands in the log', async () => {
    for (const [attack, bytes, limit] of [
      ['settings-flood', frame(SETTINGS, 0, 0), 20],
      ['ping-flood', ping, 60],
    ] as const) {
      const { port, reports } = await watched()
      const client = await rawClient(port)
      // The SETTINGS that every connection begins with count as well.
      await client.send(...many(limit - 1, bytes))
      assert.equal(await client.wasClosed(50), false)
      await client.send(...many(2, bytes))
      assert.equal(await client.wasClosed(5000), true)
      // What is on its way when the connection breaks may be lost; nothing else may have been said.
      assert.ok([ENHANCE_YOUR_CALM, undefined].includes(client.goaway[0]), String(client.goaway[0]))
      assert.deepEqual(reports, [{ type: 'malicious_http2', data: { attack, peer: '127.0.0.1' } }])
    }
  })

  it('that Node closes stands in the log too', async () => {
    const { port, reports } = await watched()
    const client = await rawClient(port)
    await client.send(
      frame(HEADERS, END_STREAM, 1, requestHead('localhost', '/')),
      ...many(100, frame(CONTINUATION, 0, 1, field('a', 'b'))),
    )
    assert.equal(await client.wasClosed(5000), true)
    assert.equal(reports[0]?.data?.['attack'], 'protocol-error')
    assert.match(String(reports[0]?.data?.['error']), /CONTINUATION/)
  })

  it('does not begin what is taken back in the same breath', async () => {
    const { port, served } = await watched()
    const client = await rawClient(port)
    const pairs = Array.from({ length: 50 }, (_, at) =>
      Buffer.concat([get(2 * at + 1), frame(RST_STREAM, 0, 2 * at + 1, uint32(8))]),
    )
    await client.send(...pairs, get(101))
    for (let waited = 0; waited < 200 && served() === 0; waited++) await client.wasClosed(10)
    assert.equal(served(), 1)
    client.socket.destroy()
  })

  it('is ended kindly after its last request, and when nobody asks any more', async () => {
    const full = await watched({ requestsPerConnection: 3 })
    const client = await rawClient(full.port)
    await client.send(get(1), get(3), get(5))
    assert.equal(await client.wasClosed(5000), true)
    assert.deepEqual([full.served(), client.goaway.at(-1), full.reports], [3, 0, []])
    const idle = await rawClient((await watched({ idleTimeout: 30 })).port)
    assert.equal(await idle.wasClosed(5000), true)
    assert.equal(idle.goaway.at(-1), 0)
  })

  it('has answers that nobody takes ended, also while it is kept alive, and is closed when they are many; who goes on reading has them', async () => {
    const body = 'x'.repeat(100_000)
    const { port, reports, served, later } = await watched({ answerTimeout: 100 }, body)
    const noWindow = frame(SETTINGS, 0, 0, Buffer.concat([Buffer.from([0, 4]), uint32(0)]))
    const until = async (done: () => boolean) => {
      for (let waited = 0; waited < 500 && !done(); waited++) await client.wasClosed(10)
    }
    let client = await rawClient(port)
    await client.send(noWindow, get(1), get(3))
    await until(() => client.received.get(HEADERS) === 2)
    await client.wasClosed(60) // looked at once
    later(95_000) // within 100 ms and the 97 s that 100 kB may take
    await client.wasClosed(60)
    assert.equal(client.received.get(RST_STREAM), undefined)
    // One of the two is taken after all.
    await client.send(frame(WINDOW_UPDATE, 0, 0, uint32(200_000)), frame(WINDOW_UPDATE, 0, 3, uint32(100_000)))
    await until(() => (client.received.get(DATA) ?? 0) > 6)
    later(5000)
    await client.send(ping)
    await until(() => client.received.has(RST_STREAM))
    assert.deepEqual([client.received.get(RST_STREAM), client.closed, reports], [1, false, []])
    client.socket.destroy()

    client = await rawClient(port)
    await client.send(noWindow, ...Array.from({ length: 30 }, (_, at) => get(2 * at + 1)))
    await until(() => client.received.get(HEADERS) === 30)
    assert.equal(served(), 32)
    await client.wasClosed(60)
    later(100_000)
    assert.equal(await client.wasClosed(5000), true)
    assert.deepEqual(reports, [{ type: 'malicious_http2', data: { attack: 'stalled-reader', peer: '127.0.0.1' } }])
  })

  it('is not opened for a network that was closed too often, until a while has passed', async () => {
    const { port, reports, served, later } = await watched({ abusesPerMinute: 2 })
    for (let round = 0; round < 2; round++) {
      const client = await rawClient(port)
      await client.send(...many(200, ping))
      await client.wasClosed(5000)
    }
    const refused = await rawClient(port)
    await refused.send(get(1))
    assert.equal(await refused.wasClosed(5000), true)
    assert.equal(served(), 0)
    assert.equal(reports.length, 2)
    later(60_000)
    const again = await rawClient(port)
    await again.send(get(1))
    for (let waited = 0; waited < 200 && served() === 0; waited++) await again.wasClosed(10)
    assert.equal(served(), 1)
    again.socket.destroy()
  })
})
