/**
 * The way in. The answer is the same, byte for byte, whether the name is unknown, the password wrong or the account disabled.
 * Source: OWASP Authentication Cheat Sheet, "Authentication and Error Messages".
 */
import { sentForm } from '../../../console/form.ts'
import { signInPage, type SignInModel } from '../../../console/pages/index.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { page, seeOther, type Reply } from '../../../engine/reply.ts'
import { Session } from '../../session/slot.ts'
import {
  admit,
  afterwards,
  askForMore,
  carriedNext,
  destination,
  LONGEST,
  model,
  originOf,
  queryText,
  turnAway,
  type Desk,
} from '../desk.ts'
import { SIGNED_IN } from '../answers.ts'
import { challengePath, readChallenge } from '../challenge-options.ts'
import { challengePage } from '../challenge-page.ts'
import { boxesOf } from '../remembering.ts'
import { objectOf } from '../../../http/openapi.ts'
import { defineDoor, type Page } from './door.ts'

/** What happened before one came here. */
const NOTICES: Readonly<Record<string, string>> = {
  '?signed-out': 'You are signed out.',
  '?password-set': 'Your password is set. Sign in with it.',
}

export const way = defineDoor({
  name: 'password',
  read: (_, { challenge }) => readChallenge(challenge),
  paths: (_, base) => [
    { path: base.path, open: true, challenged: 'login' },
    { path: challengePath(base), open: true },
  ],
  operations: (_, { path }) => [
    {
      method: 'post',
      path,
      id: 'signInWithPassword',
      what: 'Signs in with name and password.',
      as: 'anybody',
      body: objectOf(
        { login: { type: 'string' }, password: { type: 'string' }, next: { type: 'string' }, remember: { const: 'on' } },
        ['next', 'remember'],
      ),
      answers: { 200: SIGNED_IN, 401: { what: 'Not right, or a second factor is needed.' }, 429: { what: 'Too many attempts.' } },
    },
  ],
  start: (desk) => ({ pages: { [desk.options.path]: signInWithPassword(desk), [challengePath(desk.options)]: challengePage } }),
})

function signInWithPassword(desk: Desk): Page {
  const { options, accounts, emit } = desk

  async function show(x: Exchange): Promise<Reply> {
    const next = queryText(x, 'next')
    if (x.get(Session)) return seeOther(destination(desk, next))
    if (await desk.setUpIsOpen()) return seeOther(options.setUpPath)
    return page(render(x, next, { notice: NOTICES[x.search] }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const [login, password, next] = [sent.text('login'), sent.text('password'), sent.text('next')]
    const result = await attempt(x, login, password)
    if (result.ok) {
      desk.waiting.drop(x)
      return admit(x, sent, result, afterwards(desk, result.principal, next))
    }
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    return turnAway(sent, result, (words) =>
      render(x, next, {
        login: login.slice(0, LONGEST.login),
        errors: { form: words },
        remembered: sent.text('remember') !== '',
      }),
    )
  }

  function render(x: Exchange, next: string, more: Partial<SignInModel>) {
    const carried = carriedNext(desk, next)
    const { remember } = boxesOf(options.lives)
    const offers = desk.offers(x, carried)
    return signInPage({ ...model(desk, x), next: carried, offers, passkeys: options.passkey !== undefined, remember, ...more })
  }

  async function attempt(x: Exchange, login: string, password: string) {
    if (!fits(login, LONGEST.login) || !fits(password, LONGEST.password)) {
      emit({ type: 'input_validation_fail', data: { reason: 'no-credential' } }, x)
      return { ok: false, reason: 'denied' } as const
    }
    // The session that the browser had before ends with this sign-in: nobody can have planted it (fixation).
    const replaces = x.get(Session)?.token.reveal()
    return accounts.doors.password.signIn({ login, password: new Secret(password), replaces }, originOf(x))
  }

  return { show, act }
}

/** Nothing, and more than the policy takes, cannot be right: no work, no count, and the same answer as for what is wrong. */
function fits(text: string, most: number): boolean {
  return text !== '' && text.length <= most
}
