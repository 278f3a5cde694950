/** What a browser would send, in the attacks that go through one. */
import { PASSWORD, type Response, type TestApp } from './app.ts'

export const FORM = 'application/x-www-form-urlencoded'

/** Headers of a form on another site, with the victim's cookie. */
export function crossSite(cookie: string): Record<string, string> {
  return { cookie, origin: 'https://evil.example', 'sec-fetch-site': 'cross-site', 'content-type': FORM }
}

/** Headers of a form on our own page. */
export function sameOrigin(app: TestApp, cookie?: string): Record<string, string> {
  return {
    origin: app.origin,
    'sec-fetch-site': 'same-origin',
    'content-type': FORM,
    accept: 'text/html',
    ...(cookie !== undefined && { cookie }),
  }
}

/** Signs in through the page; `cookie` is what the browser held before. */
export function signInByForm(
  app: TestApp,
  login: string,
  { password = PASSWORD, cookie, headers = {} }: { password?: string; cookie?: string; headers?: Record<string, string> } = {},
): Promise<Response> {
  return app.fetch('/login', {
    method: 'POST',
    headers: { ...sameOrigin(app, cookie), ...headers },
    body: new URLSearchParams({ login, password }).toString(),
  })
}

/** The session cookie that an answer sets, as a Cookie header; `undefined` when it sets none. */
export function cookieOf(response: Response): string | undefined {
  const line = response.all('set-cookie').find((text) => /^(?:__Host-hf_sid|hf_sid_localhost)=[\w-]/.test(text))
  return line?.split(';')[0]
}

/** Whom the application takes the bearer of a cookie for. */
export async function whoIs(app: TestApp, cookie: string): Promise<string | null> {
  const { status, text } = await app.fetch('/me', { headers: { cookie } })
  return status === 200 ? (JSON.parse(text) as { login: string | null }).login : null
}
