/** For attacks on forms: the same is sent to a route that trusts what comes, where it must succeed, and then to a form. */
import type { Response, TestApp } from './app.ts'
import { openPage, postForm, type Texts } from './form-client.ts'

/** What the form of an order needs beside what the attacker adds. */
export const ORDER = { title: 'Herons', count: '2', size: 'large', agreed: 'on' }
export const ORDER_JSON = { title: 'Herons', count: 2, size: 'large', agreed: true }

/** And a shipment, whose form is made by a schema. */
export const SHIPMENT = {
  ...{ to: 'Mira', mail: 'mira@example.org', speed: 'slow', gift: false },
  ...{ address: { city: 'Kiel', country: 'de' }, lines: [{ what: 'A heron', amount: 2 }] },
}
export const SHIPMENT_TEXTS = {
  ...{ to: 'Mira', mail: 'mira@example.org', speed: 'slow', 'address.city': 'Kiel', 'address.country': 'de' },
  ...{ 'lines[0].what': 'A heron', 'lines[0].amount': '2' },
}

export const sendJson = (app: TestApp, path: string, value: unknown): Promise<Response> =>
  app.fetch(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: typeof value === 'string' ? value : JSON.stringify(value),
  })

/**
 * Whether the attack works at the form. Throws when it does not work at the route that trusts: what cannot succeed anywhere proves nothing.
 * `got` looks at what the handler was given, and at the answer.
 */
export async function triedAtBoth(
  app: TestApp,
  attack: { readonly texts?: Texts; readonly json?: unknown; readonly at?: string },
  got: (accepted: Readonly<Record<string, unknown>> | undefined, answer: Response) => boolean,
): Promise<boolean> {
  const last = () => app.state.forms.accepted.splice(0).at(-1) as Readonly<Record<string, unknown>> | undefined
  const send = (path: string) =>
    attack.texts ? postForm(app, path, { ...ORDER, ...attack.texts }) : sendJson(app, path, attack.json)
  const trusted = await send('/trusting')
  if (!got(last(), trusted)) throw new Error('It did not succeed where everything is trusted.')
  const answer = await send(attack.at ?? (attack.texts ? '/order' : '/api/order'))
  return got(last(), answer)
}

/** A page of the payment form, opened by somebody. */
export const openPayment = (app: TestApp, cookie?: string) => openPage(app, '/payment', cookie)
