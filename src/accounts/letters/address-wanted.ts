/** Tells the owner of an address that another account wanted it: the page said the same as for a free one (L76). */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

export const addressWanted = defineLetter<Record<never, string>>({
  subject: ({ brand }) => `Your address at ${brand}`,
  text: (_, { brand, origin }) =>
    `Somebody, perhaps you, wanted to make this the address of another account at ${brand}. It is that of yours, so nothing was changed:\n\n${origin}\n\nIf it was not you, do nothing.\n`,
  html: (_, { brand, origin }) => html`<p>
      Somebody, perhaps you, wanted to make this the address of another account at ${brand}. It is that of yours, so nothing was
      changed: <a href="${origin}">${origin}</a>
    </p>
    <p>If it was not you, do nothing.</p>`,
})
