/**
 * Where a password was right and lets nobody in any more: it has had its time, or is too short without the second factor that went.
 * Source: NIST SP 800-63B-4 section 3.1.1.2.
 */
import { sentForm } from '../../../console/form.ts'
import { Secret } from '../../../crypto/secret.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { actOnChoice, showChoice } from '../choose.ts'
import { originOf, type Desk } from '../desk.ts'
import { recoveryPaths } from '../recovery-options.ts'
import { defineDoor, type Page } from './door.ts'

const WHY = 'Your password was right, but it has to be replaced before you can sign in.'

export const newPassword = defineDoor({
  name: 'newPassword',
  read: () => ({}),
  paths: (_, base) => [{ path: recoveryPaths(base).newPassword, open: true }],
  operations: (_, base) => [
    {
      method: 'post',
      path: recoveryPaths(base).newPassword,
      id: 'replacePassword',
      what: 'Replaces a password that was right and has had its time. It gives no session.',
      as: 'anybody',
      body: objectOf({ password: { type: 'string' } }),
      answers: {
        200: DONE,
        401: { what: 'No sign-in waits for it.' },
        422: { what: 'The password may not be chosen.' },
        503: { what: 'Too much is being hashed.' },
      },
    },
  ],
  start: (desk) => ({ pages: { [recoveryPaths(desk.options).newPassword]: replacePage(desk) } }),
})

function replacePage(desk: Desk): Page {
  const { newPassword: door } = desk.accounts.doors
  const action = recoveryPaths(desk.options).newPassword

  function expired(x: Exchange): Reply {
    desk.waiting.drop(x)
    return sentForm(x).json ? deny(401, 'sign-in-expired') : seeOther(desk.options.path)
  }

  async function show(x: Exchange): Promise<Reply> {
    const pending = desk.waiting.read(x)
    const choosing = pending === undefined ? undefined : await door.read(pending)
    return choosing ? showChoice(desk, x, choosing, { action, why: WHY, token: undefined, errors: undefined }) : expired(x)
  }

  async function act(x: Exchange): Promise<Reply> {
    const pending = desk.waiting.read(x) ?? ''
    const choosing = await door.read(pending)
    const reply = await actOnChoice(desk, {
      x,
      sent: sentForm(x),
      form: { action, why: WHY },
      choosing,
      set: (password) => door.set({ pending, password: new Secret(password) }, originOf(x)),
      expired: () => expired(x),
    })
    if (choosing && (await door.read(pending)) === undefined) desk.waiting.drop(x)
    return reply
  }

  return { show, act }
}
