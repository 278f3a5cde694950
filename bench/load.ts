/** A load of prepared requests over a few kept connections, one request at a time on each. */
import net from 'node:net'

export interface LoadResult {
  readonly requests: number
  /** Status of every answer, counted. */
  readonly statuses: Readonly<Record<string, number>>
  /** Milliseconds of each request, sorted. */
  readonly times: Float64Array
}

/** Sends `bytes` `total` times over `connections` sockets. */
export async function load(port: number, bytes: string, total: number, connections = 8): Promise<LoadResult> {
  const times = new Float64Array(total)
  const statuses: Record<string, number> = {}
  let sent = 0
  let done = 0
  await Promise.all(
    Array.from({ length: connections }, async () => {
      let socket = connect(port)
      while (sent < total) {
        sent++
        const start = performance.now()
        const { status, last } = await exchange(socket, bytes)
        times[done++] = performance.now() - start
        statuses[status] = (statuses[status] ?? 0) + 1
        if (last) {
          socket.destroy()
          socket = connect(port)
        }
      }
      socket.destroy()
    }),
  )
  return { requests: done, statuses, times: times.subarray(0, done).toSorted() }
}

function connect(port: number): net.Socket {
  return net.connect({ port, host: '127.0.0.1', noDelay: true })
}

/** `last`: the server closes the connection after this answer. */
function exchange(socket: net.Socket, bytes: string): Promise<{ readonly status: string; readonly last: boolean }> {
  return new Promise((resolve, reject) => {
    let text = ''
    const onData = (chunk: Buffer) => {
      text += chunk.toString('latin1')
      if (!isWhole(text)) return
      socket.off('data', onData)
      socket.off('error', reject)
      resolve({ status: text.slice(9, 12), last: /\r\nconnection: close/i.test(text) })
    }
    socket.on('data', onData)
    socket.once('error', reject)
    socket.write(bytes)
  })
}

function isWhole(text: string): boolean {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(0, end + 2))
  return length ? text.length >= end + 4 + Number(length[1]) : text.endsWith('0\r\n\r\n')
}

export function quantile(sorted: Float64Array, q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
}

export function median(values: readonly number[]): number {
  return [...values].toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
