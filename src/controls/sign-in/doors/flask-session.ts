/**
 * For a time of moving from Flask: whoever was signed in there goes on by a button on the sign-in page, once for each cookie. A button,
 * because a request that only comes with a cookie is not somebody who wants to sign in (CWE-352).
 * Source: OWASP Session Management Cheat Sheet; CWE-384.
 */
import { sentForm } from '../../../console/form.ts'
import { continueForm } from '../../../console/pages/index.ts'
import { sha256 } from '../../../crypto/hash.ts'
import { createUnsigner } from '../../../crypto/itsdangerous.ts'
import { checkInsecure } from '../../../engine/options.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { readCookie } from '../../../http/cookie.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Session } from '../../session/slot.ts'
import { SIGNED_IN } from '../answers.ts'
import { admit, afterwards, askForMore, LONGEST, model, originOf, withNext, type Desk } from '../desk.ts'
import { readFlaskSession, type FlaskSessionOptions } from '../flask-options.ts'
import { defineDoor, type Page } from './door.ts'

export const flaskSession = defineDoor<FlaskSessionOptions>({
  name: 'insecureFlaskSession',
  read: ({ insecureFlaskSession }, base) => readFlaskSession(insecureFlaskSession, base),
  paths: ({ path }) => [{ path, open: true }],
  operations: ({ path }) => [
    {
      method: 'post',
      path,
      id: 'continueFlaskSession',
      what: 'Signs in once whom the application on Flask had signed in, by its cookie.',
      as: 'anybody',
      body: objectOf({ next: { type: 'string' } }, ['next']),
      answers: { 200: SIGNED_IN, 401: { what: 'The cookie opens nothing, or a second factor is needed.' } },
    },
  ],
  start(desk, options) {
    const { path, reason, until, cookie } = options
    checkInsecure('signIn.insecureFlaskSession', { reason, until }, desk.setting.now())
    desk.emit({ type: 'sys_insecure_setting', data: { setting: 'signIn.insecureFlaskSession', reason, until } })
    return {
      pages: { [path]: goOn(desk, options) },
      offer: (x, next) =>
        readCookie(x.header('cookie'), cookie).ok ? continueForm({ ...model(desk, x), next }, path) : undefined,
    }
  },
})

function goOn(desk: Desk, options: FlaskSessionOptions): Page {
  const { accounts, emit } = desk
  const { cookie: name, userIdKey, loginOf, maxAge, until } = options
  const unsign = createUnsigner(options)
  const over = Date.parse(`${until}T23:59:59.999Z`)

  /** The login of whom the cookie names, and the hash by which it is used up. */
  async function whoIn(x: Exchange): Promise<{ readonly login: string; readonly cookie: string } | undefined> {
    const sent = readCookie(x.header('cookie'), name)
    if (!sent.ok || x.time > over) return undefined
    const read = unsign(sent.value, x.time)
    if (!read.ok) {
      emit({ type: 'session_forged', data: { reason: `flask-${read.reason}` } }, x)
      return undefined
    }
    const id = Object.hasOwn(read.value, userIdKey) ? read.value[userIdKey] : undefined
    const login = typeof id === 'string' && id !== '' ? await loginOf(id) : undefined
    return login === undefined || login.length > LONGEST.login ? undefined : { login, cookie: sha256(sent.value) }
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const who = await whoIn(x)
    const replaces = x.get(Session)?.token.reveal()
    const result = who && (await accounts.doors.flaskSession.signIn({ ...who, life: maxAge, replaces }, originOf(x)))
    if (result?.ok) return admit(x, sent, result, afterwards(desk, result.principal, sent.text('next')))
    if (result?.reason === 'second-factor') return askForMore(desk, x, sent, result)
    return sent.json ? deny(401, 'sign-in-required') : seeOther(withNext(desk, desk.options.path, sent.text('next')))
  }

  return { act }
}
