/** Says that somebody of the operator looks at the application as this user does. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `by`: their name. `reason`: what they gave. `minutes`: how long it lasts at most. */
export const impersonated = defineLetter<{ by: string; reason: string; minutes: string }>({
  subject: ({ brand }) => `Somebody at ${brand} looks at your account`,
  text: ({ by, reason, minutes }, { brand, origin }) =>
    `${by}, who runs ${brand}, began to use it as you, for at most ${minutes} minutes. The reason given:\n\n${reason}\n\nThey do not know your password and can change none of your ways to sign in. As long as it lasts you see it at ${origin} among your sessions, and can end it there.\n`,
  html: ({ by, reason, minutes }, { brand, origin }) => html`<p>
      ${by}, who runs ${brand}, began to use it as you, for at most ${minutes} minutes. The reason given:
    </p>
    <p>${reason}</p>
    <p>They do not know your password and can change none of your ways to sign in. As long as it lasts you see it at
      <a href="${origin}">${origin}</a> among your sessions, and can end it there.</p>`,
})
