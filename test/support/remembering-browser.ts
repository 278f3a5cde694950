/** What a browser does that stays signed in, for the attacks on it. */
import type { Response, TestApp } from './app.ts'
import { cookieOf, sameOrigin } from './browser.ts'
import { PASSWORD } from './app.ts'

/** A cookie that an answer sets, as a Cookie header; empty when it sets none of this name. */
export function cookieNamed(response: Response, name: string): string {
  const line = response.all('set-cookie').find((text) => text.startsWith(`${name}_localhost=`))
  const pair = line?.split(';')[0] ?? ''
  return pair.endsWith('=') ? '' : pair
}

/** Signs in by the page, with more fields than name and password. */
export async function signInTicking(app: TestApp, fields: Record<string, string>, cookie?: string): Promise<Response> {
  const body = new URLSearchParams({ login: 'victim', password: PASSWORD, ...fields }).toString()
  return await app.fetch('/login', { method: 'POST', headers: sameOrigin(app, cookie), body })
}

/** Goes to a page as a browser does, and gives the session that was opened by it. */
export async function visit(
  app: TestApp,
  cookie: string,
): Promise<{ readonly session: string | undefined; readonly next: string }> {
  const headers = { cookie, accept: 'text/html', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  const answer = await app.fetch('/', { headers })
  return { session: cookieOf(answer), next: cookieNamed(answer, 'hf_remember') }
}
