/** Says that an app was signed out, because a token of it was used by two. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `client`: what the app calls itself. */
export const tokenReuse = defineLetter<{ client: string }>({
  subject: ({ brand }) => `An app was signed out of ${brand}`,
  text: ({ client }, { brand, origin }) =>
    `The app “${client}” was signed out of your account at ${brand}: a token that it had used up was used again, which happens when somebody has copied it.\n\nIf you use this app, sign in with it again. If you do not know it, change your password at ${origin} and look where you are signed in.\n`,
  html: ({ client }, { brand, origin }) => html`<p>
      The app “${client}” was signed out of your account at ${brand}: a token that it had used up was used again, which happens when
      somebody has copied it.
    </p>
    <p>If you use this app, sign in with it again. If you do not know it, change your password at
      <a href="${origin}">${origin}</a> and look where you are signed in.</p>`,
})
