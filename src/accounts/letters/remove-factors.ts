/** The link that removes the second factor, once the delay is over. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `hours`: how long it is good for. */
export const removeFactors = defineLetter<{ link: string; hours: string }>({
  subject: ({ brand }) => `You can remove your second factor at ${brand} now`,
  text: ({ link, hours }, { brand }) =>
    `You said that you lost the second factor of your account at ${brand}, and nobody objected. With this link you remove it. It is good for ${hours} hours, once:\n\n${link}\n\nIf it was not you, do not follow it: change your password. Without the link nothing is removed.\n`,
  html: ({ link, hours }, { brand }) => html`<p>
      You said that you lost the second factor of your account at ${brand}, and nobody objected. With this link you remove it. It is
      good for ${hours} hours, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If it was not you, do not follow it: change your password. Without the link nothing is removed.</p>`,
})
