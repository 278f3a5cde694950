/**
 * The page for everything that went wrong. It says what the reader can do, and an id by which the operator finds the rest in the
 * log; no message of an error, no stack, no path, no version (OWASP ASVS 5.0, 16.5.1; CWE-209).
 */
import { html, type SafeHtml } from '../../html/html.ts'
import { layout } from '../layout.ts'

/** What the page of an error is given: nothing of the error itself. */
export interface ErrorModel {
  readonly nonce: string
  /** HTTP status, for example 404. */
  readonly status: number
  /** Heading in place of the one for this status. */
  readonly title?: string | undefined
  /** Sentence in place of the one for this status; a constant of the application. */
  readonly message?: string | undefined
  /** Id of the error in the log. */
  readonly errorId?: string | undefined
  /** Id of the request in the log. */
  readonly requestId?: string | undefined
  /** Seconds after which to try again, as in `Retry-After`. */
  readonly retryAfter?: number | undefined
  /** Name of the application. @default 'Holdfast' */
  readonly brand?: string | undefined
  /** Where the link leads. @default '/' */
  readonly home?: string | undefined
  /** The words of that link. @default 'Go to the first page' */
  readonly way?: string | undefined
}

const texts: ReadonlyMap<number, readonly [title: string, message: string]> = new Map([
  [400, ['This request was not understood', 'Go back, check what you entered and send it again.']],
  [401, ['Please sign in', 'This page is for people who are signed in.']],
  [403, ['Not allowed', 'This request was refused. If you came from another site, start again from the first page.']],
  [404, ['Page not found', 'Check the address, or start again from the first page.']],
  [405, ['Not possible here', 'This address does not take this kind of request.']],
  [408, ['That took too long', 'The request did not arrive in time. Send it again.']],
  [409, ['Something changed meanwhile', 'Load the page again, check it, and repeat what you did.']],
  [413, ['Too much at once', 'What was sent is larger than this server takes. Send less.']],
  [414, ['The address is too long', 'Shorten the address and try again.']],
  [415, ['This kind of content is not taken', 'Send it in another format.']],
  [421, ['Wrong address', 'This server does not answer for the name in the address.']],
  [422, ['Something is missing or wrong', 'Go back, check what you entered and send it again.']],
  [429, ['Too many requests', 'There were too many in a short time. Wait a little.']],
  [431, ['The request is too large', 'Delete the cookies of this site and try again.']],
  [503, ['Not available at the moment', 'This will pass. Wait a few minutes.']],
])

const otherClient = ['This request was refused', 'Go back and try again, or start from the first page.'] as const
const otherServer = ['Something went wrong', 'It is not your fault. It was noted; try again in a moment.'] as const

/** Returns the error page. A status outside 400 to 599 is shown as 500. */
export function errorPage(model: ErrorModel): SafeHtml {
  const { nonce, retryAfter, brand, home = '/', way = 'Go to the first page' } = model
  const status = Number.isInteger(model.status) && model.status >= 400 && model.status <= 599 ? model.status : 500
  const [usualTitle, usualMessage] = texts.get(status) ?? (status < 500 ? otherClient : otherServer)
  const title = model.title ?? usualTitle
  const body = html`<div class="card">
    <div class="body stack">
      <div class="stack">
        <p><span class="badge">${status}</span></p>
        <h1>${title}</h1>
        <p class="muted">
          ${model.message ?? usualMessage}${retryAfter !== undefined && ` Try again in ${secondsInWords(retryAfter)}.`}
        </p>
      </div>
      <p><a class="btn" href="${home}">${way}</a></p>
      ${ids(model)}
    </div>
  </div>`
  return layout({ title, nonce, body, brand, narrow: true })
}

/** The ids that lead to the log, for a report; nothing without them. */
export function ids({ errorId, requestId }: Pick<ErrorModel, 'errorId' | 'requestId'>): SafeHtml | undefined {
  if (!errorId && !requestId) return undefined
  return html`<hr />
    <dl class="facts small">
      ${
        errorId &&
        html`<dt>Error</dt>
          <dd class="mono">${errorId}</dd>`
      }
      ${
        requestId &&
        html`<dt>Request</dt>
          <dd class="mono">${requestId}</dd>`
      }
    </dl>
    <p class="small faint">Give this to the people who run this site if it happens again.</p>`
}

function secondsInWords(seconds: number): string {
  const whole = Math.max(1, Math.ceil(seconds))
  if (!Number.isFinite(whole)) return 'a while'
  if (whole < 120) return whole === 1 ? '1 second' : `${whole} seconds`
  return whole < 7200 ? `${Math.ceil(whole / 60)} minutes` : `${Math.ceil(whole / 3600)} hours`
}
