/**
 * The page of an invitation. Who has no account makes one; who owns the invited address is asked to sign in and to accept as who they
 * are (L96). There unless `signIn.signUp` is `'closed'`.
 * Source: OWASP ASVS 5.0 8.2; GHSA-fmh4-wcc4-5jm3.
 */
import type { InvitationShown } from '../../../accounts/types.ts'
import { json, sentForm } from '../../../console/form.ts'
import { confirmLinkPage, messagePage } from '../../../console/pages/index.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import { deny, page, seeOther, type Reply } from '../../../engine/reply.ts'
import { DONE, objectOf } from '../../../http/openapi.ts'
import { Session, type CurrentSession } from '../../session/slot.ts'
import { model, originOf, queryText, type Desk } from '../desk.ts'
import { linkIsOver, LONGEST_TOKEN, NEW_ACCOUNT, newcomerForm } from '../newcomer.ts'
import { defineDoor, type Page } from './door.ts'

const pathsOf = (path: string) => ({ accept: `${path}/invitation`, join: `${path}/invitation/join` })

export const invitation = defineDoor({
  name: 'invitation',
  read: (_, { signUp }) => (signUp.mode === 'closed' ? undefined : {}),
  paths: (_, { signUp }) => {
    const { accept, join } = pathsOf(signUp.path)
    return [
      { path: accept, open: true, link: 'invitation' },
      { path: join, open: false },
    ]
  },
  operations: (_, { signUp }) => {
    const { accept, join } = pathsOf(signUp.path)
    return [
      {
        method: 'post',
        path: accept,
        id: 'acceptInvitation',
        what: 'Makes the account that somebody was invited to, and signs in.',
        as: 'anybody',
        ...NEW_ACCOUNT,
      },
      {
        method: 'post',
        path: join,
        id: 'joinByInvitation',
        what: 'Accepts an invitation with the account that owns the address.',
        as: 'session',
        body: objectOf({ token: { type: 'string' } }),
        answers: { 200: DONE, 403: { what: 'The address is of another account.' }, 410: { what: 'The link is over.' } },
      },
    ]
  },
  start(desk) {
    const { path } = desk.options.signUp
    const { accept, join } = pathsOf(path)
    return { pages: { [accept]: acceptPage(desk, accept, join), [join]: joinPage(desk, accept) } }
  },
})

function acceptPage(desk: Desk, action: string, join: string): Page {
  const { doors } = desk.accounts
  const { brand } = desk.options

  function wordsOf({ inviter }: InvitationShown): string {
    return inviter === undefined ? `You were invited to ${brand}.` : `${inviter} invited you to ${brand}.`
  }

  async function read(token: string) {
    const found = await doors.invitation.read(token)
    return found && found.owner === undefined ? { ...found, words: wordsOf(found) } : undefined
  }

  const form = newcomerForm(desk, { action, read, enter: (account, x) => doors.invitation.accept(account, originOf(x)) })

  return {
    async show(x) {
      const token = queryText(x, 'token').slice(0, LONGEST_TOKEN)
      const found = await doors.invitation.read(token)
      if (!found) return form.over(x)
      if (found.owner === undefined) return page(form.render(x, token, { ...found, words: wordsOf(found) }))
      return toOwner(x, token, found, x.get(Session))
    },
    act: form.take,
  }

  function toOwner(x: Exchange, token: string, found: InvitationShown, session: CurrentSession | null | undefined): Reply {
    const shared = { ...model(desk, x), title: 'You are invited' }
    if (session?.principal.id === found.owner) {
      const words = [wordsOf(found), 'You accept with the account that you are signed in with.']
      return page(confirmLinkPage({ ...shared, words, action: join, token, button: 'Accept' }))
    }
    const words = [
      wordsOf(found),
      `There is an account with the address ${found.address}. Sign in with it, then open the link of the letter again.`,
    ]
    return page(
      messagePage({
        ...shared,
        words,
        way: { path: session ? desk.options.signOutPath : desk.options.path, label: session ? 'Sign out first' : 'Sign in' },
      }),
    )
  }
}

function joinPage(desk: Desk, accept: string): Page {
  const { doors } = desk.accounts

  async function act(x: Exchange): Promise<Reply> {
    const session = x.get(Session)
    if (!session) return deny(401, 'sign-in-required')
    const sent = sentForm(x)
    const token = sent.text('token').slice(0, LONGEST_TOKEN)
    const joined = await doors.invitation.join({ token, session: session.token.reveal() }, originOf(x))
    if (joined.ok) return sent.json ? json({ ok: true }) : seeOther(desk.options.afterSignIn)
    if (joined.reason === 'not-owner') return deny(403, 'invitation-of-another')
    return joined.reason === 'denied' ? deny(401, 'sign-in-required') : linkIsOver(desk, x, sent)
  }

  /** Somebody who loads the address again is led to the page with the form. */
  return { show: (x) => seeOther(`${accept}${x.search}`), act }
}
