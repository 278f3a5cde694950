/** Says to everybody who administers that the sealed account was opened. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `when` and `from`: of the opening. `minutes`: how long it lasts. */
export const breakGlassOpened = defineLetter<{ when: string; from: string; minutes: string }>({
  subject: ({ brand }) => `The sealed account of ${brand} was opened`,
  text: ({ when, from, minutes }, { brand, origin }) =>
    `Somebody opened the break-glass account of ${brand} with what was in the envelope, on ${when}, from ${from}. It may do everything for ${minutes} minutes.\n\nIf you do not know why, end it now by the command "holdfast users disable break-glass", and look at the log. Afterwards seal it anew: the envelope is void.\n\n${origin}\n`,
  html: ({ when, from, minutes }, { brand, origin }) => html`<p>
      Somebody opened the break-glass account of ${brand} with what was in the envelope, on ${when}, from ${from}. It may do everything for
      ${minutes} minutes.
    </p>
    <p>If you do not know why, end it now by the command "holdfast users disable break-glass", and look at the log. Afterwards seal it anew:
      the envelope is void.</p>
    <p><a href="${origin}">${origin}</a></p>`,
})
