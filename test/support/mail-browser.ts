/** A browser that keeps its cookies and reads its mail, for tests of what comes by mail and for attacks on it. */
import type { Response, TestApp } from './app.ts'
import { FORM } from './browser.ts'
import { linkIn } from './mail.ts'

export interface MailBrowser {
  readonly cookies: Map<string, string>
  get(path: string): Promise<Response>
  /** A form of our own page. */
  post(path: string, fields?: Record<string, string>): Promise<Response>
  /** The same as a program. */
  json(path: string, body?: object): Promise<Response>
  /** The cookie of a session, where there is one. */
  session(): string | undefined
}

export function mailBrowser(app: TestApp): MailBrowser {
  const cookies = new Map<string, string>()

  async function send(path: string, headers: Record<string, string>, body?: string): Promise<Response> {
    const cookie = [...cookies].map((pair) => pair.join('=')).join('; ')
    const method = body === undefined ? 'GET' : 'POST'
    const answer = await app.fetch(path, {
      method,
      headers: { ...headers, ...(cookie !== '' && { cookie }) },
      ...(body !== undefined && { body }),
    })
    for (const line of answer.all('set-cookie')) keep(line)
    return answer
  }

  function keep(line: string): void {
    const [pair = '', ...attributes] = line.split('; ')
    const at = pair.indexOf('=')
    if (attributes.some((one) => /^max-age=0$/i.test(one))) cookies.delete(pair.slice(0, at))
    else cookies.set(pair.slice(0, at), pair.slice(at + 1))
  }

  const own = { origin: app.origin, 'sec-fetch-site': 'same-origin', accept: 'text/html' }
  return {
    cookies,
    get: (path) => send(path, { accept: 'text/html' }),
    post: (path, fields = {}) => send(path, { ...own, 'content-type': FORM }, new URLSearchParams(fields).toString()),
    json: (path, body = {}) =>
      send(path, { ...own, accept: 'application/json', 'content-type': 'application/json' }, JSON.stringify(body)),
    session: () => cookies.get('hf_sid_localhost') ?? cookies.get('__Host-hf_sid'),
  }
}

/** Somebody with a verified address and a password. */
export async function withMailbox(app: TestApp, login = 'ada', role: 'member' | 'admin' = 'member'): Promise<string> {
  const { userId } = await app.signIn(role, login)
  const actor = { kind: 'system', id: 'test' } as const
  await app.holdfast.accounts.users.setAddress(userId, `${login}@example.org`, actor, { verified: true })
  return userId
}

/** The token in the link of the only letter. */
export async function tokenInMail(app: TestApp): Promise<string> {
  const [mail] = await app.mails()
  if (!mail) throw new Error('There is no letter.')
  return new URLSearchParams(linkIn(mail).split('?')[1]).get('token') ?? ''
}

/** The code in the only letter. */
export async function codeInMail(app: TestApp): Promise<string> {
  const [mail] = await app.mails()
  const [, one, two] = /(\d{4}) (\d{4})/.exec(mail?.text ?? '') ?? []
  if (one === undefined) throw new Error('There is no letter with a code.')
  return `${one}${two}`
}
