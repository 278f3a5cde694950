/** Says that the second factor is gone. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

export const factorsRemoved = defineLetter<Record<never, string>>({
  subject: ({ brand }) => `Your second factor at ${brand} was removed`,
  text: (_, { brand, origin }) =>
    `The second factor of your account at ${brand} was removed, and you were signed out everywhere. The password alone lets you in now. Set up a new one soon:\n\n${origin}\n\nIf that was not you, ask for a new password at once.\n`,
  html: (_, { brand, origin }) => html`<p>
      The second factor of your account at ${brand} was removed, and you were signed out everywhere. The password alone lets you in
      now. Set up a new one soon: <a href="${origin}">${origin}</a>
    </p>
    <p>If that was not you, ask for a new password at once.</p>`,
})
