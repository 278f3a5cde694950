/**
 * Times in pages, written on the server: no script runs there, so the reader's time zone is unknown and UTC is named.
 */
import { html, type SafeHtml } from '../html/html.ts'

const steps: readonly (readonly [unit: Intl.RelativeTimeFormatUnit, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

const written = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone: 'UTC' })
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** The greatest time a `Date` can hold, in milliseconds since 1970 (ECMA-262, "Time Values and Time Range"). */
const latest = 8.64e15

/** `time` (milliseconds since 1970) as `<time>`: "14 Mar 2026, 09:41 UTC". "unknown" when it is no time. */
export function timeOf(time: number): SafeHtml {
  return element(time, () => `${written.format(time)} UTC`)
}

/** The same as text alone, for a sentence. */
export function timeText(time: number): string {
  return Math.abs(time) <= latest ? `${written.format(time)} UTC` : 'unknown'
}

/** `time` seen from `now`, both in milliseconds since 1970: "just now", "4 minutes ago"; after 30 days the date itself. */
export function timeAgo(time: number, now: number): SafeHtml {
  const seconds = Math.floor((now - time) / 1000)
  if (seconds >= 30 * 86_400) return timeOf(time)
  return element(time, () => ago(seconds))
}

function ago(seconds: number): string {
  const step = steps.find(([, length]) => seconds >= length)
  if (step === undefined) return 'just now'
  const [unit, length] = step
  return relative.format(-Math.floor(seconds / length), unit)
}

function element(time: number, text: () => string): SafeHtml {
  if (!(Math.abs(time) <= latest)) return html`unknown`
  return html`<time datetime="${new Date(time).toISOString()}">${text()}</time>`
}
