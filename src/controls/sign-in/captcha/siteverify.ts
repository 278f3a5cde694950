/**
 * The question that Turnstile, hCaptcha and reCAPTCHA answer alike: `POST` with `secret`, `response` and `remoteip`, and JSON with `success`,
 * `hostname`, `action` and `error-codes`. What is not said for this host and this form is not passed. Sources: developers.cloudflare.com/turnstile,
 * "Server-side validation"; docs.hcaptcha.com, "Verify the User Response Server Side"; developers.google.com/recaptcha/docs/verify.
 */
import type { Secret } from '../../../crypto/secret.ts'
import { checkInsecure, invalid, type Insecure } from '../../../engine/options.ts'
import { createOutbound, type Outbound } from '../../../outbound/index.ts'
import { unavailable, type Captcha } from './captcha.ts'

/** What every preset takes. */
export interface CaptchaOptions {
  /** Public: it stands in the page. */
  readonly siteKey: string
  readonly secret: Secret
  /** Whether the address of the client is told to them. @default false */
  readonly tellAddress?: boolean
  /** Asks another server in their place: for tests and development. @default none */
  readonly insecureEndpoint?: Insecure & { readonly url: string }
}

export interface Siteverify extends CaptchaOptions {
  readonly name: string
  readonly url: string
  /** Whether their answer says for which form it was. */
  readonly saysAction: boolean
  /** Sent besides. */
  readonly more?: Readonly<Record<string, string>>
}

const SITE_KEY = /^[A-Za-z0-9_-]{8,128}$/
const LARGEST = 65_536

/** Throws HF_OPTION_INVALID, or HF_OPTION_INSECURE for an endpoint without reason or past its day. */
export function siteverify({ name, url, saysAction, more = {}, ...options }: Siteverify): Captcha['verify'] {
  const { siteKey, secret, tellAddress = false, insecureEndpoint } = options
  if (!SITE_KEY.test(siteKey)) invalid(`${name}.siteKey`, siteKey, 'Write the public key as they show it.')
  if (typeof secret?.reveal !== 'function') invalid(`${name}.secret`, typeof secret, 'Give a Secret.')
  const address = insecureEndpoint?.url ?? url
  let outbound: Outbound | undefined

  return async (token, client, { emit, x }) => {
    const { judge } = await import('./siteverify-answer.ts')
    outbound ??= guard(name, address, insecureEndpoint, x.time)
    const fields = { secret: secret.reveal(), response: token, ...(tellAddress && { remoteip: client.address }), ...more }
    try {
      const answer = await outbound.fetch(address, {
        method: 'POST',
        headers: { accept: 'application/json' },
        body: new URLSearchParams(fields),
        redirect: 'error',
        signal: client.signal,
      })
      if (answer.status !== 200) return unavailable(`status-${answer.status}`)
      return judge(JSON.parse(await answer.text()) as unknown, client, saysAction)
    } catch (error) {
      emit({ type: 'outbound_failed', data: { host: new URL(address).hostname, reason: 'captcha', captcha: name } }, x)
      return unavailable(client.signal.aborted ? 'too-late' : error instanceof SyntaxError ? 'no-json' : 'no-answer')
    }
  }
}

function guard(name: string, address: string, insecure: CaptchaOptions['insecureEndpoint'], now: number): Outbound {
  const { host, hostname } = new URL(address)
  if (insecure === undefined) return createOutbound({ allow: [hostname], redirects: 0, maxBody: LARGEST })
  const { reason, until } = insecure
  checkInsecure(`${name}.insecureEndpoint`, { reason, until }, now)
  return createOutbound({ redirects: 0, maxBody: LARGEST, now: () => now, insecureAllowHosts: { hosts: [host], reason, until } })
}
