/** Apps that sign in with tokens, for tests and attacks. */
import { PASSWORD, type Response, type TestApp } from './app.ts'

/** The application takes access tokens wherever it takes anybody. */
export const TOKENS = { accessTokens: { accept: 'everywhere' } } as const

export interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

/** Sends JSON as an app does: no cookie, nothing that a browser adds. */
export function fromApp(app: TestApp, path: string, value: object): Promise<Response> {
  return app.fetch(path, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(value) })
}

/** What an answer holds, or nothing. */
export function tokensIn({ status, text }: Response): Tokens | undefined {
  return status === 200 ? (JSON.parse(text) as Tokens) : undefined
}

/** Signs a user in with an app. */
export async function signInApp(app: TestApp, login: string): Promise<Tokens> {
  const answer = await fromApp(app, '/login', { login, password: PASSWORD, as: 'token', client: 'Phone' })
  const tokens = tokensIn(answer)
  if (!tokens) throw new Error(`no tokens: ${answer.status} ${answer.text}`)
  return tokens
}

/** Whom the application takes the bearer of a token for. */
export async function whoBears(app: TestApp, text: string): Promise<string | null> {
  const { status, text: body } = await app.fetch('/me', { headers: { authorization: `Bearer ${text}` } })
  return status === 200 ? (JSON.parse(body) as { login: string | null }).login : null
}
