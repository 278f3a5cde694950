/**
 * A code in a letter as the second step, for who has no better factor. It is sent when somebody presses the button, never by itself, and
 * never to who began the sign-in in the same mailbox. Source: OWASP Multifactor Authentication Cheat Sheet; NIST SP 800-63B-4, 3.1.3.1.
 */
import { json, sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { invalid } from '../../../engine/options.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { html } from '../../../html/html.ts'
import { objectOf } from '../../../http/openapi.ts'
import { hiddenFields, secondFactorPage } from '../../../console/pages/index.ts'
import { Session } from '../../session/slot.ts'
import { ASKED, needMail } from '../by-mail.ts'
import { carriedNext, model, originOf, turnAway, withNext, type Desk } from '../desk.ts'
import { whoseStep } from '../second-step.ts'
import { defineDoor, type Page } from './door.ts'

export const emailFactor = defineDoor<object>({
  name: 'emailFactor',
  read({ emailFactor: input = false }, base) {
    if (typeof input !== 'boolean') invalid('signIn.emailFactor', input, 'Write true or false.')
    if (!input) return undefined
    needMail('emailFactor', base)
    return {}
  },
  paths: (_, { factorPath }) => [{ path: `${factorPath}/mail`, open: true }],
  operations: (_, { factorPath }) => [
    {
      method: 'post',
      path: `${factorPath}/mail`,
      id: 'sendFactorCode',
      what: 'Sends a code to who waits for their second step by mail, or proves again who they are.',
      as: 'anybody',
      body: objectOf({ next: { type: 'string' } }, ['next']),
      answers: {
        202: { ...ASKED, what: 'A letter is on its way.' },
        401: { what: 'Nobody waits, or it took too long.' },
        409: { what: 'A code by mail does not count here.' },
        429: { what: 'Too many letters.' },
      },
    },
  ],
  start(desk) {
    const path = `${desk.options.factorPath}/mail`
    return {
      pages: { [path]: send(desk) },
      offerSecond(x, next, kinds) {
        if (!kinds.includes('email')) return undefined
        const { csrf } = model(desk, x)
        return html`<form method="post" action="${path}">
          ${hiddenFields({ csrf, next })}<button class="btn full" type="submit">Send me a code by mail</button>
        </form>`
      },
    }
  },
})

function send(desk: Desk): Page {
  const { accounts, options } = desk

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const next = sent.text('next')
    const asked = whoseStep(desk, x)
    const back = withNext(desk, options.factorPath, next)
    if (asked === undefined) return sent.json ? deny(401, 'sign-in-expired') : seeOther(withNext(desk, options.path, next))
    const result = await accounts.mailFactor.send(asked, originOf(x))
    if (result.ok) return sent.json ? json({ ok: true }, 202) : seeOther(`${back}${back.includes('?') ? '&' : '?'}sent=1`)
    if (result.reason === 'unavailable') return sent.json ? deny(409, 'mail-unavailable') : seeOther(back)
    const login = x.get(Session)?.principal.login
    const shown = { ...model(desk, x), login, next: carriedNext(desk, next), kinds: ['email'] }
    return turnAway(sent, result, (form) => secondFactorPage({ ...shown, errors: { form } }))
  }

  return { act }
}
