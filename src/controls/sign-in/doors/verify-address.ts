/**
 * The page of the link that verifies an address. It works signed in or not, says whose account it is, and signs nobody in.
 * Source: OWASP ASVS 5.0 6.3.7; lesson L28.
 */
import { json, sentForm } from '../../../console/form.ts'
import { confirmLinkPage, messagePage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { model, originOf, queryText, type Desk } from '../desk.ts'
import { linkIsOver, LONGEST_TOKEN } from '../newcomer.ts'
import { defineDoor, type Page } from './door.ts'

export const verifyAddress = defineDoor({
  name: 'verifyAddress',
  read: (_, { mail }) => (mail ? {} : undefined),
  paths: (_, { verifyPath }) => [{ path: verifyPath, open: true, link: 'verify-address' }],
  operations: (_, { verifyPath }) => [
    {
      method: 'post',
      path: verifyPath,
      id: 'verifyAddress',
      what: 'Verifies the address that the link went to.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' } }),
      answers: { 200: DONE, 409: { what: 'Another account has it.' }, 410: { what: 'The link is over.' } },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.verifyPath]: verify(desk) } }),
})

function verify(desk: Desk): Page {
  const { options, accounts } = desk
  const door = accounts.doors.verifyAddress

  async function show(x: Exchange): Promise<Reply> {
    const token = queryText(x, 'token').slice(0, LONGEST_TOKEN)
    const found = await door.read(token)
    if (!found) return linkIsOver(desk, x, sentForm(x))
    const words = [
      `Is ${found.address} the address of your account ${found.login}?`,
      'If you do not know this account, close this page: it is of somebody else, and would have your address.',
    ]
    const shared = { title: 'Confirm your address', words, action: options.verifyPath, token, button: 'Confirm' }
    return page(confirmLinkPage({ ...model(desk, x), ...shared }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const done = await door.confirm(sent.text('token').slice(0, LONGEST_TOKEN), originOf(x))
    if (done.ok && sent.json) return json({ ok: true })
    const way = { path: options.afterSignIn, label: 'Go on' }
    if (done.ok) {
      const words = [`${done.address} is confirmed.`]
      return page(messagePage({ ...model(desk, x), title: 'Your address is confirmed', words, way }))
    }
    if (done.reason === 'void') return linkIsOver(desk, x, sent)
    if (sent.json) return deny(409, 'address-taken')
    const words = ['Another account has confirmed this address. Sign in with that one.']
    return page(messagePage({ ...model(desk, x), title: 'This address is taken', words, way }), 409)
  }

  return { show, act }
}
