/** Somebody with a passkey, for the attacks on it: enrolled as its owner would, over the application's own accounts. */
import type { TestApp } from './app.ts'
import { softAuthenticator, type BroughtBackJson, type SoftAuthenticator } from './authenticator.ts'
import { cookieOf, sameOrigin } from './browser.ts'

export const PASSKEYS = { signIn: { passkey: true } } as const

export interface Owner {
  readonly authenticator: SoftAuthenticator
  /** A Cookie header: the session in which it was enrolled. */
  readonly cookie: string
  readonly token: string
  readonly userId: string
  /** Ours, of the passkey. */
  readonly id: string
}

/** A member with a passkey that they can sign in with. */
export async function withPasskey(app: TestApp, login: string): Promise<Owner> {
  const { cookie, userId } = await app.signIn('member', login)
  const authenticator = softAuthenticator({ origin: app.origin })
  const { passkeys } = app.holdfast.accounts
  const token = cookie.split('=')[1]!
  const ceremony = await passkeys.begin({ token, purpose: 'passkey' })
  const from = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }
  const made = await passkeys.confirm({ token, response: authenticator.create(ceremony!) }, from)
  if (!made.ok) throw new Error(`no passkey: ${made.reason}`)
  const own = made.token.reveal()
  return { authenticator, cookie: `hf_sid_localhost=${own}`, token: own, userId, id: made.passkey.id }
}

/** What the page's script does first: what is asked, and the cookie that ties it to the browser. */
export async function ask(app: TestApp, path = '/login/passkey/options', cookie?: string, body: object = {}) {
  const headers = { ...sameOrigin(app, cookie), 'content-type': 'application/json', accept: 'application/json' }
  const answer = await app.fetch(path, { method: 'POST', headers, body: JSON.stringify(body) })
  if (answer.status !== 200) throw new Error(`nothing was asked: ${answer.status} ${answer.text}`)
  const own = answer.all('set-cookie').map((line) => line.split(';')[0]!)
  return { ceremony: JSON.parse(answer.text) as { publicKey: Record<string, unknown> }, browser: own.join('; ') }
}

/** What it does then: sends the form. The session's cookie, if it gave one. */
export async function bring(app: TestApp, response: BroughtBackJson, cookie: string, path = '/login/passkey') {
  const body = new URLSearchParams({ response: JSON.stringify(response) }).toString()
  const answer = await app.fetch(path, { method: 'POST', headers: sameOrigin(app, cookie), body })
  return { answer, session: cookieOf(answer) }
}

/** The whole way in. */
export async function enter(app: TestApp, { authenticator }: Pick<Owner, 'authenticator'>) {
  const { ceremony, browser } = await ask(app)
  return await bring(app, authenticator.get(ceremony), browser)
}

/** Proves that the way in works, so that an attack that fails has failed for the right reason. */
export async function mustEnter(app: TestApp, owner: Pick<Owner, 'authenticator'>): Promise<string> {
  const { session, answer } = await enter(app, owner)
  if (session === undefined) throw new Error(`The owner's passkey does not work at all: ${answer.status}`)
  return session
}
