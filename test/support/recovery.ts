/** What tests of recovery do as a browser would: ask, read the letter, follow its link, send its form. */
import type { Response, TestApp } from './app.ts'
import { cookieOf, sameOrigin, signInByForm } from './browser.ts'
import { linkIn } from './mail.ts'

export const NEW_PASSWORD = 'seven geese fly over the town'

export const postForm = (app: TestApp, path: string, fields: Record<string, string>, cookie?: string): Promise<Response> =>
  app.fetch(path, { method: 'POST', headers: sameOrigin(app, cookie), body: new URLSearchParams(fields).toString() })

export const postJson = (app: TestApp, path: string, body: object, cookie?: string): Promise<Response> =>
  app.fetch(path, {
    method: 'POST',
    headers: { ...sameOrigin(app, cookie), 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(body),
  })

/** A member who can be written to. */
export async function reachableMember(app: TestApp, login = 'victim', address = `${login}@mail.example`) {
  const member = await app.signIn('member', login)
  const set = await app.holdfast.accounts.users.setAddress(
    member.userId,
    address,
    { kind: 'system', id: 'test' },
    { verified: true },
  )
  if (!set.ok) throw new Error(`no address: ${set.reason}`)
  // The address is another one, so the session from before is over.
  const cookie = cookieOf(await signInByForm(app, login))
  if (cookie === undefined) throw new Error('no session')
  return { ...member, cookie }
}

/** The link of the last letter, as `app.fetch` takes it, and its token. */
export async function lastLink(app: TestApp): Promise<{ readonly path: string; readonly token: string }> {
  const path = linkIn((await app.mails()).at(-1)!)
  return { path, token: new URL(path, app.origin).searchParams.get('token')! }
}

/** Asks for a new password and reads the link out of the letter. */
export async function recoveryLink(app: TestApp, who = 'victim', headers: Record<string, string> = {}) {
  await app.mails()
  await app.fetch('/login/recover', {
    method: 'POST',
    headers: { ...sameOrigin(app), ...headers },
    body: new URLSearchParams({ who }).toString(),
  })
  return await lastLink(app)
}
