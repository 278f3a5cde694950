/**
 * Proves again who a signed-in user is, for routes that want a recent proof: whoever finds an unlocked screen gets no further.
 * Source: OWASP ASVS 5.0, 7.5.3; NIST SP 800-63B, section 7.2.
 */
import type { SignIn } from '../../../accounts/types.ts'
import { sentForm } from '../../../console/form.ts'
import { reAuthenticatePage, type ReAuthenticateModel } from '../../../console/pages/index.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { Session, type CurrentSession } from '../../session/slot.ts'
import {
  admit,
  askForMore,
  carriedNext,
  destination,
  LONGEST,
  model,
  originOf,
  queryText,
  turnAway,
  withNext,
  type Desk,
} from '../desk.ts'
import { SIGNED_IN } from '../answers.ts'
import { objectOf } from '../../../http/openapi.ts'
import { defineDoor, type Page } from './door.ts'

const NOBODY = deny(401, 'sign-in-required')

export const again = defineDoor({
  name: 'again',
  read: () => ({}),
  paths: (_, { againPath }) => [{ path: againPath, open: false }],
  operations: (_, { againPath }) => [
    {
      method: 'post',
      path: againPath,
      id: 'provePasswordAgain',
      what: 'Proves again who is signed in, by the password.',
      as: 'session',
      body: objectOf({ password: { type: 'string' }, next: { type: 'string' } }, ['next']),
      answers: { 200: SIGNED_IN, 401: { what: 'Not right, or a second factor is needed.' }, 429: { what: 'Too many attempts.' } },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.againPath]: proveAgain(desk) } }),
})

function proveAgain(desk: Desk): Page {
  const { accounts, options } = desk

  /** Who has a second factor proves it with that one: a password alone may have been told or watched. */
  async function show(x: Exchange): Promise<Reply> {
    const session = x.get(Session)
    if (!session) return NOBODY
    const next = queryText(x, 'next')
    const { kinds } = await accounts.factors.of(session.principal.id)
    if (kinds.length > 0) return seeOther(withNext(desk, options.factorPath, next))
    return page(render(x, session, next, { offers: await desk.offersAgain(x, carriedNext(desk, next)) }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const session = x.get(Session)
    if (!session) return NOBODY
    const sent = sentForm(x)
    const [password, next] = [sent.text('password'), sent.text('next')]
    const result = await attempt(x, session, password)
    if (result.ok) return admit(x, sent, result, destination(desk, next))
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    const offers = await desk.offersAgain(x, carriedNext(desk, next))
    return turnAway(sent, result, (words) => render(x, session, next, { offers, errors: { form: words } }))
  }

  function attempt(x: Exchange, session: CurrentSession, password: string): Promise<SignIn> {
    if (password === '' || password.length > LONGEST.password) return Promise.resolve({ ok: false, reason: 'denied' })
    return accounts.doors.password.proveAgain({ token: session.token.reveal(), password: new Secret(password) }, originOf(x))
  }

  function render(x: Exchange, { principal }: CurrentSession, next: string, more: Partial<ReAuthenticateModel>) {
    return reAuthenticatePage({
      ...model(desk, x),
      login: principal.login,
      next: carriedNext(desk, next),
      cancel: options.afterSignIn,
      ...more,
    })
  }

  return { show, act }
}
