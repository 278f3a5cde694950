/** Cloudflare Turnstile. Source: developers.cloudflare.com/turnstile ("Client-side rendering", "Server-side validation", "Content Security Policy"). */
import { html } from '../../../html/html.ts'
import type { Captcha } from './captcha.ts'
import { siteverify, type CaptchaOptions } from './siteverify.ts'

const ORIGIN = 'https://challenges.cloudflare.com'

/** @example signIn: { challenge: { captcha: turnstile({ siteKey, secret }) } } */
export function turnstile(options: CaptchaOptions): Captcha {
  const { siteKey } = options
  return {
    name: 'turnstile',
    field: 'cf-turnstile-response',
    sources: { 'frame-src': [ORIGIN], 'connect-src': [ORIGIN] },
    parameters: { siteKey },
    widget: ({ nonce, action }) => html`<div class="cf-turnstile" data-sitekey="${siteKey}" data-action="${action}"></div>
      <script nonce="${nonce}" src="https://challenges.cloudflare.com/turnstile/v0/api.js" async defer></script>`,
    verify: siteverify({ ...options, name: 'turnstile', url: `${ORIGIN}/turnstile/v0/siteverify`, saysAction: true }),
  }
}
