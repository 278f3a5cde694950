/** Somebody else's CAPTCHA on loopback, as the documentation of siteverify describes it; it can also lie, hang and break. */
import http from 'node:http'
import type { AddressInfo } from 'node:net'

export type Mood =
  | 'honest'
  | 'never-used'
  | 'hangs'
  | 'broken'
  | 'no-json'
  | 'odd'
  | 'redirects'
  | 'wrong-secret'
  | 'internal-error'

interface Solved {
  readonly hostname: string
  readonly action?: string
  used: boolean
}

export interface FakeSiteverify extends AsyncDisposable {
  readonly url: string
  mood: Mood
  /** What was asked, as the fields of the form. */
  readonly asked: URLSearchParams[]
  /** What a browser gets that passed: a token for this host and form. */
  pass(hostname: string, action?: string): string
}

export const SECRET = 'shhh-0123456789'

export async function fakeSiteverify(): Promise<FakeSiteverify> {
  const tokens = new Map<string, Solved>()
  const asked: URLSearchParams[] = []
  const state = { mood: 'honest' as Mood, count: 0 }

  function judge(fields: URLSearchParams): object {
    if (fields.get('secret') !== SECRET || state.mood === 'wrong-secret')
      return { success: false, 'error-codes': ['invalid-input-secret'] }
    if (state.mood === 'internal-error') return { success: false, 'error-codes': ['internal-error'] }
    if (state.mood === 'odd') return { success: 'yes', hostname: 'localhost' }
    const solved = tokens.get(fields.get('response') ?? '')
    if (solved === undefined) return { success: false, 'error-codes': ['invalid-input-response'] }
    if (solved.used && state.mood !== 'never-used') return { success: false, 'error-codes': ['timeout-or-duplicate'] }
    solved.used = true
    const { hostname, action } = solved
    return {
      success: true,
      hostname,
      challenge_ts: '2026-06-01T12:00:00Z',
      'error-codes': [],
      ...(action !== undefined && { action }),
    }
  }

  async function answer(request: http.IncomingMessage, response: http.ServerResponse): Promise<unknown> {
    let body = ''
    for await (const chunk of request.setEncoding('utf8')) body += String(chunk)
    const fields = new URLSearchParams(body)
    asked.push(fields)
    if (state.mood === 'hangs') return undefined
    if (state.mood === 'broken') return response.writeHead(503).end('{"success":true,"hostname":"localhost"}')
    if (state.mood === 'redirects') return response.writeHead(302, { location: '/elsewhere' }).end()
    response.writeHead(200, { 'content-type': 'application/json' })
    return response.end(state.mood === 'no-json' ? '<html>success</html>' : JSON.stringify(judge(fields)))
  }
  const server = http.createServer((request, response) => void answer(request, response))
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}/siteverify`,
    asked,
    get mood() {
      return state.mood
    },
    set mood(mood) {
      state.mood = mood
    },
    pass(hostname, action) {
      const token = `token-${(state.count += 1)}`
      tokens.set(token, { hostname, used: false, ...(action !== undefined && { action }) })
      return token
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise<void>((resolve) => void server.close(() => resolve()))
    },
  }
}
