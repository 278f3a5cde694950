import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'
import { crossSite, FORM } from '../support/browser.ts'

/** Posts from another site, once for each way to declare the body; whether a handler ran. */
async function post(app: TestApp, bodies: readonly (readonly [type: string | undefined, body: string])[]): Promise<boolean> {
  const { cookie } = await app.signIn('member')
  for (const [type, body] of bodies) {
    const { 'content-type': _, ...headers } = crossSite(cookie)
    await app.fetch('/notes', {
      method: 'POST',
      headers: type === undefined ? headers : { ...headers, 'content-type': type },
      body,
    })
  }
  return app.state.notes.length > 0
}

const PARTS = '--x\r\ncontent-disposition: form-data; name="text"\r\n\r\nowned\r\n--x--\r\n'

export default [
  defineAttack({
    id: 'A06',
    title: 'spells the type of a form in another case, so that a check by type does not see it',
    control: 'csrf',
    adapters: 'all',
    succeeds: (app) =>
      post(app, [
        ['Application/X-WWW-Form-UrlEncoded', 'text=owned'],
        [`${FORM};CHARSET=UTF-8`, 'text=owned'],
      ]),
  }),
  defineAttack({
    id: 'A07',
    title: 'sends no type at all, so that a check by type has nothing to look at',
    control: 'csrf',
    adapters: 'all',
    succeeds: (app) =>
      post(app, [
        [undefined, ''],
        ['', ''],
      ]),
  }),
  defineAttack({
    id: 'A08',
    title: 'sends types that need no preflight, with parameters that look like others',
    control: 'csrf',
    adapters: 'all',
    succeeds: (app) =>
      post(app, [
        ['text/plain; application/json', '{"text":"owned"}'],
        ['text/plain', 'text=owned'],
        ['multipart/form-data; boundary=x', PARTS],
      ]),
  }),
]
