/** The page on which everybody may write to us, and how administrators read it. */
import { timeOf } from 'holdfast/console'
import type { FormView } from 'holdfast/forms'
import { html, type SafeHtml } from 'holdfast/html'
import type { Message } from '../messages.ts'
import { done, page, titled, type Frame } from './page.ts'

export function contactPage(frame: Frame, form: FormView, notice: string | undefined): SafeHtml {
  return page(
    frame,
    titled('Write to us', form),
    html`<h1>Write to us</h1>
      ${done(notice)}
      <section class="card">
        <div class="body">${form.html}</div>
      </section>`,
  )
}

export function messagesCard(messages: readonly Message[]): SafeHtml {
  return html`<section class="card" aria-labelledby="messages">
    <header>
      <h2 id="messages">Messages</h2>
      <span class="badge num">${messages.length}</span>
    </header>
    ${
      messages.length === 0
        ? html`<p class="empty">Nobody has written to you yet.</p>`
        : html`<ul class="list">
            ${messages.map(messageItem)}
          </ul>`
    }
  </section>`
}

/** The address is text and no link: whoever wrote it may have written anything. */
function messageItem({ address, text, sentAt }: Message): SafeHtml {
  return html`<li>
    <div class="main">
      <p class="text">${text}</p>
      <p class="small muted">${address}, ${timeOf(sentAt)}</p>
    </div>
  </li>`
}
