/**
 * Signing in by a code in a letter, for who reads their mail on another device. Asking answers everybody the same, and so does a code
 * that is wrong, used, too old or nobody's. Source: OWASP Authentication Cheat Sheet; OWASP ASVS 5.0, 6.3.8, 6.5.1 and 6.6.2.
 */
import { json, sentForm } from '../../../console/form.ts'
import { askMailPage, mailCodePage, type AskMailModel, type MailCodeModel } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { hostCookie, type HostCookie } from '../../../engine/host-cookie.ts'
import { invalid } from '../../../engine/options.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { SIGNED_IN } from '../answers.ts'
import { ASKED, nameIn, needMail, offerOf } from '../by-mail.ts'
import {
  admit,
  afterwards,
  askForMore,
  carriedNext,
  LONGEST,
  model,
  originOf,
  queryText,
  turnAway,
  withNext,
  type Desk,
} from '../desk.ts'
import { defineDoor, type Page } from './door.ts'

const LIFE = 600_000
const WRONG = {
  code: 'sign-in-failed',
  words: 'This code is not right, or it is not good any more. Only the newest letter counts.',
}

export const emailCode = defineDoor<object>({
  name: 'emailCode',
  read({ emailCode: input = false }, base) {
    if (typeof input !== 'boolean') invalid('signIn.emailCode', input, 'Write true or false.')
    if (!input) return undefined
    needMail('emailCode', base)
    return {}
  },
  paths: (_, { path }) => [
    { path: `${path}/code`, open: true, challenged: 'login' },
    { path: `${path}/code/enter`, open: true },
  ],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: `${path}/code`,
      id: 'askForCode',
      what: 'Asks for a letter with a code that signs in; a cookie binds it to this client.',
      as: 'anybody',
      body: objectOf({ login: { type: 'string' }, next: { type: 'string' } }, ['next']),
      answers: { 202: ASKED, 422: { what: 'There is no name.' }, 429: { what: 'Too many letters were asked for.' } },
    },
    {
      method: 'post',
      path: `${path}/code/enter`,
      id: 'signInWithCode',
      what: 'Signs in with the code of a letter, by the client that asked for it.',
      as: 'anybody',
      body: objectOf({ code: { type: 'string' }, next: { type: 'string' } }, ['next']),
      answers: { 200: SIGNED_IN, 401: { what: 'Not right, or a second factor is needed.' }, 429: { what: 'Too many attempts.' } },
    },
  ],
  start(desk) {
    const askPath = `${desk.options.path}/code`
    const here = { askPath, enterPath: `${askPath}/enter`, cookie: hostCookie(desk.setting.site, 'code', 'strict') }
    return {
      pages: { [askPath]: ask(desk, here), [here.enterPath]: enter(desk, here) },
      provesAgain: true,
      offer: (_, next) => offerOf(askPath, next, 'Send me a code by mail'),
    }
  },
})

interface Here {
  readonly askPath: string
  readonly enterPath: string
  readonly cookie: HostCookie
}

function ask(desk: Desk, { askPath, enterPath, cookie }: Here): Page {
  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const next = sent.text('next')
    const typed = nameIn(sent)
    if (!typed.ok) return sent.json ? deny(422, 'name-missing') : page(render(x, next, { errors: { login: typed.words } }), 422)
    const asked = await desk.accounts.doors.emailCode.ask({ name: typed.name }, originOf(x))
    if (!asked.ok) return turnAway(sent, asked, (form) => render(x, next, { login: typed.name, errors: { form } }))
    cookie.hold(x, asked.browser.reveal(), LIFE)
    return sent.json ? json({ ok: true }, 202) : seeOther(withNext(desk, enterPath, next))
  }

  function render(x: Exchange, next: string, more: Partial<AskMailModel> = {}) {
    return askMailPage({ ...model(desk, x), next: carriedNext(desk, next), action: askPath, holds: 'code', ...more })
  }

  return { show: (x) => page(render(x, queryText(x, 'next'))), act }
}

function enter(desk: Desk, { askPath, enterPath, cookie }: Here): Page {
  function show(x: Exchange): Reply {
    const next = queryText(x, 'next')
    return cookie.read(x) === undefined ? seeOther(withNext(desk, askPath, next)) : page(render(x, next))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const [code, next, browser] = [sent.text('code'), sent.text('next'), cookie.read(x) ?? '']
    const replaces = x.get(Session)?.token.reveal()
    const input = { browser, code: code.length > LONGEST.code ? '' : code, replaces }
    const result = await desk.accounts.doors.emailCode.signIn(input, originOf(x))
    if (result.ok || result.reason === 'second-factor') cookie.drop(x)
    if (result.ok) {
      desk.waiting.drop(x)
      return admit(x, sent, result, afterwards(desk, result.principal, next))
    }
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    return turnAway(sent, result, (form) => render(x, next, { errors: { form } }), WRONG)
  }

  function render(x: Exchange, next: string, more: Partial<MailCodeModel> = {}) {
    return mailCodePage({ ...model(desk, x), next: carriedNext(desk, next), action: enterPath, askPath, ...more })
  }

  return { show, act }
}
