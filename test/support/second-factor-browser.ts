/** What a browser does at the second step, for the attacks on it. */
import type { Response, TestApp } from './app.ts'
import { cookieOf, sameOrigin, signInByForm } from './browser.ts'
import { enrol, STEP, type Authenticator } from './second-factor.ts'

/** Somebody with an authenticator app, who is signed in with it. The code of the enrolment lies one step back. */
export async function withAuthenticator(app: TestApp, login = 'victim'): Promise<Authenticator & { readonly userId: string }> {
  const { cookie, userId } = await app.signIn('member', login)
  const made = await enrol(app.holdfast.accounts, cookie.split('=')[1]!, app.clock.now)
  app.clock.advance(STEP)
  return { ...made, userId }
}

/** Gives the right password; the cookie of what waits then, or none. */
export async function passwordStep(
  app: TestApp,
  login = 'victim',
): Promise<{ readonly waiting: string; readonly answer: Response }> {
  const answer = await signInByForm(app, login)
  const line = answer.all('set-cookie').find((text) => text.startsWith('hf_pending_localhost='))
  return { waiting: line?.split(';')[0] ?? '', answer }
}

/** Types a code; the session's cookie, if it gave one. */
export async function codeStep(app: TestApp, waiting: string, code: string) {
  const body = new URLSearchParams({ code }).toString()
  const answer = await app.fetch('/login/factor', { method: 'POST', headers: sameOrigin(app, waiting), body })
  return { answer, cookie: cookieOf(answer) }
}
