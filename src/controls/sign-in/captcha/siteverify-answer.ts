/** What Turnstile, hCaptcha and reCAPTCHA answer, judged. Loaded with the library that reads it when the first one comes. */
import * as v from 'valibot'
import { unavailable, type CaptchaClient, type CaptchaVerdict } from './captcha.ts'

const ANSWER = v.object({
  success: v.boolean(),
  hostname: v.optional(v.nullable(v.string())),
  action: v.optional(v.nullable(v.string())),
  'error-codes': v.optional(v.nullable(v.array(v.string()))),
})
/** What says something about us or about them, and nothing about the one who asks. */
const OURS = /^(?:missing-input-secret|invalid-input-secret|sitekey-secret-mismatch|bad-request|internal-error|invalid-keys)$/

/** Nothing but a plain yes for this host and this form is one. */
export function judge(body: unknown, { hostname, action }: CaptchaClient, saysAction: boolean): CaptchaVerdict {
  const read = v.safeParse(ANSWER, body)
  if (!read.success) return unavailable('odd-answer')
  const { success, 'error-codes': codes, hostname: host, action: form } = read.output
  const said = (codes ?? []).map((code) => code.slice(0, 40))
  const ours = said.find((code) => OURS.test(code))
  if (ours !== undefined) return unavailable(ours)
  if (!success) return { ok: false, reason: 'refused', detail: said[0] ?? 'not-passed' }
  if (host !== hostname) return { ok: false, reason: 'refused', detail: 'other-host' }
  if (saysAction && form !== action) return { ok: false, reason: 'refused', detail: 'other-action' }
  return { ok: true }
}
