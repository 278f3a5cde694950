/** The code that confirms a sign-in, or something that asks for a second proof. */
import { html } from '../../html/html.ts'
import { grouped } from './email-code.ts'
import { defineLetter } from './letter.ts'

const WARNING = 'Type it only where you asked for it. Nobody of us ever asks for it, by mail or by telephone.'
const NOT_YOU = 'If you did not ask for it, somebody knows your password: change it.'

/** `code`: eight digits. */
export const factorCode = defineLetter<{ code: string }>({
  subject: ({ brand }) => `Confirm that it is you, for ${brand}`,
  text: ({ code }, { brand }) =>
    `Your code to confirm that it is you, for ${brand}, is ${grouped(code)}. It is good for 10 minutes, once.\n\n${WARNING}\n\n${NOT_YOU}\n`,
  html: ({ code }, { brand }) => html`<p>Your code to confirm that it is you, for ${brand}. It is good for 10 minutes, once:</p>
    <p style="font-size:28px;letter-spacing:2px">${grouped(code)}</p>
    <p>${WARNING}</p>
    <p>${NOT_YOU}</p>`,
})
