/** Tells the owner what happened to their account, with the link that takes it back. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `what`, `when`: our words. `link`: its address. `days`: how long it is good for. */
export const notice = defineLetter<{ what: string; when: string; link: string; days: string }>({
  subject: ({ brand }) => `About the security of your account at ${brand}`,
  text: ({ what, when, link, days }, { brand }) =>
    `${what} It was at ${when}, at ${brand}.\n\nIf that was you, do nothing. If it was not, say so with this link. It is good for ${days} days, ends all sessions, and leads to a new password:\n\n${link}\n`,
  html: ({ what, when, link, days }, { brand }) => html`<p>${what} It was at ${when}, at ${brand}.</p>
    <p>
      If that was you, do nothing. If it was not, say so with this link. It is good for ${days} days, ends all sessions, and leads to a
      new password:
    </p>
    <p><a href="${link}">${link}</a></p>`,
})
