/**
 * For who forgot the password: a page that asks whom to write to and says the same to everybody, and the page behind the link, which only
 * shows a form. What it sets lets nobody in by itself: one signs in with it, and with the second factor where there is one.
 * Source: OWASP Forgot Password Cheat Sheet; OWASP ASVS 5.0, 6.4.2 to 6.4.4.
 */
import { json, sentForm } from '../../../console/form.ts'
import { messagePage, recoverPage } from '../../../console/pages/index.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { html } from '../../../html/html.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { actOnChoice, showChoice } from '../choose.ts'
import { inWords, LONGEST, model, originOf, queryText, type Desk } from '../desk.ts'
import { readRecovery, recoveryPaths, type RecoveryOptions } from '../recovery-options.ts'
import { defineDoor, type Page } from './door.ts'

const WHY = 'The link of the letter lets you choose it, once.'
const OVER = 'This link is not good any more: it was used, it is too old, or a newer one was sent.'
/** Nothing in it depends on what was typed. */
const sentWords = (minutes: number) => [
  `If there is such an account, and its address is verified, a letter is on its way. The link in it is good for ${minutes} minutes.`,
  'Nothing came? Look among the unwanted mail, and check the name. Without a verified address only those who run this site can help.',
]

export const recover = defineDoor<RecoveryOptions>({
  name: 'recovery',
  read: ({ recovery }, base) => readRecovery(recovery, base),
  paths(_, base) {
    const { ask, choose } = recoveryPaths(base)
    return [
      { path: ask, open: true, challenged: 'who' },
      { path: choose, open: true, link: 'recover' },
    ]
  },
  operations(_, base) {
    const { ask, choose } = recoveryPaths(base)
    return [
      {
        method: 'post',
        path: ask,
        id: 'askForNewPassword',
        what: 'Writes a letter with a link to choose a new password, if there is such an account. The answer is the same for all.',
        as: 'anybody',
        body: objectOf({ who: { type: 'string' } }),
        answers: { 202: DONE, 422: { what: 'Nothing was typed.' }, 429: { what: 'Too many letters were asked for from here.' } },
      },
      {
        method: 'post',
        path: choose,
        id: 'chooseNewPassword',
        what: 'Sets the password by the token of the link. It gives no session.',
        as: 'anybody',
        body: objectOf({ token: { type: 'string' }, password: { type: 'string' } }),
        answers: {
          200: DONE,
          410: { what: 'The link is not good any more.' },
          422: { what: 'The password may not be chosen.' },
          503: { what: 'Too much is being hashed.' },
        },
      },
    ]
  },
  start(desk, options) {
    const { ask, choose } = recoveryPaths(desk.options)
    return {
      pages: { [ask]: askPage(desk, options), [choose]: choosePage(desk) },
      offer: () => html`<a href="${ask}">Forgot the password?</a>`,
    }
  },
})

function askPage(desk: Desk, { life }: RecoveryOptions): Page {
  const { ask: action } = recoveryPaths(desk.options)
  const facts = (x: Exchange) => ({ ...model(desk, x), action })
  const way = { path: desk.options.path, label: 'Back to the sign-in' }
  const sentText = { title: 'Look into your mail', words: sentWords(Math.floor(life / 60_000)), way }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const who = sent.text('who')
    if (who.trim() === '') return refuse(x, 422, 'nobody-named', 'Write your name or your address.')
    // Longer is nobody's name, and is answered like one that nobody has.
    const asked = await desk.accounts.doors.recovery.ask({ who: who.slice(0, LONGEST.login + 1), life }, originOf(x))
    if (asked.ok) return sent.json ? json({ ok: true }, 202) : page(messagePage({ ...model(desk, x), ...sentText }), 202)
    const words = `Too many letters were asked for from here. Try again ${inWords(asked.retryAfter)}.`
    return refuse(x, 429, 'too-many-attempts', words, { 'retry-after': String(asked.retryAfter) })
  }

  function refuse(x: Exchange, status: number, code: string, words: string, head: Record<string, string> = {}): Reply {
    if (sentForm(x).json) return deny(status, code, { head })
    const reply = page(recoverPage({ ...facts(x), errors: { who: words } }), status)
    return { ...reply, head: { ...reply.head, ...head } }
  }

  return { show: (x) => page(recoverPage(facts(x))), act }
}

function choosePage(desk: Desk): Page {
  const { recovery } = desk.accounts.doors
  const { ask, choose: action } = recoveryPaths(desk.options)

  function expired(x: Exchange): Reply {
    if (sentForm(x).json) return deny(410, 'link-over')
    const way = { path: ask, label: 'Ask for a new letter' }
    return page(messagePage({ ...model(desk, x), title: 'This link is over', words: [OVER], way }), 410)
  }

  async function show(x: Exchange): Promise<Reply> {
    const token = queryText(x, 'token')
    const choosing = await recovery.read(token)
    return choosing ? showChoice(desk, x, choosing, { action, token, why: WHY, errors: undefined }) : expired(x)
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const token = sent.text('token')
    return await actOnChoice(desk, {
      x,
      sent,
      form: { action, token, why: WHY },
      choosing: await recovery.read(token),
      set: (password) => recovery.set({ token, password: new Secret(password) }, originOf(x)),
      expired: () => expired(x),
    })
  }

  return { show, act }
}
