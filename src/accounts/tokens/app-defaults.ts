/** How access tokens are made unless the application says otherwise. Sources: RFC 9700 section 2.2; OWASP ASVS 5.0 9.2.1, 10.4.5. */
import type { TokenSetting } from './app-types.ts'

const DAY = 86_400_000

/** Five minutes an access token; two weeks until an app that is not used is signed out, 90 days in any case; 90 days a key. */
export const DEFAULT_TOKENS: Omit<TokenSetting, 'issuer' | 'audiences'> = {
  algorithm: 'EdDSA',
  life: 300_000,
  idle: 14 * DAY,
  absolute: 90 * DAY,
  rotate: 90 * DAY,
}
