/** Forms that wait for a proof, as a browser meets them. */
import type { Response, TestApp, TestAppOptions } from './app.ts'
import { sameOrigin } from './browser.ts'

/** Everything asks for a proof of the last five minutes. */
export const RECENT_EVERYWHERE = { authorize: { everywhere: { within: '5m' } } } as const satisfies TestAppOptions['options']

/** The page that a refused form leads to after the proof. */
export function waitingFor({ headers: { location = '' } }: Response): string {
  return new URL(location, 'http://localhost').searchParams.get('next') ?? ''
}

/** Sends a form to `/notes` whose proof is too old; where it waits. */
export async function keepNote(app: TestApp, cookie: string, body = 'text=a+walrus'): Promise<string> {
  const refused = await app.fetch('/notes', { method: 'POST', headers: sameOrigin(app, cookie), body })
  const way = waitingFor(refused)
  if (refused.status !== 303 || way === '') throw new Error(`The form was not kept: ${refused.status}.`)
  return way
}

/** Gives the proof that a refusal asks for, by the app's code. */
export async function proveAgain(app: TestApp, cookie: string, refused: Response, code: string): Promise<Response> {
  const again = await app.fetch(refused.headers.location!, { headers: { cookie, accept: 'text/html' } })
  const next = waitingFor(again.status === 303 ? again : refused)
  const body = new URLSearchParams({ code, next }).toString()
  return await app.fetch('/login/factor', { method: 'POST', headers: sameOrigin(app, cookie), body })
}

/** Name and value of each hidden input, as a browser reads them. */
export function fieldsIn({ text }: Response): (readonly [name: string, value: string])[] {
  const inputs = text.matchAll(/<input type="hidden" name="([^"]*)" value="([^"]*)"/g)
  return [...inputs].map(([, name, value]) => [decoded(name!), decoded(value!)])
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"' }

function decoded(text: string): string {
  return text.replaceAll(/&(?:(amp|lt|gt|quot)|#(\d+)|#x([\da-f]+));/gi, (_, name: string, decimal: string, hex: string) =>
    name ? ENTITIES[name]! : String.fromCodePoint(decimal ? Number(decimal) : Number.parseInt(hex, 16)),
  )
}
