/** What all ways of the second step share: its page, and what follows from an answer. */
import type { FactorAsked, SecondProof, SignIn } from '../../accounts/types.ts'
import { sentForm, type Sent } from '../../console/form.ts'
import { secondFactorPage, signInPage, type SecondFactorModel } from '../../console/pages/index.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, page, type Reply } from '../../engine/reply.ts'
import type { SafeHtml } from '../../html/html.ts'
import { Session } from '../session/slot.ts'
import { admit, askForMore, carriedNext, destination, model, originOf, queryText, turnAway, type Desk } from './desk.ts'
import type { BaseOptions } from './options.ts'
import { readRecovery, recoveryPaths } from './recovery-options.ts'
import { boxesOf } from './remembering.ts'

/** What came of a try. */
export type SecondStep = SignIn | { readonly ok: false; readonly reason: 'expired' }

/** Whose step it is, in this browser: the one who is signed in, or the one who waits. */
export function whoseStep({ waiting }: Desk, x: Exchange): FactorAsked | undefined {
  const session = x.get(Session)
  if (session) return { token: session.token.reveal() }
  const pending = waiting.read(x)
  return pending === undefined ? undefined : { pending }
}

/** Makes the page, with the words of an error; what it offers is found out before. */
export async function secondStepPage(desk: Desk, x: Exchange, next: string): Promise<(words?: string) => SafeHtml> {
  const carried = carriedNext(desk, next)
  const whose = whoseStep(desk, x)
  const kinds = whose ? await desk.accounts.doors.secondFactor.kinds(whose) : []
  const offers = await desk.secondOffers(x, carried, kinds)
  const login = x.get(Session)?.principal.login
  const notice = queryText(x, 'sent') === '' ? undefined : 'A letter with a code is on its way.'
  return (words) =>
    secondFactorPage({
      ...model(desk, x),
      ...{ login, next: carried, kinds, offers, notice },
      ...{ lost: lostPath(desk.options), boxes: login === undefined ? tickedBoxes(desk, x) : undefined },
      cancel: login === undefined ? undefined : desk.options.afterSignIn,
      errors: words === undefined ? undefined : { form: words },
    })
}

/** Only whoever signs in is asked what the device should remember; what was ticked stays so. */
function tickedBoxes({ options }: Desk, x: Exchange): SecondFactorModel['boxes'] {
  const { text } = sentForm(x)
  const remembered = text('remember') !== '' || queryText(x, 'remember') !== ''
  return { ...boxesOf(options.lives), remembered, trusted: text('trust') !== '' }
}

function lostPath(options: BaseOptions): string | undefined {
  return readRecovery(options.recovery, options)?.delay === undefined ? undefined : recoveryPaths(options).lostFactor
}

/** Tries it, with whatever proves it. */
export async function tryStep(desk: Desk, x: Exchange, given: SecondProof | undefined): Promise<SecondStep> {
  const { secondFactor } = desk.accounts.doors
  const whose = whoseStep(desk, x)
  if (whose === undefined) return { ok: false, reason: 'expired' }
  if (given === undefined) return { ok: false, reason: 'denied' }
  if ('token' in whose) return await secondFactor.proveAgain({ ...whose, ...given }, originOf(x))
  return await secondFactor.signIn({ ...whose, ...given }, originOf(x))
}

/** What follows. `wrong`: how a proof that is not right is called. */
export async function afterStep(
  desk: Desk,
  x: Exchange,
  sent: Sent,
  result: SecondStep,
  wrong: { readonly code: string; readonly words: string },
): Promise<Reply> {
  const next = sent.text('next')
  if (result.ok) {
    desk.waiting.drop(x)
    return admit(x, sent, result, destination(desk, next))
  }
  if (result.reason === 'expired') return expired(desk, x, sent, next)
  if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
  return turnAway(sent, result, await secondStepPage(desk, x, next), wrong)
}

/** It began too long ago, or was ended: the password again. */
function expired(desk: Desk, x: Exchange, sent: Sent, next: string): Reply {
  desk.waiting.drop(x)
  if (sent.json) return deny(401, 'sign-in-expired')
  const errors = { form: 'This sign-in took too long. Begin again.' }
  const carried = carriedNext(desk, next)
  const passkeys = desk.options.passkey !== undefined
  const { remember } = boxesOf(desk.options.lives)
  const offers = desk.offers(x, carried)
  return page(signInPage({ ...model(desk, x), next: carried, offers, passkeys, remember, errors }), 401)
}
