/** hCaptcha. Source: docs.hcaptcha.com ("Developer Guide", "Content-Security-Policy Settings"). */
import { html } from '../../../html/html.ts'
import type { Captcha } from './captcha.ts'
import { siteverify, type CaptchaOptions } from './siteverify.ts'

const ORIGINS = ['https://hcaptcha.com', 'https://*.hcaptcha.com']

/** @example signIn: { challenge: { captcha: hcaptcha({ siteKey, secret }) } } */
export function hcaptcha(options: CaptchaOptions): Captcha {
  const { siteKey } = options
  return {
    name: 'hcaptcha',
    field: 'h-captcha-response',
    sources: { 'frame-src': ORIGINS, 'connect-src': ORIGINS, 'style-src': ORIGINS },
    parameters: { siteKey },
    widget: ({ nonce }) => html`<div class="h-captcha" data-sitekey="${siteKey}"></div>
      <script nonce="${nonce}" src="https://js.hcaptcha.com/1/api.js" async defer></script>`,
    // Their answer does not say for which form; it says for which site key, when that is asked.
    verify: siteverify({
      ...options,
      ...{ name: 'hcaptcha', url: 'https://api.hcaptcha.com/siteverify', saysAction: false, more: { sitekey: siteKey } },
    }),
  }
}
