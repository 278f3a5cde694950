/**
 * Microsoft Entra ID and Microsoft accounts. The issuer holds the tenant; `sub` is immutable and never reused. `email` and
 * `preferred_username` are mutable and not verified: taking them for a key let others in (nOAuth; L42, CVE-2024-21632).
 * Sources: https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference and …/v2-protocols-oidc
 */
import { oidc } from './oidc.ts'
import type { Provider, ProviderOptions } from './provider.ts'

export interface MicrosoftOptions extends Omit<ProviderOptions, 'trustsEmail'> {
  /**
   * Id of the tenant, a GUID: people of this directory alone. `'organizations'`: of every directory; `'common'`: and Microsoft accounts.
   * Microsoft accounts alone are the tenant 9188040d-6c67-4c5b-b112-36a304b66dad.
   */
  readonly tenant: 'common' | 'organizations' | (string & {})
}

/** People of a directory, or of all. An address from here is never taken for verified. */
export function microsoft({ tenant, ...options }: MicrosoftOptions): Provider {
  const issuer = `https://login.microsoftonline.com/${tenant}/v2.0`
  return oidc({ label: 'Microsoft', clientAuthentication: 'post', provesAgain: false, ...options, issuer, trustsEmail: false })
}
