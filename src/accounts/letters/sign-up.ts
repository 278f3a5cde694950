/** The link with which somebody who asked for an account makes it. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `hours`: how long it is good for. */
export const signUp = defineLetter<{ link: string; hours: string }>({
  subject: ({ brand }) => `Your account at ${brand}`,
  text: ({ link, hours }, { brand }) =>
    `Somebody, probably you, asked for an account at ${brand} with this address. Make it with this link. It is good for ${hours} hours, once:\n\n${link}\n\nIf it was not you, do nothing: without the link there is no account.\n`,
  html: ({ link, hours }, { brand }) => html`<p>
      Somebody, probably you, asked for an account at ${brand} with this address. Make it with this link. It is good for ${hours}
      hours, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If it was not you, do nothing: without the link there is no account.</p>`,
})
