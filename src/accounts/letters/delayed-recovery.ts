/** Says that somebody wants the second factor of an account removed, as long as it can be stopped: at once, and every day. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `link`: cancels it. `hours`: how many are left. */
export const delayedRecovery = defineLetter<{ link: string; hours: string }>({
  subject: ({ brand }) => `Somebody wants to remove your second factor at ${brand}`,
  text: ({ link, hours }, { brand }) =>
    `Somebody who got past the first step of signing in to your account at ${brand} says that the second factor is lost. In ${hours} hours it can be removed.\n\nIf it was not you, stop it with this link, and then change your password:\n\n${link}\n\nIf it was you, wait. You will get another letter. Signing in with the second factor stops it, too.\n`,
  html: ({ link, hours }, { brand }) => html`<p>
      Somebody who got past the first step of signing in to your account at ${brand} says that the second factor is lost. In ${hours}
      hours it can be removed.
    </p>
    <p>If it was not you, stop it with this link, and then change your password:</p>
    <p><a href="${link}">${link}</a></p>
    <p>If it was you, wait. You will get another letter. Signing in with the second factor stops it, too.</p>`,
})
