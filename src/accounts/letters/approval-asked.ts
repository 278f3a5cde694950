/** Asks a second person to look at what somebody wants to do. */
import { html } from '../../html/html.ts'
import { defineLetter } from './letter.ts'

/** `by`: who asks. `act`: what it is called. `until`: when the question is void. `link`: the page, which opens nothing by itself. */
export const approvalAsked = defineLetter<{ by: string; act: string; until: string; link: string }>({
  subject: ({ brand }) => `Somebody at ${brand} needs your approval`,
  text: ({ by, act, until, link }, { brand }) =>
    `${by} asks for a second person at ${brand}: ${act}. Sign in and read what exactly is asked, and why:\n\n${link}\n\nThe question waits until ${until}. Ask ${by} yourself, by another way than this letter, before you say yes.\n`,
  html: ({ by, act, until, link }, { brand }) => html`<p>
      ${by} asks for a second person at ${brand}: ${act}. Sign in and read what exactly is asked, and why:
    </p>
    <p><a href="${link}">${link}</a></p>
    <p>The question waits until ${until}. Ask ${by} yourself, by another way than this letter, before you say yes.</p>`,
})
