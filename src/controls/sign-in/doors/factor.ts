/**
 * The second step: a code of the authenticator app, or a recovery code. It ends a sign-in that waits for it, and for somebody who is
 * signed in it is the stronger or newer proof that a route asked for. It takes this user's own codes and no one else's.
 * Source: OWASP Multifactor Authentication Cheat Sheet; OWASP ASVS 5.0, 6.3.3 and 7.5.3.
 */
import { sentForm } from '../../../console/form.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { Session, type CurrentSession } from '../../session/slot.ts'
import { LONGEST, queryText, withNext, type Desk } from '../desk.ts'
import { afterStep, secondStepPage, tryStep } from '../second-step.ts'
import { SIGNED_IN } from '../answers.ts'
import { objectOf } from '../../../http/openapi.ts'
import { defineDoor, type Page } from './door.ts'

const WRONG = { code: 'second-factor-failed', words: 'This code is not right, or it was used already.' }

export const factor = defineDoor({
  name: 'factor',
  read: () => ({}),
  paths: (_, { factorPath }) => [{ path: factorPath, open: true }],
  operations: (_, { factorPath }) => [
    {
      method: 'post',
      path: factorPath,
      id: 'giveSecondFactor',
      what: 'Ends a sign-in that waits for a second factor, or proves again who is signed in.',
      as: 'anybody',
      body: objectOf({ code: { type: 'string' }, next: { type: 'string' }, remember: { const: 'on' }, trust: { const: 'on' } }, [
        'next',
        'remember',
        'trust',
      ]),
      answers: { 200: SIGNED_IN, 401: { what: 'Not right, or the sign-in took too long.' }, 429: { what: 'Too many attempts.' } },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.factorPath]: secondStep(desk) } }),
})

function secondStep(desk: Desk): Page {
  const { accounts, options, waiting } = desk
  const { secondFactor } = accounts.doors

  async function show(x: Exchange): Promise<Reply> {
    const next = queryText(x, 'next')
    const session = x.get(Session)
    if (session) return await showTo(x, session, next)
    const pending = waiting.read(x)
    if (pending === undefined || !(await secondFactor.waits(pending))) return seeOther(withNext(desk, options.path, next))
    return page((await secondStepPage(desk, x, next))())
  }

  /** Whoever has no second factor yet is led to enrol one, and then goes on. */
  async function showTo(x: Exchange, { principal }: CurrentSession, next: string): Promise<Reply> {
    const { kinds } = await accounts.factors.of(principal.id)
    if (kinds.length === 0) return seeOther(withNext(desk, `${options.factorsPath}/totp`, next))
    return page((await secondStepPage(desk, x, next))())
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const code = sent.text('code')
    const given = code === '' || code.length > LONGEST.code ? undefined : { code }
    return await afterStep(desk, x, sent, await tryStep(desk, x, given), WRONG)
  }

  return { show, act }
}
