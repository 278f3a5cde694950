/**
 * Sign-up for everybody: an address, "look into your mail", and the page of the link. The answer is the same, byte for byte, whatever
 * is known of the address. Off unless `signIn.signUp` is `'open'`.
 * Source: OWASP Authentication Cheat Sheet ("Account creation"); OWASP ASVS 5.0 6.3.8; CWE-204; lesson L76.
 */
import { sentForm, json } from '../../../console/form.ts'
import { messagePage, signUpPage, type SignUpModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { html } from '../../../html/html.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { inWords, LONGEST, model, originOf, queryText, type Desk } from '../desk.ts'
import { LONGEST_TOKEN, NEW_ACCOUNT, newcomerForm } from '../newcomer.ts'
import { defineDoor, type Page } from './door.ts'
import { passkeySignUpPath } from './passkey-sign-up.ts'

const ASKED = { ok: true, next: 'check-mail' } as const
const NO_ADDRESS = 'Write an address such as mira@example.org.'

export const signUp = defineDoor({
  name: 'signUp',
  read: (_, { signUp }) => (signUp.mode === 'open' ? {} : undefined),
  paths: (_, { signUp: { path } }) => [
    { path, open: true, challenged: '' },
    { path: `${path}/finish`, open: true, link: 'sign-up' },
  ],
  operations: (_, { signUp: { path } }) => [
    {
      method: 'post',
      path,
      id: 'signUp',
      what: 'Asks for an account; a letter goes to the address, whether it has an account or not.',
      as: 'anybody',
      body: objectOf({ address: { type: 'string' } }),
      answers: {
        202: { what: 'A letter is on its way.', schema: objectOf({ ok: { const: true }, next: { const: 'check-mail' } }) },
        409: { what: 'There is no administrator yet.' },
        422: { what: 'That is no address.' },
        429: { what: 'Too many from this network.' },
      },
    },
    {
      method: 'post',
      path: `${path}/finish`,
      id: 'finishSignUp',
      what: 'Makes the account that the link of the letter stands for, and signs in.',
      as: 'anybody',
      ...NEW_ACCOUNT,
    },
  ],
  start(desk) {
    const { path } = desk.options.signUp
    return {
      pages: { [path]: askForAccount(desk, path), [`${path}/finish`]: finish(desk, `${path}/finish`) },
      offer: () => html`<p>New here? <a href="${path}">Create an account</a></p>`,
    }
  },
})

function askForAccount(desk: Desk, path: string): Page {
  const { accounts, options } = desk

  async function show(x: Exchange): Promise<Reply> {
    if (x.get(Session)) return seeOther(options.afterSignIn)
    return (await desk.setUpIsOpen()) ? seeOther(options.setUpPath) : page(render(x))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    // The first user is whoever has the code of the server's output, and nobody who was quicker: set-up closes with the first.
    if (await desk.setUpIsOpen()) return sent.json ? deny(409, 'set-up-required') : seeOther(options.setUpPath)
    const address = sent.text('address')
    const asked = await accounts.doors.signUp.ask(address, originOf(x))
    if (asked.ok) return sent.json ? json(ASKED, 202) : page(onItsWay(x), 202)
    const typed = address.slice(0, LONGEST.login)
    if (asked.reason === 'throttled') {
      const head = { 'retry-after': String(asked.retryAfter) }
      if (sent.json) return deny(429, 'too-many-attempts', { head })
      const words = `Too many attempts. Try again ${inWords(asked.retryAfter)}.`
      const reply = page(render(x, { address: typed, errors: { form: words } }), 429)
      return { ...reply, head: { ...reply.head, ...head } }
    }
    if (sent.json) return deny(422, 'address-refused')
    return page(render(x, { address: typed, errors: { address: NO_ADDRESS } }), 422)
  }

  function render(x: Exchange, more: Partial<SignUpModel> = {}) {
    return signUpPage({ ...model(desk, x), action: path, ...more })
  }

  /** It does not repeat the address: the page is the same for all. */
  function onItsWay(x: Exchange) {
    const words = ['A letter is on its way to the address that you gave. Open its link in the next 24 hours.']
    const hint = 'Nothing there? Look among the unwanted mail, and check the address.'
    return messagePage({ ...model(desk, x), title: 'Look into your mail', words: [...words, hint] })
  }

  return { show, act }
}

function finish(desk: Desk, action: string): Page {
  const { signUp } = desk.accounts.doors

  async function read(token: string) {
    const found = await signUp.read(token)
    return found && { ...found, words: 'Your address is confirmed. Choose a password.', instead: passkeySignUpPath(desk, token) }
  }

  const form = newcomerForm(desk, { action, read, enter: (account, x) => signUp.complete(account, originOf(x)) })

  return {
    /** Only shows: programs that look at mail follow links, and must not use them up. */
    async show(x) {
      const token = queryText(x, 'token').slice(0, LONGEST_TOKEN)
      const shown = await read(token)
      return shown ? page(form.render(x, token, shown)) : form.over(x)
    },
    act: form.take,
  }
}
