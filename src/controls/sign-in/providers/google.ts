/**
 * Google. Its `sub` is unique and never reused; `email` may change hands and is no key.
 * Source: https://developers.google.com/identity/openid-connect/openid-connect
 */
import { oidc } from './oidc.ts'
import type { Provider, ProviderOptions } from './provider.ts'

/** Google accounts. It cannot prove again who is signed in: it documents no time of authentication. */
export function google(options: ProviderOptions): Provider {
  return oidc({
    label: 'Google',
    issuer: 'https://accounts.google.com',
    clientAuthentication: 'post',
    provesAgain: false,
    ...options,
  })
}
