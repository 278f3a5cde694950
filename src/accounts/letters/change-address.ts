/** The link that makes an address that of an account, for who reads its mail. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `login`: whose account. `minutes`: how long it is good for. */
export const changeAddressLetter = defineLetter<{ link: string; login: string; minutes: string }>({
  subject: ({ brand }) => `Confirm your new address for ${brand}`,
  text: ({ link, login, minutes }, { brand }) =>
    `${login} at ${brand} is to have this address. Confirm it with this link. It is good for ${minutes} minutes, once:\n\n${link}\n\nIf you do not know this account, do nothing: nothing has changed.\n`,
  html: ({ link, login, minutes }, { brand }) => html`<p>
      ${login} at ${brand} is to have this address. Confirm it with this link. It is good for ${minutes} minutes, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If you do not know this account, do nothing: nothing has changed.</p>`,
})
