/**
 * The second step: a code of the authenticator app, or a recovery code. It ends a sign-in that waits for it, and for somebody who is
 * signed in it is the stronger or newer proof that a route asked for. It takes this user's own codes and no one else's.
 * Source: OWASP Multifactor Authentication Cheat Sheet; OWASP ASVS 5.0, 6.3.3 and 7.5.3.
 */
import type { FactorAsked } from '../../../accounts/types.ts'
import { sentForm, type Sent } from '../../../console/form.ts'
import { secondFactorPage, signInPage, type SecondFactorModel } from '../../../console/pages/index.ts'
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
import { boxesOf } from '../remembering.ts'
import { objectOf } from '../../../http/openapi.ts'
import { readRecovery, recoveryPaths } from '../recovery-options.ts'
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
  const lost = readRecovery(options.recovery, options)?.delay === undefined ? undefined : recoveryPaths(options).lostFactor

  async function show(x: Exchange): Promise<Reply> {
    const next = queryText(x, 'next')
    const session = x.get(Session)
    if (session) return await showTo(x, session, next)
    const pending = waiting.read(x)
    if (pending === undefined || !(await secondFactor.waits(pending))) return seeOther(withNext(desk, options.path, next))
    return page(render(x, next, { ...(await ways(x, { pending }, next)), boxes: boxes(queryText(x, 'remember') !== '', false) }))
  }

  /** Only whoever signs in is asked what the device should remember. */
  function boxes(remembered: boolean, trusted: boolean): SecondFactorModel['boxes'] {
    return { ...boxesOf(options.lives), remembered, trusted }
  }

  /** Whoever has no second factor yet is led to enrol one, and then goes on. */
  async function showTo(x: Exchange, { principal, token }: CurrentSession, next: string): Promise<Reply> {
    const { kinds } = await accounts.factors.of(principal.id)
    if (kinds.length === 0) return seeOther(withNext(desk, `${options.factorsPath}/totp`, next))
    return page(render(x, next, { login: principal.login, ...(await ways(x, { token: token.reveal() }, next)) }))
  }

  /** By what they can prove it, and what the page offers for it. */
  async function ways(x: Exchange, asked: FactorAsked, next: string): Promise<Partial<SecondFactorModel>> {
    const kinds = await accounts.mailFactor.kinds(asked)
    const notice = queryText(x, 'sent') === '' ? undefined : 'A letter with a code is on its way.'
    return { kinds, notice, offers: await desk.stepOffers(x, asked, carriedNext(desk, next)) }
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const [code, next] = [sent.text('code'), sent.text('next')]
    const session = x.get(Session)
    const result = await attempt(x, session, code)
    if (result.ok) {
      waiting.drop(x)
      return admit(x, sent, result, destination(desk, next))
    }
    if (result.reason === 'expired') return expired(x, sent, next)
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    const asked = session ? { token: session.token.reveal() } : { pending: waiting.read(x) ?? '' }
    const shown = await ways(x, asked, next)
    return turnAway(sent, result, (words) => render(x, next, more(sent, words)), WRONG)

    function more({ text }: Sent, words: string) {
      const ticked = session ? undefined : boxes(text('remember') !== '', text('trust') !== '')
      return { ...shown, login: session?.principal.login, errors: { form: words }, boxes: ticked }
    }
  }

  async function attempt(x: Exchange, session: CurrentSession | null | undefined, code: string) {
    const pending = waiting.read(x)
    if (!session && pending === undefined) return { ok: false, reason: 'expired' } as const
    if (code === '' || code.length > LONGEST.code) return { ok: false, reason: 'denied' } as const
    if (session) return await secondFactor.proveAgain({ token: session.token.reveal(), code }, originOf(x))
    return await secondFactor.signIn({ pending: pending!, code }, originOf(x))
  }

  /** It began too long ago, or was ended: the password again. */
  function expired(x: Exchange, sent: Sent, next: string): Reply {
    waiting.drop(x)
    if (sent.json) return deny(401, 'sign-in-expired')
    const errors = { form: 'This sign-in took too long. Begin again.' }
    const carried = carriedNext(desk, next)
    return page(
      signInPage({
        ...model(desk, x),
        next: carried,
        offers: desk.offers(x, carried),
        ...{ remember: boxesOf(options.lives).remember, errors },
      }),
      401,
    )
  }

  /** `login`: of who is signed in and proves it again. */
  function render(x: Exchange, next: string, more: Partial<SecondFactorModel>) {
    return secondFactorPage({
      ...model(desk, x),
      next: carriedNext(desk, next),
      cancel: more.login === undefined ? undefined : options.afterSignIn,
      lost,
      ...more,
    })
  }

  return { show, act }
}
