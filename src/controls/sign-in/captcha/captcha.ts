/**
 * What somebody else's CAPTCHA is, where an operator wants one in place of our own work: what the page shows, what it may load for that, and who says
 * whether it was passed. A preset is a file of this shape. Sources: OWASP Credential Stuffing Prevention Cheat Sheet; OWASP ASVS 5.0 6.3.1.
 */
import type { Emit } from '../../../engine/events.ts'
import type { Exchange } from '../../../engine/exchange.ts'
import type { SafeHtml } from '../../../html/html.ts'
import type { CspSources } from '../../headers/slot.ts'

/** What an answer must be about. */
export interface CaptchaClient {
  /** Address of the client. */
  readonly address: string
  /** Host name of this application. */
  readonly hostname: string
  /** For which form: letters, digits, `-` and `_`, at most 32. */
  readonly action: string
  /** Aborted when time is up. */
  readonly signal: AbortSignal
}

/** `refused`: not passed, or for something else. `unavailable`: nobody said anything that could be believed. `detail` is for the log. */
export type CaptchaVerdict =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'refused' | 'unavailable'; readonly detail: string }

/** A verdict that nobody gave. */
export function unavailable(detail: string): CaptchaVerdict {
  return { ok: false, reason: 'unavailable', detail }
}

export interface Captcha {
  /** As the log names it. */
  readonly name: string
  /** The field of the form in which the browser sends what it got. */
  readonly field: string
  /** What the page that shows it may load besides, by directive of its Content-Security-Policy. Scripts are let in by the nonce. */
  readonly sources: CspSources
  /** What stands in the form: the place of the widget, and its script with the nonce of the page. */
  widget(page: { readonly nonce: string; readonly action: string }): SafeHtml
  /** What programs are told. */
  readonly parameters: Readonly<Record<string, string>>
  /** Asks whether it was passed. Calls other servers through the guard alone. */
  verify(token: string, client: CaptchaClient, tell: { readonly emit: Emit; readonly x: Exchange }): Promise<CaptchaVerdict>
}

/** The name of a form, as the other side takes it. */
export function actionOf(path: string): string {
  return path
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replace(/^_/, '')
    .slice(0, 32)
}

const LONGEST_TOKEN = 8192
const TOKEN = /^[\x21-\x7e]+$/

/** What cannot be one is refused before anybody is asked. */
export function isToken(text: string): boolean {
  return text.length <= LONGEST_TOKEN && TOKEN.test(text)
}
