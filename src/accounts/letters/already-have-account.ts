/** Tells the owner of an address that somebody asked for an account with it: the page said the same as for a new one (L76). */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `signIn`: the address of the sign-in page. */
export const alreadyHaveAccount = defineLetter<{ signIn: string }>({
  subject: ({ brand }) => `You have an account at ${brand}`,
  text: ({ signIn }, { brand }) =>
    `Somebody, perhaps you, typed this address to make an account at ${brand}. There is one already, so none was made. Sign in here:\n\n${signIn}\n\nIf you do not know the password any more, begin there, too. If it was not you, do nothing: nothing has changed.\n`,
  html: ({ signIn }, { brand }) => html`<p>
      Somebody, perhaps you, typed this address to make an account at ${brand}. There is one already, so none was made. Sign in here:
    </p>
    <p><a href="${signIn}">${signIn}</a></p>
    <p>If you do not know the password any more, begin there, too. If it was not you, do nothing: nothing has changed.</p>`,
})
