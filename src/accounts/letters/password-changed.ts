/** Says that the password was replaced, to who may not have done it. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

export const passwordChanged = defineLetter<Record<never, string>>({
  subject: ({ brand }) => `Your password for ${brand} was changed`,
  text: (_, { brand, origin }) =>
    `The password of your account at ${brand} was changed, and you were signed out everywhere else.\n\nIf that was not you, somebody else can use your account. Ask for a new password at once:\n\n${origin}\n`,
  html: (_, { brand, origin }) => html`<p>
      The password of your account at ${brand} was changed, and you were signed out everywhere else.
    </p>
    <p>If that was not you, somebody else can use your account. Ask for a new password at once: <a href="${origin}">${origin}</a></p>`,
})
