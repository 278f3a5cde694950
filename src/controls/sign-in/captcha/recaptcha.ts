/** reCAPTCHA v2, the box to tick. Source: developers.google.com/recaptcha/docs ("display", "verify", "faq": Content Security Policy). */
import { html } from '../../../html/html.ts'
import type { Captcha } from './captcha.ts'
import { siteverify, type CaptchaOptions } from './siteverify.ts'

/** @example signIn: { challenge: { captcha: recaptcha({ siteKey, secret }) } } */
export function recaptcha(options: CaptchaOptions): Captcha {
  const { siteKey } = options
  return {
    name: 'recaptcha',
    field: 'g-recaptcha-response',
    sources: {
      'frame-src': ['https://www.google.com/recaptcha/', 'https://recaptcha.google.com/recaptcha/'],
      'connect-src': ['https://www.google.com/recaptcha/'],
    },
    parameters: { siteKey },
    widget: ({ nonce }) => html`<div class="g-recaptcha" data-sitekey="${siteKey}"></div>
      <script nonce="${nonce}" src="https://www.google.com/recaptcha/api.js" async defer></script>`,
    // Of the box their answer says no form.
    verify: siteverify({
      ...options,
      ...{ name: 'recaptcha', url: 'https://www.google.com/recaptcha/api/siteverify', saysAction: false },
    }),
  }
}
