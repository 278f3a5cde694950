/** The link with which somebody who was invited makes their account. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `inviter`: their name, or nothing when the server invites. `days`: how long it is good for. */
export const invitation = defineLetter<{ link: string; inviter: string; days: string }>({
  subject: ({ brand }) => `You are invited to ${brand}`,
  text: ({ link, inviter, days }, { brand }) =>
    `${inviter === '' ? 'You were invited' : `${inviter} invited you`} to ${brand}. Make your account with this link. It is good for ${days} days, once:\n\n${link}\n\nIf you did not expect this, do nothing: without the link there is no account.\n`,
  html: ({ link, inviter, days }, { brand }) => html`<p>
      ${inviter === '' ? 'You were invited' : `${inviter} invited you`} to ${brand}. Make your account with this link. It is good for
      ${days} days, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If you did not expect this, do nothing: without the link there is no account.</p>`,
})
