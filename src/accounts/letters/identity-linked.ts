/** Says that somebody can sign in by an account of another provider from now on, to who may not have done it. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `provider`: its id in the options. */
export const identityLinked = defineLetter<{ provider: string }>({
  subject: ({ brand }) => `A way to sign in to ${brand} was added`,
  text: ({ provider }, { brand, origin }) =>
    `An account of another provider (${provider}) was linked to your account at ${brand}. Whoever has it can sign in as you.\n\nIf that was not you, sign in, unlink it, and change your password at once:\n\n${origin}\n`,
  html: ({ provider }, { brand, origin }) => html`<p>
      An account of another provider (${provider}) was linked to your account at ${brand}. Whoever has it can sign in as you.
    </p>
    <p>
      If that was not you, sign in, unlink it, and change your password at once: <a href="${origin}">${origin}</a>
    </p>`,
})
