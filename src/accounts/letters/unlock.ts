/** The link that ends a lock. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `minutes`: how long it is good for. */
export const unlock = defineLetter<{ link: string; minutes: string }>({
  subject: ({ brand }) => `Too many wrong passwords at ${brand}`,
  text: ({ link, minutes }, { brand }) =>
    `Somebody tried wrong passwords for your account at ${brand}, so many that it takes no more of them for a while. If it was you, this link lets you try again. It is good for ${minutes} minutes, once:\n\n${link}\n\nIf it was not you, do nothing: nobody got in.\n`,
  html: ({ link, minutes }, { brand }) => html`<p>
      Somebody tried wrong passwords for your account at ${brand}, so many that it takes no more of them for a while. If it was you,
      this link lets you try again. It is good for ${minutes} minutes, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If it was not you, do nothing: nobody got in.</p>`,
})
