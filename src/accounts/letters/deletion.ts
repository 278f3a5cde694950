/** Says that an account is being deleted, with the link that keeps it. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `until`: when it is too late. */
export const deletion = defineLetter<{ link: string; until: string }>({
  subject: ({ brand }) => `Your account at ${brand} will be deleted`,
  text: ({ link, until }, { brand }) =>
    `Somebody who was signed in asked to delete your account at ${brand}. Nobody can use it any more, and on ${until} everything in it is deleted. Until then this link keeps it:\n\n${link}\n\nIf that was you, do nothing. If it was not, keep the account, and choose another password at once.\n`,
  html: ({ link, until }, { brand }) => html`<p>
      Somebody who was signed in asked to delete your account at ${brand}. Nobody can use it any more, and on ${until} everything in it
      is deleted. Until then this link keeps it:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If that was you, do nothing. If it was not, keep the account, and choose another password at once.</p>`,
})
