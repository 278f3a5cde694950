/**
 * The form with which somebody who has a link makes their account: the same for sign-up and for invitations. It reads the named fields
 * and no others: address, roles and state come from the link (L94; OWASP Mass Assignment Cheat Sheet, CWE-915).
 */
import type { Entered, NewAccount, NewSession } from '../../accounts/types.ts'
import { broughtBack } from '../../console/brought-back.ts'
import { json, sentForm, type Sent } from '../../console/form.ts'
import { messagePage, newAccountPage, recoveryCodesPage, type NewAccountModel } from '../../console/pages/index.ts'
import { Secret } from '../../crypto/secret.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { deny, page, type Reply } from '../../engine/reply.ts'
import { objectOf, type OperationAnswer } from '../../http/openapi.ts'
import { Session } from '../session/slot.ts'
import { admit, afterwards, inWords, LONGEST, model, type Desk } from './desk.ts'
import { BROUGHT_BACK, SIGNED_IN } from './answers.ts'
import { accountProblem, type AccountField } from './problems.ts'

type Failure = Extract<Entered, { ok: false }>
type Errors = NonNullable<NewAccountModel['errors']>

/** What the link says. */
export interface Shown {
  readonly address: string
  readonly name?: string | undefined
  /** What the page says above the form. */
  readonly words: string
  /** Where somebody goes who would rather have a passkey. */
  readonly instead?: string | undefined
}

interface Newcomer {
  /** Where the form goes. */
  readonly action: string
  read(token: string): Promise<Shown | undefined>
  enter(account: NewAccount, x: Exchange): Promise<Entered>
}

const TEXT = { type: 'string' } as const
const REFUSED = 'The passkey was not accepted, or it took too long. Try again, or choose a password.'
/** Longer texts are no token of ours. */
export const LONGEST_TOKEN = 64

/** What programs send to make their account, and what they get. */
export const NEW_ACCOUNT = {
  body: objectOf({ token: TEXT, displayName: TEXT, password: TEXT, response: BROUGHT_BACK, login: TEXT }, [
    ...['password', 'response', 'login'],
  ]),
  answers: {
    200: {
      ...SIGNED_IN,
      schema: objectOf({ ok: { const: true }, next: TEXT, recoveryCodes: { type: 'array', items: TEXT } }, ['recoveryCodes']),
    },
    409: { what: 'The address has an account.' },
    410: { what: 'The link is over.' },
    422: { what: 'Something of it is refused; `reason` names the field.' },
    429: { what: 'Too many attempts.' },
  } satisfies Readonly<Record<number, OperationAnswer>>,
}

/** Makes what shows the form and what takes it. */
export function newcomerForm(desk: Desk, { action, read, enter }: Newcomer) {
  const { options } = desk
  const asksLogin = options.signUp.login === 'name'

  function render(x: Exchange, token: string, shown: Shown, more: Partial<NewAccountModel> = {}) {
    return newAccountPage({ ...model(desk, x), action, token, asksLogin, displayName: shown.name, ...shown, ...more })
  }

  async function take(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const token = sent.text('token').slice(0, LONGEST_TOKEN)
    const passkey = broughtBack(x)
    const mistakes = mistakesIn(sent, asksLogin, passkey !== undefined)
    if (mistakes) return await again(x, sent, token, { status: 422, errors: mistakes })
    const account = {
      token,
      login: sent.text('login'),
      name: sent.text('displayName'),
      ...(passkey === undefined ? { password: new Secret(sent.text('password')) } : { passkey }),
      replaces: x.get(Session)?.token.reveal(),
    }
    const entered = await enter(account, x)
    if (!entered.ok) return await failed(x, sent, token, entered)
    desk.waiting.drop(x)
    const reply = admit(x, sent, entered, afterwards(desk, entered.principal, ''))
    return entered.recoveryCodes ? codesOnce(x, sent, entered, entered.recoveryCodes) : reply
  }

  /** The recovery codes that came with a passkey, in this one answer. */
  function codesOnce(x: Exchange, sent: Sent, { principal }: NewSession, given: readonly Secret[]): Reply {
    const next = afterwards(desk, principal, '')
    const codes = given.map((code) => code.reveal())
    if (sent.json) return json({ ok: true, next, recoveryCodes: codes })
    return page(recoveryCodesPage({ ...model(desk, x), login: principal.login, codes, onward: next }))
  }

  async function failed(x: Exchange, sent: Sent, token: string, failure: Failure): Promise<Reply> {
    if (failure.reason === 'void') return over(x, sent)
    if (failure.reason === 'taken') return taken(x, sent)
    if ('retryAfter' in failure) {
      const { reason, retryAfter } = failure
      const head = { 'retry-after': String(Math.max(1, Math.ceil(retryAfter))) }
      if (reason === 'busy')
        return await again(x, sent, token, {
          status: 503,
          errors: { form: 'The server is busy. Try again in a few seconds.' },
          head,
        })
      return await again(x, sent, token, {
        status: 429,
        errors: { form: `Too many attempts. Try again ${inWords(retryAfter)}.` },
        head,
      })
    }
    if (failure.reason === 'passkey-refused') return await again(x, sent, token, { status: 422, errors: { form: REFUSED } })
    const [field, words] = accountProblem(failure.reason)
    return await again(x, sent, token, { status: 422, errors: { [field]: words } })
  }

  /** The form once more; passwords never come back. */
  async function again(
    x: Exchange,
    sent: Sent,
    token: string,
    { status, errors, head = {} }: { status: number; errors: Errors; head?: Record<string, string> },
  ): Promise<Reply> {
    if (sent.json) return deny(status, CODES[status] ?? 'account-refused', { reason: Object.keys(errors).join(), head })
    const shown = await read(token)
    if (!shown) return over(x, sent)
    const [login, displayName] = [sent.text('login').slice(0, LONGEST.login), sent.text('displayName').slice(0, LONGEST.name)]
    const reply = page(render(x, token, shown, { login, displayName, errors }), status)
    return { ...reply, head: { ...reply.head, ...head } }
  }

  /** Who comes here has the link, so it tells nobody else that there is an account. */
  function taken(x: Exchange, sent: Sent): Reply {
    if (sent.json) return deny(409, 'account-exists')
    const words = 'There is an account with this address already. Sign in with it; nothing of it was changed.'
    const way = { path: options.path, label: 'Sign in' }
    return page(messagePage({ ...model(desk, x), title: 'You have an account', words: [words], way }), 409)
  }

  function over(x: Exchange, sent: Sent): Reply {
    return linkIsOver(desk, x, sent)
  }

  return { render, take, over: (x: Exchange) => over(x, sentForm(x)) }
}

/** Used, replaced, too old, taken back, or never ours: it looks the same. */
export function linkIsOver(desk: Desk, x: Exchange, sent: Sent): Reply {
  if (sent.json) return deny(410, 'link-over')
  const words = 'It was used already, it is too old, or it was taken back. Ask for another.'
  const way = { path: desk.options.path, label: 'Sign in' }
  return page(messagePage({ ...model(desk, x), title: 'This link is over', words: [words], way }), 410)
}

const CODES: Readonly<Record<number, string>> = { 429: 'too-many-attempts', 503: 'busy' }

/** What can be seen without asking anybody. */
function mistakesIn(sent: Sent, asksLogin: boolean, passkey: boolean): Errors | undefined {
  const [login, name] = [sent.text('login'), sent.text('displayName')]
  const [password, passwordAgain] = [sent.text('password'), sent.text('passwordAgain')]
  const errors: Partial<Record<AccountField, string>> = {
    ...(asksLogin && (login === '' || login.length > LONGEST.login) && { login: 'Choose a name of at most 254 characters.' }),
    ...((name === '' || name.length > LONGEST.name) && { displayName: 'Write 1 to 200 characters that can be seen.' }),
    ...(!passkey && (password === '' || password.length > LONGEST.password) && { password: 'Choose a password.' }),
    // A program that sends JSON does not mistype.
    ...(!sent.json && password !== passwordAgain && { passwordAgain: 'The two passwords are not the same.' }),
  }
  return Object.keys(errors).length > 0 ? errors : undefined
}
