/** THE LIST of CAPTCHAs. */
export type { Captcha, CaptchaClient, CaptchaVerdict } from './captcha.ts'
export type { CaptchaOptions } from './siteverify.ts'
export { hcaptcha } from './hcaptcha.ts'
export { recaptcha } from './recaptcha.ts'
export { turnstile } from './turnstile.ts'
