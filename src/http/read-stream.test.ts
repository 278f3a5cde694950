import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import http, { type IncomingMessage, type ServerResponse } from 'node:http'
import http2 from 'node:http2'
import net, { type AddressInfo } from 'node:net'
import { PassThrough, Readable } from 'node:stream'
import { describe, it } from 'node:test'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import fc from 'fast-check'
import { readStream } from './read-stream.ts'

const of = (...chunks: (string | Buffer)[]): Readable =>
  Readable.from(
    chunks.map((chunk) => Buffer.from(chunk)),
    { objectMode: false },
  )

const textOf = (result: Awaited<ReturnType<typeof readStream>>): string =>
  result.ok ? result.bytes.toString() : `refused: ${result.reason}`

describe('readStream', () => {
  it('gives the bytes of one chunk, of many, and of none', async () => {
    assert.equal(textOf(await readStream(of('one'), 10)), 'one')
    assert.equal(textOf(await readStream(of('one', 'two', 'three'), 20)), 'onetwothree')
    assert.equal(textOf(await readStream(Readable.from([]), 10)), '')
  })

  it('gives what was sent, however it is cut into chunks, up to the limit and not a byte beyond', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 700 }), { maxLength: 12 }),
        fc.integer({ min: 0, max: 4000 }),
        async (parts, limit) => {
          const chunks = parts.map((part) => Buffer.from(part))
          const whole = Buffer.concat(chunks)
          const result = await readStream(
            Readable.from(
              chunks.filter((chunk) => chunk.length > 0),
              { objectMode: false },
            ),
            limit,
          )
          if (whole.length > limit) assert.deepEqual(result, { ok: false, reason: 'too-large' })
          else assert.deepEqual(result.ok && result.bytes, whole)
        },
      ),
      { numRuns: 60 },
    )
  })

  it('takes exactly the limit and refuses one byte more', async () => {
    assert.equal(textOf(await readStream(of('12345'), 5)), '12345')
    assert.equal(textOf(await readStream(of('123456'), 5)), 'refused: too-large')
    assert.equal(textOf(await readStream(of('123', '456'), 5)), 'refused: too-large')
  })

  it('asks for nothing when the declared length is over the limit', async () => {
    let asked = 0
    const stream = new Readable({ read: () => void asked++ })
    const result = await readStream(stream, 5, { expected: 6 })
    assert.equal(textOf(result), 'refused: too-large')
    assert.ok(asked <= 1, 'only to throw it away')
  })

  it('is not moved by what a finished stream still says', async () => {
    const stream = of('body')
    const result = await readStream(stream, 10)
    stream.emit('data', Buffer.from('more'))
    stream.emit('error', new Error('late'))
    stream.emit('close')
    assert.equal(textOf(result), 'body')
  })

  it('settles when the client leaves in the middle', async () => {
    const stream = new PassThrough()
    const reading = readStream(stream, 100)
    stream.write('half')
    stream.destroy()
    assert.equal(textOf(await reading), 'refused: aborted')
  })

  it('settles when the stream fails, and when it had failed before', async () => {
    const stream = new PassThrough()
    const reading = readStream(stream, 100)
    stream.destroy(new Error('reset'))
    assert.equal(textOf(await reading), 'refused: aborted')
    assert.equal(textOf(await readStream(stream, 100)), 'refused: aborted')
  })

  it('says so when somebody else has read the stream', async () => {
    const stream = of('body')
    await readStream(stream, 10)
    assert.equal(textOf(await readStream(stream, 10)), 'refused: consumed')
  })

  it('gives up on a body that does not come', async () => {
    let late: (() => void) | undefined
    const deadlines = {
      start(call: () => void) {
        late = call
        return () => void (late = undefined)
      },
    }
    const slow = new PassThrough()
    const reading = readStream(slow, 100, { deadlines })
    slow.write('slow')
    late!()
    assert.equal(textOf(await reading), 'refused: timeout')
    assert.equal(textOf(await readStream(of('quick'), 100, { deadlines })), 'quick')
    assert.equal(late, undefined)
  })

  it('throws away what comes after a refusal, so that the answer can be sent', async () => {
    const stream = new PassThrough()
    const reading = readStream(stream, 4)
    stream.write('too much')
    assert.equal(textOf(await reading), 'refused: too-large')
    stream.end('and more')
    await once(stream, 'end')
    assert.equal(stream.readableLength, 0)
  })
})

describe('readStream, decoding', () => {
  const text = 'the quick brown fox '.repeat(20)
  const coded = { gzip: gzipSync(text), deflate: deflateSync(text), br: brotliCompressSync(text), zstd: zstdCompressSync(text) }

  for (const coding of ['gzip', 'deflate', 'br', 'zstd'] as const) {
    it(`undoes ${coding}`, async () => {
      assert.equal(textOf(await readStream(of(coded[coding]), 1000, { decode: coding })), text)
    })

    it(`refuses ${coding} that is cut short, damaged, empty or followed by something`, async () => {
      const bytes = coded[coding]
      for (const bad of [
        bytes.subarray(0, -3),
        Buffer.from('nothing of the kind'),
        Buffer.alloc(0),
        Buffer.concat([bytes, Buffer.from('x')]),
      ]) {
        const stream = bad.length === 0 ? Readable.from([]) : of(bad)
        assert.equal(textOf(await readStream(stream, 1000, { decode: coding })), 'refused: malformed-encoding')
      }
    })

    it(`stops a ${coding} bomb at the limit`, async () => {
      const zeros = Buffer.alloc(2_000_000)
      const bomb = { gzip: gzipSync, deflate: deflateSync, br: brotliCompressSync, zstd: zstdCompressSync }[coding](zeros)
      assert.ok(bomb.length < 10_000)
      assert.equal(textOf(await readStream(of(bomb), 10_000, { decode: coding })), 'refused: too-large')
    })
  }

  it('refuses a zstd frame that asks for a window above 8 MiB', async () => {
    const frame = Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x88, 0x01, 0x00, 0x00])
    assert.equal(textOf(await readStream(of(frame), 1000, { decode: 'zstd' })), 'refused: malformed-encoding')
  })

  it('counts the coded bytes as well', async () => {
    assert.equal(textOf(await readStream(of(coded.gzip), 10, { decode: 'gzip' })), 'refused: too-large')
  })
})

describe('readStream on a socket', () => {
  const results = new EventEmitter()
  const listener = (request: IncomingMessage, response: ServerResponse): void => {
    void readStream(request, 1000).then((result) => {
      results.emit('result', result.ok ? result.bytes.length : result.reason)
      response.statusCode = result.ok ? 200 : 413
      response.end()
    })
  }

  async function withSocket(use: (socket: net.Socket) => Promise<void>): Promise<void> {
    const server = http.createServer(listener).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const socket = net.connect((server.address() as AddressInfo).port, '127.0.0.1')
    socket.on('error', () => {})
    await use(socket)
    socket.destroy()
    server.closeAllConnections()
    server.close()
  }

  it('reads a chunked body over HTTP/1.1', () =>
    withSocket(async (socket) => {
      socket.write('POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n')
      assert.deepEqual(await once(results, 'result'), [5])
    }))

  it('settles when the HTTP/1.1 client hangs up', () =>
    withSocket(async (socket) => {
      const result = once(results, 'result')
      socket.end('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nabc')
      assert.deepEqual(await result, ['aborted'])
    }))

  for (const code of ['NGHTTP2_CANCEL', 'NGHTTP2_NO_ERROR'] as const) {
    it(`does not take an HTTP/2 stream reset with ${code} for a whole body`, async (t) => {
      const server = http2.createServer()
      server.on('request', listener as never)
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const client = http2.connect(`http://127.0.0.1:${(server.address() as AddressInfo).port}`)
      t.after(() => {
        client.destroy()
        server.close()
      })
      const post = (): http2.ClientHttp2Stream => client.request({ ':method': 'POST', ':path': '/' }).on('error', () => {})

      const whole = once(results, 'result')
      post().end('abc')
      assert.deepEqual(await whole, [3])

      const cut = once(results, 'result')
      const arrived = once(server, 'request')
      const request = post()
      request.write('abc')
      await once((await arrived)[0] as EventEmitter, 'data')
      request.close(http2.constants[code])
      assert.deepEqual(await cut, ['aborted'])
    })
  }
})
