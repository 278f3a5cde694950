/** Somebody who uses the application over HTTP as a browser would: keeps cookies, sends what the site's own pages send. */
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
  /** The body as JSON; throws where it is none. */
  json(): unknown
}

export interface Sending {
  readonly headers?: Readonly<Record<string, string>>
  /** Fields of a form. */
  readonly form?: Readonly<Record<string, string>>
  readonly json?: unknown
}

export interface Client {
  /** By name. */
  readonly cookies: Map<string, string>
  get(path: string, sending?: Pick<Sending, 'headers'>): Promise<Answer>
  post(path: string, sending?: Sending): Promise<Answer>
  /** Any method. Redirects are not followed: they are an answer. */
  send(method: string, path: string, sending?: Sending): Promise<Answer>
}

/** `origin`: of the application, which listens on loopback. */
export function createClient(origin: string): Client {
  const cookies = new Map<string, string>()
  const { port } = new URL(origin)

  function keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';')
      const [name = '', value = ''] = pair.split(/=(.*)/s)
      const gone = attributes.some((attribute) => /^\s*max-age=(?:0|-)/i.test(attribute))
      if (gone || value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
  }

  async function send(method: string, path: string, { headers = {}, form, json }: Sending = {}): Promise<Answer> {
    const body = form ? new URLSearchParams(form).toString() : json === undefined ? undefined : JSON.stringify(json)
    const type = form ? 'application/x-www-form-urlencoded' : 'application/json'
    const answer = await exchange(
      { host: '127.0.0.1', port, path, method, agent: false },
      {
        host: new URL(origin).host,
        ...(cookies.size > 0 && { cookie: [...cookies].map((pair) => pair.join('=')).join('; ') }),
        ...(method !== 'GET' && method !== 'HEAD' && { origin, 'sec-fetch-site': 'same-origin' }),
        ...(body !== undefined && { 'content-type': type, 'content-length': String(Buffer.byteLength(body)) }),
        ...headers,
      },
      body,
    )
    keep(answer.headers['set-cookie'] ?? [])
    return answer
  }

  return {
    cookies,
    send,
    get: (path, sending) => send('GET', path, sending),
    post: (path, sending) => send('POST', path, sending),
  }
}

interface Where {
  readonly host: string
  readonly port: string
  readonly path: string
  readonly method: string
  readonly agent: false
}

function exchange(where: Where, headers: Readonly<Record<string, string>>, body: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request({ ...where, headers }, (response) => void read(response).then(resolve, reject))
    sent.on('error', reject)
    sent.end(body)
  })
}

async function read(response: IncomingMessage): Promise<Answer> {
  const chunks: Buffer[] = []
  for await (const chunk of response) chunks.push(chunk as Buffer)
  const text = Buffer.concat(chunks).toString()
  return { status: response.statusCode ?? 0, headers: response.headers, text, json: () => JSON.parse(text) as unknown }
}
