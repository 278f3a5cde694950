/**
 * The log at a syslog server: datagrams, or a stream with a bounded queue that connects again when it is lost.
 * A stream has no acknowledgements: what the system has taken from us may still be lost with the connection (RFC 6587 §3.1).
 */
import dgram from 'node:dgram'
import net, { type Socket } from 'node:net'
import tls from 'node:tls'
import type { LogSink, SinkHealth } from './sink.ts'
import { counted, syslogMessage } from './syslog-message.ts'
import type { SyslogTarget } from './syslog-options.ts'

/** What may wait for a server that is away. */
const MOST_WAITING = 2000
const MOST_BYTES = 2_097_152
const LARGEST_DATAGRAM = 2048
/** Milliseconds: before the first attempt to connect again, at most, for one attempt, and at the end. */
const AGAIN = 500
const AGAIN_AT_MOST = 30_000
const CONNECTING = 5000
const GRACE = 1000

export function syslogSink(target: SyslogTarget, health: SinkHealth): LogSink {
  const sender = target.kind === 'udp' ? datagrams(target.address, target.port, health) : stream(() => connect(target), health)
  const longest = target.kind === 'udp' ? LARGEST_DATAGRAM : undefined
  return {
    name: 'syslog',
    get lost() {
      return health.lost
    },
    write: (event) => sender.send(syslogMessage(event, target, longest)),
    close: () => sender.close(),
  }
}

interface Sender {
  send(message: Buffer): void
  close(): Promise<void>
}

function connect(target: Exclude<SyslogTarget, { kind: 'udp' }>): Socket {
  if (target.kind === 'unix') return net.connect({ path: target.path })
  const { address: host, port } = target as { address: string; port: number }
  if (target.kind === 'tcp') return net.connect({ host, port })
  const name = net.isIP(host) === 0 ? { servername: host } : {}
  // Said here, so that NODE_TLS_REJECT_UNAUTHORIZED of the environment changes nothing.
  const trust = { minVersion: 'TLSv1.2', rejectUnauthorized: true } as const
  return tls.connect({ host, port, ...name, ...trust, ...(target.ca !== undefined && { ca: target.ca }) })
}

/** Sent and forgotten. The system says when nobody takes them, of the one before, where it knows. */
function datagrams(address: string, port: number, health: SinkHealth): Sender {
  const socket = dgram.createSocket({ type: net.isIP(address) === 6 ? 'udp6' : 'udp4' })
  let sending = 0
  let closed = false
  socket.unref()
  socket.on('error', (error) => health.lose(error))
  return {
    send(message) {
      if (closed || sending >= MOST_WAITING) return health.lose('queue-full')
      sending++
      socket.send(message, port, address, (error) => {
        sending--
        if (error) health.lose(error)
        else health.written()
      })
    },
    async close() {
      if (closed) return
      closed = true
      const end = Date.now() + GRACE
      while (sending > 0 && Date.now() < end) await new Promise((resolve) => setImmediate(resolve))
      socket.close()
    },
  }
}

function stream(open: () => Socket, health: SinkHealth): Sender {
  /** In order; those at the front may be with the system already, and stay until it has taken them. */
  const queue: Buffer[] = []
  let [bytes, handed, wait] = [0, 0, AGAIN]
  let socket: Socket | undefined
  let ready = false
  let timer: NodeJS.Timeout | undefined
  let closing = false
  let emptied = () => {}

  function send(message: Buffer): void {
    const frame = counted(message)
    if (closing || queue.length >= MOST_WAITING || bytes + frame.length > MOST_BYTES) return health.lose('queue-full')
    queue.push(frame)
    bytes += frame.length
    if (ready) flush()
    else if (socket === undefined && timer === undefined) start()
  }

  function start(): void {
    timer = undefined
    const own = (socket = open())
    own.setTimeout(CONNECTING, () => own.destroy(new Error('The server did not answer in time.')))
    own.once(own instanceof tls.TLSSocket ? 'secureConnect' : 'connect', () => {
      own.setTimeout(0)
      own.setKeepAlive(true, 60_000)
      own.unref()
      ready = true
      flush()
    })
    own.on('drain', flush)
    // What it says is nothing to us; reading is how its end is seen.
    own.resume()
    own.on('error', (error) => health.lose(error, 0))
    own.on('end', () => own.destroy())
    own.once('close', () => (socket === own ? lost() : undefined))
  }

  /** Begins again with the first frame that was not taken; what was sent in part is sent again as a whole. */
  function lost(): void {
    socket = undefined
    ready = false
    handed = 0
    health.lose('connection', 0)
    if (closing) return emptied()
    timer = setTimeout(start, wait)
    timer.unref()
    wait = Math.min(AGAIN_AT_MOST, wait * 2)
  }

  function flush(): void {
    const own = socket!
    while (ready && socket === own && handed < queue.length && !own.writableNeedDrain) {
      const frame = queue[handed++]!
      own.write(frame, (error) => (error || socket !== own ? undefined : taken(frame)))
    }
  }

  function taken(frame: Buffer): void {
    queue.shift()
    handed--
    bytes -= frame.length
    wait = AGAIN
    health.written()
    if (queue.length === 0) emptied()
  }

  async function close(): Promise<void> {
    closing = true
    clearTimeout(timer)
    if (socket && queue.length > 0) {
      await new Promise<void>((resolve) => {
        const late = setTimeout(resolve, GRACE)
        emptied = () => (clearTimeout(late), resolve())
      })
    }
    if (queue.length > 0) health.lose('closed', queue.length)
    socket?.end()
    socket?.unref()
    setTimeout(() => socket?.destroy(), GRACE).unref()
  }

  return { send, close }
}
