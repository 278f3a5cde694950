/**
 * The way in by passkey: a button, and the browser's own offer in the field of the name (conditional UI). Nobody says who they are
 * before; the answer is the same, byte for byte, for a passkey that nobody has and for one of an account that is disabled.
 * Sources: WebAuthn Level 3, 7.2, 13.4.6 and 14.6.3 (privacy of who has an account); OWASP ASVS 5.0 6.5.
 */
import { broughtBack } from '../../../console/brought-back.ts'
import { json, sentForm } from '../../../console/form.ts'
import { passkeyForm, signInPage } from '../../../console/pages/index.ts'
import { passkeyScript, passkeyScriptVersion } from '../../../console/passkey-script.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { hostCookie } from '../../../engine/host-cookie.ts'
import { answer, deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { BROUGHT_BACK, CEREMONY, SIGNED_IN } from '../answers.ts'
import { admit, afterwards, askForMore, carriedNext, model, originOf, queryText, turnAway, withNext, type Desk } from '../desk.ts'
import type { BaseOptions } from '../options.ts'
import { defineDoor, type Page } from './door.ts'

const WRONG = { code: 'passkey-failed', words: 'This passkey did not let you in. Try again, or sign in another way.' }
const A_YEAR = 'public, max-age=31536000, immutable'
const SCRIPT: Reply = answer(
  200,
  { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': A_YEAR, 'x-content-type-options': 'nosniff' },
  passkeyScript,
)

/** Where everything of it is. */
export function passkeyPaths({ path }: Pick<BaseOptions, 'path'>) {
  const action = `${path}/passkey`
  return { action, options: `${action}/options`, script: `${action}.js` }
}

/** Milliseconds that a browser has to answer. */
const LIFE = 300_000

export const passkey = defineDoor({
  name: 'passkey',
  read: (_, { passkey: options }) => options,
  paths(_, base) {
    const { action, options, script } = passkeyPaths(base)
    return [action, options, script].map((path) => ({ path, open: true }))
  },
  operations(_, base) {
    const { action, options } = passkeyPaths(base)
    return [
      {
        method: 'post',
        path: options,
        id: 'askForPasskey',
        what: 'What navigator.credentials.get is asked, for a sign-in by passkey: once, and within five minutes.',
        as: 'anybody',
        answers: { 200: { what: 'The options; a cookie ties the answer to this browser.', schema: CEREMONY } },
      },
      {
        method: 'post',
        path: action,
        id: 'signInWithPasskey',
        what: 'Signs in with a passkey.',
        as: 'anybody',
        body: objectOf({ response: BROUGHT_BACK, next: { type: 'string' } }, ['next']),
        answers: { 200: SIGNED_IN, 401: { what: 'It let nobody in.' }, 429: { what: 'Too many attempts.' } },
      },
    ]
  },
  start(desk) {
    const { action, options, script } = passkeyPaths(desk.options)
    const { begin, finish } = signInWithPasskey(desk)
    return {
      pages: { [action]: finish, [options]: begin, [script]: { show: () => SCRIPT } },
      offer: (x, next) =>
        passkeyForm({
          ...model(desk, x),
          ...{ next, action, options, script: scriptOf(script), ceremony: 'get', conditional: true },
          buttons: [{ label: 'Sign in with a passkey' }],
        }),
    }
  },
})

/** The script's address, which changes with it. */
export function scriptOf(path: string): string {
  return `${path}?v=${passkeyScriptVersion}`
}

function signInWithPasskey(desk: Desk): { readonly begin: Page; readonly finish: Page } {
  const { accounts, options } = desk
  const cookie = hostCookie(desk.setting.site, 'passkey', 'strict')
  const door = accounts.doors.passkey

  async function ask(x: Exchange): Promise<Reply> {
    const begun = await door.begin(cookie.read(x))
    if (begun === undefined) return deny(404, 'not-found')
    cookie.hold(x, begun.browser, LIFE)
    return json(begun.ceremony)
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    // The session that the browser had before ends with this sign-in: nobody can have planted it (fixation).
    const replaces = x.get(Session)?.token.reveal()
    const result = await door.signIn({ browser: cookie.read(x) ?? '', response: broughtBack(x), replaces }, originOf(x))
    const next = sent.text('next')
    if (result.ok) {
      cookie.drop(x)
      desk.waiting.drop(x)
      return admit(x, sent, result, afterwards(desk, result.principal, next))
    }
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    return turnAway(sent, result, (words) => render(x, next, words), WRONG)
  }

  function render(x: Exchange, next: string, words: string) {
    const carried = carriedNext(desk, next)
    const offers = desk.offers(x, carried)
    return signInPage({ ...model(desk, x), next: carried, offers, passkeys: true, errors: { form: words } })
  }

  return {
    begin: { act: ask },
    finish: { act, show: (x) => seeOther(withNext(desk, options.path, queryText(x, 'next'))) },
  }
}
