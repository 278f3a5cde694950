/** The page that is open to everybody. */
import type { FormView } from 'holdfast/forms'
import { html, type SafeHtml } from 'holdfast/html'
import { page, titled, type Frame } from './page.ts'

/** `name` comes from the address and may be anything: html`` makes text of it. */
export function homePage(frame: Frame, name: string, greeting: FormView): SafeHtml {
  const way = frame.principal
    ? html`<a class="btn primary" href="/dashboard">Go to your notes</a>`
    : html`<a class="btn primary" href="/login">Sign in</a>`
  return page(
    frame,
    titled('Home', greeting),
    html`<section class="card hero">
        <div class="body cols">
          <div class="stack">
            <h1>${name === '' ? 'Welcome' : `Welcome, ${name}`}</h1>
            <p class="muted">
              Field notes keeps what you saw where only you can read it. It is an example: everything that makes it safe comes
              from one call of <code>createHoldfast</code>.
            </p>
            <div class="row stretch">${way}</div>
          </div>
          <div class="stack">${greeting.html}</div>
        </div>
      </section>
      <div class="cols">
        ${pointer('Yours alone', 'Every page asks for a sign-in unless it is named as open.', '/dashboard', 'Your notes')}
        ${pointer('By role', 'Only administrators see who is here, and change it.', '/admin', 'Administration')}
        ${pointer('Open, and no door for programs', 'Who is not known may write to us, and their browser works for it.', '/contact', 'Write to us')}
        ${pointer('When it breaks', 'Readers get an id, the log gets the rest. Try it.', '/boom', 'Break it')}
      </div>`,
  )
}

function pointer(title: string, words: string, href: string, link: string): SafeHtml {
  return html`<section class="card">
    <div class="body stack">
      <h2>${title}</h2>
      <p class="muted">${words}</p>
      <p><a href="${href}">${link}</a></p>
    </div>
  </section>`
}
