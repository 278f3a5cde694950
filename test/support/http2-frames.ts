/** A client of HTTP/2 that sends whatever frames it likes: for attacks that no honest client library would send. */
import { once } from 'node:events'
import { connect, type TLSSocket } from 'node:tls'

export const DATA = 0
export const HEADERS = 1
export const PRIORITY = 2
export const RST_STREAM = 3
export const SETTINGS = 4
export const PING = 6
export const GOAWAY = 7
export const WINDOW_UPDATE = 8
export const CONTINUATION = 9

export const END_STREAM = 0x1
export const END_HEADERS = 0x4

/** One frame (RFC 9113 §4.1). */
export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const head = Buffer.alloc(9)
  head.writeUIntBE(payload.length, 0, 3)
  head[3] = type
  head[4] = flags
  head.writeUInt32BE(stream, 5)
  return Buffer.concat([head, payload])
}

/** Four bytes. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}

/** A header field without compression and without an index (RFC 7541 §6.2.2). */
export function field(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.from([0, name.length]), Buffer.from(name), Buffer.from([value.length]), Buffer.from(value)])
}

/** The head of a GET request. */
export function requestHead(authority: string, path: string): Buffer {
  return Buffer.concat([field(':method', 'GET'), field(':scheme', 'https'), field(':authority', authority), field(':path', path)])
}

export interface RawClient {
  readonly socket: TLSSocket
  /** Writes, and waits while the other side does not keep up; false once the connection is closed. */
  send(...frames: readonly Buffer[]): Promise<boolean>
  /** Types of the frames that came, how often. */
  readonly received: Map<number, number>
  /** The error codes of GOAWAY frames. */
  readonly goaway: number[]
  readonly closed: boolean
  /** Waits until the other side closes, or so many milliseconds. */
  wasClosed(within: number): Promise<boolean>
}

/** Connects, says that it speaks HTTP/2, and sends its own empty SETTINGS. */
export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ALPNProtocols: ['h2'], rejectUnauthorized: false })
  await once(socket, 'secureConnect')
  const received = new Map<number, number>()
  const goaway: number[] = []
  let [closed, rest] = [false, Buffer.alloc(0)]
  socket.on('error', () => {})
  socket.on('close', () => (closed = true))
  socket.on('data', (chunk: Buffer) => {
    rest = Buffer.concat([rest, chunk])
    while (rest.length >= 9 && rest.length >= 9 + rest.readUIntBE(0, 3)) {
      const length = rest.readUIntBE(0, 3)
      received.set(rest[3]!, (received.get(rest[3]!) ?? 0) + 1)
      if (rest[3] === GOAWAY) goaway.push(rest.readUInt32BE(9 + 4))
      rest = rest.subarray(9 + length)
    }
  })
  socket.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(SETTINGS, 0, 0)]))
  return {
    socket,
    received,
    goaway,
    get closed() {
      return closed
    },
    async send(...frames) {
      if (closed) return false
      if (!socket.write(Buffer.concat(frames))) await either(socket, 'drain', 'close')
      return !closed
    },
    async wasClosed(within) {
      if (closed) return true
      await either(socket, 'close', 'close', AbortSignal.timeout(within))
      return closed
    },
  }
}

/** Waits for the first of two events, or the end of its time; leaves no listener behind. */
async function either(socket: TLSSocket, one: string, other: string, until?: AbortSignal): Promise<void> {
  const given = new AbortController()
  const signal = until ? AbortSignal.any([until, given.signal]) : given.signal
  const wait = (event: string) => once(socket, event, { signal }).catch(() => {})
  await Promise.race([wait(one), wait(other)])
  given.abort()
}
