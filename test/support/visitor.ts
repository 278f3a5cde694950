/** Somebody who uses an example over HTTP, without a browser: keeps cookies, fills in forms, trusts the certificate it made. */
import http, { type ClientRequest, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'
import https from 'node:https'
import { join } from 'node:path'
import { localCertificate } from '../../src/tls/local.ts'
import type { Example } from './example.ts'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

export interface Sending {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  /** Fields of a form; the token of a page goes in like any other. */
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
}

export type Beginning = Pick<Sending, 'method' | 'headers'>

export interface Visitor {
  readonly cookies: Map<string, string>
  /** A GET, or with `form` or `json` a POST. */
  send(path: string, sending?: Sending): Promise<Answer>
  /** A request that has only begun: the caller writes the body and ends it. */
  begin(path: string, options: Beginning): ClientRequest
  /** The hidden field that the forms of a page carry. */
  token(path: string): Promise<string>
  /** Makes the first administrator and is signed in as them. */
  setUp(login: string, password: string, code?: string): Promise<Answer>
  signIn(login: string, password: string): Promise<Answer>
}

export async function visitor({ origin, port, data, setUpCode }: Example): Promise<Visitor> {
  const secure = origin.startsWith('https:')
  const ca = secure ? (await localCertificate(join(data, 'tls'))).ca : undefined
  const cookies = new Map<string, string>()

  function begin(path: string, options: Beginning): ClientRequest {
    const headers = { cookie: [...cookies].map((pair) => pair.join('=')).join('; '), ...options.headers }
    const where = { host: 'localhost', port, path, agent: false } as const
    return secure ? https.request({ ...options, ...where, headers, ca }) : http.request({ ...options, ...where, headers })
  }

  async function send(path: string, { method, headers = {}, form, json }: Sending = {}): Promise<Answer> {
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? '' : JSON.stringify(json)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const own = body === '' && !form ? {} : { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }
    const usual = method ?? (form || json !== undefined ? 'POST' : 'GET')
    const answer = await answerTo(begin(path, { method: usual, headers: { accept: 'text/html', ...own, ...headers } }), body)
    keep(answer.headers['set-cookie'] ?? [])
    return answer
  }

  function keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      if (value === '' || /max-age=0/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
  }

  const signIn = (login: string, password: string) => send('/login', { form: { login, password } })
  return {
    cookies,
    send,
    begin,
    signIn,
    async token(path) {
      const { text } = await send(path)
      const value = /name="_csrf" value="([^"]+)"/.exec(text)?.[1]
      if (value === undefined) throw new Error(`${path} has no form with a token: ${text.slice(0, 500)}`)
      return value
    },
    setUp: (login, password, code = setUpCode ?? '') =>
      send('/setup', { form: { code, login, displayName: login, password, passwordAgain: password } }),
  }
}

/** Ends the request with the body, and reads the answer whole. */
export function answerTo(request: ClientRequest, body: string | Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    request.on('error', reject)
    request.on('response', (response: IncomingMessage) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('error', reject)
      response.on('end', () =>
        resolve({ status: response.statusCode!, headers: response.headers, text: Buffer.concat(chunks).toString() }),
      )
    })
    request.end(body)
  })
}
