/** A server on loopback that takes what alerts send, keeps it, and answers as it is told. */
import http, { type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Taken {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface AlertServer {
  readonly url: string
  readonly taken: Taken[]
  /** For the option of a channel: this server stands on loopback. */
  readonly reach: { readonly insecureAllowHosts: { hosts: string[]; reason: string; until: string } }
  /** What the next requests are answered. @default 200 */
  answer: { status: number; headers?: Record<string, string> }
  [Symbol.asyncDispose](): Promise<void>
}

export async function alertServer(): Promise<AlertServer> {
  const taken: Taken[] = []
  const server = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8').on('data', (text: string) => void (body += text))
    request.on('end', () => {
      const { status, headers = {} } = made.answer
      if (status < 300) taken.push({ path: request.url ?? '', headers: request.headers, body })
      response.writeHead(status, headers).end()
    })
  })
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`
  const made: AlertServer = {
    url: `http://${host}/hook`,
    taken,
    reach: { insecureAllowHosts: { hosts: [host], reason: 'a peer of a test, on loopback', until: '2099-01-01' } },
    answer: { status: 200 },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => void server.close(resolve))
    },
  }
  return made
}
