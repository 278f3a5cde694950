/**
 * The way out: the session ends on the server, the cookie goes, and the browser forgets what it kept of the pages.
 * Source: OWASP Session Management Cheat Sheet, "Manual Session Expiration"; Clear-Site-Data (W3C); OWASP ASVS 5.0, 7.4.1.
 */
import { clearedData, KnownDevice } from '../../../console/browser-cookies.ts'
import { json, sentForm } from '../../../console/form.ts'
import { signOutPage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { NextSession, Session } from '../../session/slot.ts'
import { model, type Desk } from '../desk.ts'
import { objectOf } from '../../../http/openapi.ts'
import { defineDoor, type Page } from './door.ts'
import { onward } from './provider-desk.ts'

export const out = defineDoor({
  name: 'out',
  read: () => ({}),
  paths: (_, { signOutPath }) => [{ path: signOutPath, open: true }],
  operations: (_, { signOutPath }) => [
    {
      method: 'post',
      path: signOutPath,
      id: 'signOut',
      what: 'Ends the session, and whatever waits for a second factor; with `everywhere` all sessions of the user.',
      as: 'anybody',
      body: objectOf({ everywhere: { type: 'string' } }, ['everywhere']),
      answers: {
        200: {
          what: 'Done. `location`: where to send the browser, where the session came from a provider at which to sign out, too.',
          schema: objectOf({ ok: { const: true }, location: { type: 'string', format: 'uri' } }, ['location']),
        },
      },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.signOutPath]: signOut(desk) } }),
})

function signOut(desk: Desk): Page {
  const { options, accounts, cookies, waiting } = desk

  async function show(x: Exchange): Promise<Reply> {
    const session = x.get(Session)
    if (!session) return seeOther(options.path)
    const there = (await desk.wayOut(session))?.label
    return page(signOutPage({ ...model(desk, x), login: session.principal.login, cancel: options.afterSignIn, there }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const session = x.get(Session)
    const way = session ? await desk.wayOut(session) : undefined
    if (session) {
      const { id } = session.principal
      if (sent.text('everywhere') !== '') await accounts.sessions.endAll(id, { kind: 'user', id }, { exchange: x })
      else await accounts.sessions.endByToken(session.token.reveal(), x)
    }
    // A sign-in that still waits for its second factor is over, too (L11).
    const pending = waiting.read(x)
    if (pending !== undefined) await accounts.doors.secondFactor.cancel(pending)
    waiting.drop(x)
    // The session may be over already, and what would bring it back not.
    const remembered = cookies.remember.read(x)
    if (remembered !== undefined) await accounts.browsers.endByToken('remember', remembered, x)
    cookies.remember.drop(x)
    x.set(NextSession, null)
    const everywhere = sent.text('everywhere') !== ''
    const kept = cookies.trust.read(x) ?? x.get(KnownDevice)
    x.head.set('clear-site-data', clearedData(!everywhere && kept !== undefined))
    const location = await way?.go()
    if (sent.json) return json({ ok: true, ...(location !== undefined && { location }) })
    if (way === undefined || location === undefined) return seeOther(`${options.path}?signed-out`)
    const words = `You are signed out here, and sent on to ${way.label} to sign out there, too.`
    return onward(desk, x, location, { title: 'Signed out', words, way: `Continue to ${way.label}` })
  }

  return { show, act }
}
