/** The link with which a user shows that they read the mail of their address. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: its address. `login`: whose account. `hours`: how long it is good for. */
export const verifyAddress = defineLetter<{ link: string; login: string; hours: string }>({
  subject: ({ brand }) => `Confirm your address at ${brand}`,
  text: ({ link, login, hours }, { brand }) =>
    `The account ${login} at ${brand} has this address. If the account is yours, confirm it with this link. It is good for ${hours} hours, once:\n\n${link}\n\nIf you know nothing of this account, do nothing: with the link you would say that it is yours.\n`,
  html: ({ link, login, hours }, { brand }) => html`<p>
      The account <b>${login}</b> at ${brand} has this address. If the account is yours, confirm it with this link. It is good for
      ${hours} hours, once:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>If you know nothing of this account, do nothing: with the link you would say that it is yours.</p>`,
})
