/**
 * Signing in by a link in a letter. Asking answers everybody the same; the link's page shows a button and does nothing by itself, because
 * mail scanners follow links; and the link opens in the browser that asked, so that nobody is signed in by a letter that somebody else
 * asked for. Source: OWASP Authentication Cheat Sheet; OWASP ASVS 5.0, 6.3.8 and 6.6.2; CVE-2025-64101.
 */
import { json, sentForm, type Sent } from '../../../console/form.ts'
import { askMailPage, openLinkPage, type AskMailModel, type OpenLinkModel } from '../../../console/pages/index.ts'
import { milliseconds, type Duration } from '../../../engine/duration.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { hostCookie, type HostCookie } from '../../../engine/host-cookie.ts'
import { invalid, withDefaults } from '../../../engine/options.ts'
import { deny, page, type Reply } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { SIGNED_IN } from '../answers.ts'
import { ASKED, nameIn, needMail, offerOf } from '../by-mail.ts'
import { admit, afterwards, askForMore, carriedNext, model, originOf, queryText, turnAway, type Desk } from '../desk.ts'
import { defineDoor, type Page } from './door.ts'

export interface MagicLinkInput {
  /** How long a link is good for: a minute to an hour. @default '15m' */
  readonly life?: Duration
}

interface Options {
  /** Milliseconds. */
  readonly life: number
}

const [MINUTE, HOUR] = [60_000, 3_600_000]
const LONGEST_TOKEN = 128
/** A path that is longer is not kept: the way on is a comfort. */
const LONGEST_NEXT = 512
const VOID = { code: 'link-void', words: 'This link is not good any more. Ask for another one.' }

export const magicLink = defineDoor<Options>({
  name: 'magicLink',
  read({ magicLink: input = false }, base) {
    if (input === false) return undefined
    needMail('magicLink', base)
    const given = input === true ? {} : input
    const { life } = withDefaults<Required<MagicLinkInput>>('signIn.magicLink', { life: '15m' }, given)
    const read = milliseconds('signIn.magicLink.life', life)
    if (read < MINUTE || read > HOUR) invalid('signIn.magicLink.life', life, `Give '1m' to '1h'.`)
    return { life: read }
  },
  paths: (_, { path }) => [
    { path: `${path}/link`, open: true, challenged: 'login' },
    { path: `${path}/link/open`, open: true, link: 'magic-link' },
  ],
  operations: (_, { path }) => [
    {
      method: 'post',
      path: `${path}/link`,
      id: 'askForLink',
      what: 'Asks for a letter with a link that signs in; a cookie binds it to this client.',
      as: 'anybody',
      body: objectOf({ login: { type: 'string' }, next: { type: 'string' } }, ['next']),
      answers: { 202: ASKED, 422: { what: 'There is no name.' }, 429: { what: 'Too many letters were asked for.' } },
    },
    {
      method: 'post',
      path: `${path}/link/open`,
      id: 'signInWithLink',
      what: 'Signs in with the token of a link, by the client that asked for it.',
      as: 'anybody',
      body: objectOf({ token: { type: 'string' }, next: { type: 'string' } }, ['next']),
      answers: {
        200: SIGNED_IN,
        401: { what: 'Used or too old, or a second factor is needed.' },
        409: { what: 'Another client asked for it.' },
        429: { what: 'Too many attempts.' },
      },
    },
  ],
  start(desk, options) {
    const askPath = `${desk.options.path}/link`
    const cookie = hostCookie(desk.setting.site, 'link', 'lax')
    return {
      pages: { [askPath]: ask(desk, { ...options, askPath, cookie }), [`${askPath}/open`]: open(desk, { askPath, cookie }) },
      provesAgain: true,
      offer: (_, next) => offerOf(askPath, next, 'Send me a link by mail'),
    }
  },
})

interface Here {
  readonly askPath: string
  readonly cookie: HostCookie
}

function ask(desk: Desk, { life, askPath, cookie }: Here & Options): Page {
  const { magicLink: door } = desk.accounts.doors

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const next = sent.text('next')
    const typed = nameIn(sent)
    if (!typed.ok) return sent.json ? deny(422, 'name-missing') : page(render(x, next, { errors: { login: typed.words } }), 422)
    const carried = carriedNext(desk, next) ?? ''
    const asked = await door.ask({ name: typed.name, life, next: carried.length > LONGEST_NEXT ? '' : carried }, originOf(x))
    if (!asked.ok) return turnAway(sent, asked, (form) => render(x, next, { login: typed.name, errors: { form } }))
    cookie.hold(x, asked.browser.reveal(), life)
    return sent.json ? json({ ok: true }, 202) : page(render(x, next, { asked: true }), 202)
  }

  function render(x: Exchange, next: string, more: Partial<AskMailModel> = {}) {
    return askMailPage({ ...model(desk, x), next: carriedNext(desk, next), action: askPath, holds: 'link', ...more })
  }

  return { show: (x) => page(render(x, queryText(x, 'next'))), act }
}

function open(desk: Desk, { askPath, cookie }: Here): Page {
  const { magicLink: door } = desk.accounts.doors

  async function show(x: Exchange): Promise<Reply> {
    const token = queryText(x, 'token').slice(0, LONGEST_TOKEN)
    const found = await door.look(token, cookie.read(x))
    if (found.state !== 'ready') return page(render(x, { state: found.state }), found.state === 'void' ? 410 : 409)
    return page(render(x, { state: 'ready', token, next: carriedNext(desk, found.next) }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const token = sent.text('token').slice(0, LONGEST_TOKEN)
    // The session that the browser had before ends with this sign-in: nobody can have planted it (fixation).
    const replaces = x.get(Session)?.token.reveal()
    const result = await door.signIn({ token, browser: cookie.read(x), replaces }, originOf(x))
    if (!result.ok && result.reason === 'elsewhere') return elsewhere(x, sent)
    if (result.ok || result.reason === 'second-factor') cookie.drop(x)
    if (result.ok) {
      desk.waiting.drop(x)
      return admit(x, sent, result, afterwards(desk, result.principal, sent.text('next')))
    }
    if (result.reason === 'second-factor') return askForMore(desk, x, sent, result)
    return turnAway(sent, result, (form) => render(x, { state: 'void', errors: { form } }), VOID)
  }

  function elsewhere(x: Exchange, { json: program }: Sent): Reply {
    return program ? deny(409, 'link-elsewhere') : page(render(x, { state: 'elsewhere' }), 409)
  }

  function render(x: Exchange, more: Pick<OpenLinkModel, 'state'> & Partial<OpenLinkModel>) {
    return openLinkPage({ ...model(desk, x), action: `${askPath}/open`, askPath, ...more })
  }

  return { show, act }
}
