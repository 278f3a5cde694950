/** The code that signs in. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

const WARNING = 'Type it only where you asked for it. Nobody of us ever asks for it, by mail or by telephone.'
const NOT_YOU = 'If you did not ask for it, do nothing: without the code nobody gets in.'

/** `code`: eight digits. It stands in no subject: those are shown on locked screens. */
export const emailCode = defineLetter<{ code: string }>({
  subject: ({ brand }) => `Your code for ${brand}`,
  text: ({ code }, { brand }) =>
    `Your code to sign in to ${brand} is ${grouped(code)}. It is good for 10 minutes, once.\n\n${WARNING}\n\n${NOT_YOU}\n`,
  html: ({ code }, { brand }) => html`<p>Your code to sign in to ${brand}. It is good for 10 minutes, once:</p>
    <p style="font-size:28px;letter-spacing:2px">${grouped(code)}</p>
    <p>${WARNING}</p>
    <p>${NOT_YOU}</p>`,
})

/** Four and four are easier to keep in mind. */
export function grouped(code: string): string {
  return `${code.slice(0, 4)} ${code.slice(4)}`
}
