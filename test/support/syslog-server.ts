/** A syslog server that takes nothing but what the RFCs allow: frames counted in octets (RFC 6587, RFC 5425), messages of RFC 5424. */
import dgram from 'node:dgram'
import { once } from 'node:events'
import net, { type AddressInfo, type Server, type Socket } from 'node:net'
import tls from 'node:tls'

export interface SyslogMessage {
  readonly priority: number
  readonly time: string
  readonly host: string
  readonly app: string
  readonly pid: string
  readonly id: string
  readonly text: string
}

const MESSAGE =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?Z) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) - ([ -~]*)$/

/** Throws for what is no message, or not in ASCII. */
export function parseMessage(bytes: Buffer): SyslogMessage {
  const match = MESSAGE.exec(bytes.toString('latin1'))
  if (!match || Number(match[1]) > 191)
    throw new Error(`This is no message of RFC 5424: ${JSON.stringify(bytes.toString('latin1').slice(0, 200))}`)
  const [, priority, time, host, app, pid, id, text] = match as unknown as string[]
  return { priority: Number(priority), time: time!, host: host!, app: app!, pid: pid!, id: id!, text: text! }
}

/** Cuts a stream into frames; what it cannot read is an error. */
function frames(take: (frame: Buffer) => void): (chunk: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (chunk) => {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const [head, digits] = /^([1-9]\d{0,5}) /.exec(rest.subarray(0, 8).toString('latin1')) ?? []
      if (head === undefined) {
        if (rest.length >= 8 || /[^\d ]/.test(rest.toString('latin1')))
          throw new Error(`No length stands before ${JSON.stringify(rest.subarray(0, 40).toString())}`)
        return
      }
      const end = head.length + Number(digits)
      if (rest.length < end) return
      take(rest.subarray(head.length, end))
      rest = rest.subarray(end)
    }
  }
}

export interface SyslogServer {
  /** Port, or 0. */
  readonly port: number
  readonly messages: SyslogMessage[]
  readonly problems: unknown[]
  /** Resolves when so many messages are here. */
  received(count: number): Promise<void>
  /** Ends every connection, and takes new ones. */
  disconnect(): void
  close(): Promise<void>
}

export type SyslogKind = 'tcp' | 'udp' | 'tls' | 'unix'

export interface SyslogServerOptions {
  readonly certificate?: { readonly key: string; readonly cert: string }
  readonly path?: string
  readonly port?: number
}

export async function startSyslog(
  kind: SyslogKind,
  { certificate, path, port = 0 }: SyslogServerOptions = {},
): Promise<SyslogServer> {
  const messages: SyslogMessage[] = []
  const problems: unknown[] = []
  const waiting = new Set<() => void>()
  const sockets = new Set<Socket>()
  const take = (bytes: Buffer) => {
    try {
      messages.push(parseMessage(bytes))
    } catch (error) {
      problems.push(error)
    }
    for (const look of waiting) look()
  }
  const serve = (socket: Socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    const read = frames(take)
    socket.on('data', (chunk) => {
      try {
        read(chunk)
      } catch (error) {
        problems.push(error)
        socket.destroy()
      }
    })
  }
  const rest = {
    messages,
    problems,
    received: (count: number) =>
      new Promise<void>((resolve) => {
        const look = () => void (messages.length >= count && waiting.delete(look) && resolve())
        waiting.add(look)
        look()
      }),
    disconnect: () => sockets.forEach((socket) => socket.destroy()),
  }
  if (kind === 'udp') {
    const socket = dgram.createSocket('udp4').on('message', take)
    socket.bind(port, '127.0.0.1')
    await once(socket, 'listening')
    return {
      ...rest,
      port: socket.address().port,
      async close() {
        // Twice is once.
        await new Promise<void>((resolve) => {
          try {
            socket.close(() => resolve())
          } catch {
            resolve()
          }
        })
      },
    }
  }
  const server: Server = kind === 'tls' ? tls.createServer(certificate!, serve) : net.createServer(serve)
  server.on('tlsClientError', () => {})
  if (path === undefined) server.listen(port, '127.0.0.1')
  else server.listen(path)
  await once(server, 'listening')
  return {
    ...rest,
    port: path === undefined ? (server.address() as AddressInfo).port : 0,
    close() {
      rest.disconnect()
      return new Promise((resolve) => void server.close(() => resolve()))
    },
  }
}
