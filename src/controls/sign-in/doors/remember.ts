/**
 * For somebody whom the browser remembers and who has a second factor: a button on the sign-in page leads straight to it, in place of
 * the password. Everybody else whom a browser remembers is signed in before they see that page; see `controls/session/restore.ts`.
 * Source: OWASP ASVS 5.0 6.3.3; OWASP Multifactor Authentication Cheat Sheet.
 */
import { sentForm } from '../../../console/form.ts'
import { rememberedForm } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import type { Reply } from '../../../engine/reply.ts'
import { deny, seeOther } from '../../../engine/reply.ts'
import { objectOf } from '../../../http/openapi.ts'
import { Remembered, Session } from '../../session/slot.ts'
import { SIGNED_IN } from '../answers.ts'
import { admit, afterwards, askForMore, model, originOf, withNext, type Desk } from '../desk.ts'
import { defineDoor, type Page } from './door.ts'

interface Options {
  readonly path: string
}

export const remember = defineDoor<Options>({
  name: 'remember',
  read: (_, { lives, path }) => (lives.remember === undefined ? undefined : { path: `${path}/remembered` }),
  paths: ({ path }) => [{ path, open: true }],
  operations: ({ path }) => [
    {
      method: 'post',
      path,
      id: 'signInRemembered',
      what: 'Signs in whom the browser remembers, or begins the second step for them.',
      as: 'anybody',
      body: objectOf({ next: { type: 'string' } }, ['next']),
      answers: { 200: SIGNED_IN, 401: { what: 'Nobody is remembered here, or a second factor is needed.' } },
    },
  ],
  start: (desk, { path }) => ({
    pages: { [path]: signInRemembered(desk) },
    offer: (x, next) => (x.get(Remembered) ? rememberedForm({ ...model(desk, x), next }, path) : undefined),
  }),
})

function signInRemembered(desk: Desk): Page {
  const { accounts, cookies, options } = desk

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const token = cookies.remember.read(x)
    // The session that the browser had before ends with this sign-in: nobody can have planted it (fixation).
    const replaces = x.get(Session)?.token.reveal()
    const result =
      token === undefined ? undefined : await accounts.doors.remember.signIn({ token, ask: true, replaces }, originOf(x))
    if (result?.ok) return admit(x, sent, result, afterwards(desk, result.principal, sent.text('next')))
    if (result?.reason === 'second-factor') return askForMore(desk, x, sent, result)
    if (result?.reason === 'denied') cookies.remember.drop(x)
    return sent.json ? deny(401, 'sign-in-required') : seeOther(withNext(desk, options.path, sent.text('next')))
  }

  return { act }
}
