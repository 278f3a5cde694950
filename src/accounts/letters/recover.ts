/** The link that sets a new password. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `minutes`: how long it is good for. */
export const recover = defineLetter<{ link: string; minutes: string }>({
  subject: ({ brand }) => `A new password for ${brand}`,
  text: ({ link, minutes }, { brand }) =>
    `Somebody, perhaps you, forgot the password of this account at ${brand}. With this link you choose a new one. It is good for ${minutes} minutes, once:\n\n${link}\n\nIf it was not you, do nothing: your password stays what it is.\n`,
  html: ({ link, minutes }, { brand }) => html`<p>
      Somebody, perhaps you, forgot the password of this account at ${brand}. With this link you choose a new one. It is good for
      ${minutes} minutes, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If it was not you, do nothing: your password stays what it is.</p>`,
})
