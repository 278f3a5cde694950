/** The link with which somebody who has an account accepts an invitation: signed in as who they are (L96). */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `inviter`: their name, or nothing when the server invites. `days`: how long it is good for. */
export const invitationToOwner = defineLetter<{ link: string; inviter: string; days: string }>({
  subject: ({ brand }) => `You are invited to more at ${brand}`,
  text: ({ link, inviter, days }, { brand }) =>
    `${inviter === '' ? 'You were invited' : `${inviter} invited you`} to ${brand}, where you have an account already. Sign in with it, and then accept with this link. It is good for ${days} days, once:\n\n${link}\n\nIf you did not expect this, do nothing: nothing has changed.\n`,
  html: ({ link, inviter, days }, { brand }) => html`<p>
      ${inviter === '' ? 'You were invited' : `${inviter} invited you`} to ${brand}, where you have an account already. Sign in with
      it, and then accept with this link. It is good for ${days} days, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If you did not expect this, do nothing: nothing has changed.</p>`,
})
