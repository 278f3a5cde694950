/** The link that signs in. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `minutes`: how long it is good for. */
export const magicLink = defineLetter<{ link: string; minutes: string }>({
  subject: ({ brand }) => `Sign in to ${brand}`,
  text: ({ link, minutes }, { brand }) =>
    `Sign in to ${brand} with this link. It is good for ${minutes} minutes, once:\n\n${link}\n\nIf you did not ask for it, do nothing: without the link nobody gets in.\n`,
  html: ({ link, minutes }, { brand }) => html`<p>Sign in to ${brand} with this link. It is good for ${minutes} minutes, once:</p>
    <p><a href="${link}">${link}</a></p>
    <p>If you did not ask for it, do nothing: without the link nobody gets in.</p>`,
})
