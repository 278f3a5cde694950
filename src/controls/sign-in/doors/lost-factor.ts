/**
 * For who has lost the second factor and the recovery codes: asked for at a sign-in that waits for them, told to the owner every day, and
 * stopped by anybody who is them. Source: OWASP Multifactor Authentication Cheat Sheet, "Resetting MFA".
 */
import { json, sentForm } from '../../../console/form.ts'
import { confirmLinkPage, messagePage } from '../../../console/pages/index.ts'
import { timeText } from '../../../console/time.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { inWords, model, originOf, type Desk } from '../desk.ts'
import { linkPage } from '../link-page.ts'
import { readRecovery, recoveryPaths, type RecoveryOptions } from '../recovery-options.ts'
import { defineDoor, type Page } from './door.ts'

type WithDelay = RecoveryOptions & { readonly delay: number }

const TOKEN = objectOf({ token: { type: 'string' } })
const GONE = { what: 'The link is not good any more.' }

export const lostFactor = defineDoor<WithDelay>({
  name: 'lostFactor',
  read({ recovery }, base) {
    const read = readRecovery(recovery, base)
    return read?.delay === undefined ? undefined : { ...read, delay: read.delay }
  },
  paths(_, base) {
    const { lostFactor: ask, cancel, remove } = recoveryPaths(base)
    return [
      { path: ask, open: true },
      { path: cancel, open: true, link: 'cancel-recovery' },
      { path: remove, open: true, link: 'remove-factors' },
    ]
  },
  operations(_, base) {
    const { lostFactor: ask, cancel, remove } = recoveryPaths(base)
    return [
      {
        method: 'post',
        path: ask,
        id: 'askToRemoveSecondFactor',
        what: 'Says at a sign-in that waits that the second factor is lost; after the delay a letter brings the link that removes it.',
        as: 'anybody',
        answers: {
          202: { what: 'Asked for.', schema: objectOf({ ok: { const: true }, due: { type: 'string', format: 'date-time' } }) },
          401: { what: 'No sign-in waits.' },
          409: { what: 'There is no verified address to write to.' },
          429: { what: 'It was asked for too often.' },
        },
      },
      {
        method: 'post',
        path: cancel,
        id: 'cancelRemovalOfSecondFactor',
        what: 'Stops it, by the token of any of the letters.',
        as: 'anybody',
        body: TOKEN,
        answers: { 200: DONE, 410: GONE },
      },
      {
        method: 'post',
        path: remove,
        id: 'removeLostSecondFactor',
        what: 'Removes the second factor once the delay is over, and ends all sessions.',
        as: 'anybody',
        body: TOKEN,
        answers: { 200: DONE, 410: GONE },
      },
    ]
  },
  start(desk, options) {
    const { lostFactor: door } = desk.accounts.doors
    const { lostFactor: ask, cancel, remove } = recoveryPaths(desk.options)
    return {
      pages: {
        [ask]: askPage(desk, options),
        [cancel]: linkPage(desk, {
          action: cancel,
          title: 'Keep the second factor?',
          words: ['Somebody who got past the first step of signing in as you wants it removed. If that was not you, keep it.'],
          button: 'Keep it',
          read: (token) => door.read('cancel-recovery', token),
          act: (x, token) => door.cancel({ token }, originOf(x)),
          done: {
            title: 'Your second factor stays',
            words: ['Somebody knows your password or reads your mail. Sign in and change the password now.'],
          },
        }),
        [remove]: linkPage(desk, {
          action: remove,
          title: 'Remove the second factor?',
          words: ['The password alone will let you in. You will be signed out everywhere. Set up a new one afterwards.'],
          button: 'Remove it',
          style: 'danger',
          read: (token) => door.read('remove-factors', token),
          act: (x, token) => door.remove({ token }, originOf(x)),
          done: { title: 'The second factor is removed', words: ['Sign in with your password, and set up a new one.'] },
        }),
      },
    }
  },
})

function askPage(desk: Desk, { delay }: WithDelay): Page {
  const { lostFactor: door, secondFactor } = desk.accounts.doors
  const action = recoveryPaths(desk.options).lostFactor
  const days = Math.round(delay / 86_400_000)
  const shown = {
    action,
    title: 'Lost the app and the recovery codes?',
    words: [
      `We can remove your second factor in ${days} ${days === 1 ? 'day' : 'days'}. Until then we write to you every day, and whoever gets these letters can stop it. Look for the recovery codes first: with one of them you are in at once.`,
    ],
    button: 'Ask for it',
  }

  function expired(x: Exchange): Reply {
    return sentForm(x).json ? deny(401, 'sign-in-expired') : seeOther(desk.options.path)
  }

  async function show(x: Exchange): Promise<Reply> {
    const pending = desk.waiting.read(x)
    if (pending === undefined || !(await secondFactor.waits(pending))) return expired(x)
    return page(confirmLinkPage({ ...model(desk, x), ...shown }))
  }

  async function act(x: Exchange): Promise<Reply> {
    const sent = sentForm(x)
    const asked = await door.ask({ pending: desk.waiting.read(x) ?? '', delay }, originOf(x))
    if (asked.ok) {
      if (sent.json) return json({ ok: true, due: new Date(asked.dueAt).toISOString() }, 202)
      const words = `From ${timeText(asked.dueAt)} on a letter brings you the link. We wrote to you just now, and will every day.`
      return page(messagePage({ ...model(desk, x), title: 'It is asked for', words: [words] }), 202)
    }
    if (asked.reason === 'expired') return expired(x)
    if (asked.reason === 'no-address')
      return refuse(x, 409, 'no-address', 'There is no verified address to write to. Only those who run this site can help.')
    const words = `It was asked for too often. Try again ${inWords(asked.retryAfter)}.`
    return refuse(x, 429, 'too-many-attempts', words, { 'retry-after': String(asked.retryAfter) })
  }

  function refuse(x: Exchange, status: number, code: string, words: string, head: Record<string, string> = {}): Reply {
    if (sentForm(x).json) return deny(status, code, { head })
    const reply = page(messagePage({ ...model(desk, x), title: 'That is not possible', words: [words] }), status)
    return { ...reply, head: { ...reply.head, ...head } }
  }

  return { show, act }
}
