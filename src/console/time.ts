/**
 * Times in pages, written on the server: no script runs there, so the reader's time zone is unknown and UTC is named.
 */
import { html, type SafeHtml } from '../html/html.ts'

const steps: readonly (readonly [unit: string, seconds: number])[] = [
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
]

/** As `Intl` abbreviates them in British English. It is not asked itself: it reads 9 MiB of all languages for these twelve words. */
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sept', 'Oct', 'Nov', 'Dec']

/** The greatest time a `Date` can hold, in milliseconds since 1970 (ECMA-262, "Time Values and Time Range"). */
const latest = 8.64e15

/** `time` (milliseconds since 1970) as `<time>`: "14 Mar 2026, 09:41 UTC". "unknown" when it is no time. */
export function timeOf(time: number): SafeHtml {
  return element(time, () => written(time))
}

/** The same as text alone, for a sentence. */
export function timeText(time: number): string {
  return Math.abs(time) <= latest ? written(time) : 'unknown'
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
  const count = Math.floor(seconds / length)
  return `${count} ${unit}${count === 1 ? '' : 's'} ago`
}

function written(time: number): string {
  const date = new Date(time)
  const [hours, minutes] = [date.getUTCHours(), date.getUTCMinutes()].map((part) => String(part).padStart(2, '0'))
  return `${date.getUTCDate()} ${months[date.getUTCMonth()]} ${date.getUTCFullYear()}, ${hours}:${minutes} UTC`
}

function element(time: number, text: () => string): SafeHtml {
  if (!(Math.abs(time) <= latest)) return html`unknown`
  return html`<time datetime="${new Date(time).toISOString()}">${text()}</time>`
}
