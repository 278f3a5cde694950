/**
 * The second step by passkey or security key: after the password, and to prove again who is signed in. What it is asked names this
 * user's own, and their own alone are taken.
 * Source: WebAuthn Level 3, 7.2; OWASP Multifactor Authentication Cheat Sheet; OWASP ASVS 5.0, 6.3.3 and 7.5.3.
 */
import { broughtBack } from '../../../console/brought-back.ts'
import { json, sentForm } from '../../../console/form.ts'
import { passkeyForm } from '../../../console/pages/index.ts'
import { hidden } from '../../../console/pages/parts.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { BROUGHT_BACK, CEREMONY, SIGNED_IN } from '../answers.ts'
import { model, queryText, withNext, type Desk } from '../desk.ts'
import { afterStep, tryStep, whoseStep } from '../second-step.ts'
import { defineDoor, type Page } from './door.ts'
import { passkeyPaths, scriptOf } from './passkey.ts'

const WRONG = {
  code: 'second-factor-failed',
  words: 'This passkey or security key is not one of yours, or it did not answer in time.',
}
const NOTHING_TO_ASK = deny(404, 'no-passkey')

function pathsOf({ factorPath }: { readonly factorPath: string }) {
  const action = `${factorPath}/passkey`
  return { action, options: `${action}/options` }
}

export const passkeyFactor = defineDoor({
  name: 'passkeyFactor',
  read: (_, { passkey: options }) => options,
  paths(_, base) {
    const { action, options } = pathsOf(base)
    return [
      { path: action, open: true },
      { path: options, open: true },
    ]
  },
  operations(_, base) {
    const { action, options } = pathsOf(base)
    return [
      {
        method: 'post',
        path: options,
        id: 'askForSecondPasskey',
        what: 'What navigator.credentials.get is asked, for a second step: once, and within five minutes.',
        as: 'anybody',
        answers: { 200: { what: 'The options.', schema: CEREMONY }, 404: { what: 'Nobody waits, or they have none.' } },
      },
      {
        method: 'post',
        path: action,
        id: 'giveSecondPasskey',
        what: 'Ends a sign-in that waits for a second factor, or proves again who is signed in, by a passkey or security key.',
        as: 'anybody',
        body: objectOf({ response: BROUGHT_BACK, next: { type: 'string' } }, ['next']),
        answers: {
          200: SIGNED_IN,
          401: { what: 'Not right, or the sign-in took too long.' },
          429: { what: 'Too many attempts.' },
        },
      },
    ]
  },
  start(desk) {
    const { action, options } = pathsOf(desk.options)
    const { begin, finish } = secondStepByPasskey(desk)
    const script = scriptOf(passkeyPaths(desk.options).script)
    return {
      pages: { [action]: finish, [options]: begin },
      offerSecond(x, next, kinds) {
        if (!kinds.includes('passkey')) return undefined
        const buttons = [{ label: 'Use a passkey or security key', primary: !kinds.includes('totp') }]
        // What was ticked beside the password goes along.
        const ticked = sentForm(x).text('remember') !== '' || queryText(x, 'remember') !== ''
        const fields = ticked ? hidden('remember', 'on') : undefined
        return passkeyForm({ ...model(desk, x), ...{ fields, next, action, options, script, ceremony: 'get', buttons } })
      },
    }
  },
})

function secondStepByPasskey(desk: Desk): { readonly begin: Page; readonly finish: Page } {
  const { secondFactor } = desk.accounts.doors

  async function ask(x: Exchange): Promise<Reply> {
    const whose = whoseStep(desk, x)
    const ceremony = whose && (await secondFactor.challenge(whose))
    return ceremony ? json(ceremony) : NOTHING_TO_ASK
  }

  async function act(x: Exchange): Promise<Reply> {
    return await afterStep(desk, x, sentForm(x), await tryStep(desk, x, { response: broughtBack(x) }), WRONG)
  }

  return {
    begin: { act: ask },
    finish: { act, show: (x) => seeOther(withNext(desk, desk.options.factorPath, queryText(x, 'next'))) },
  }
}
