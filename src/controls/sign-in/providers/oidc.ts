/** Any provider of OpenID Connect with discovery. Source: OpenID Connect Core 1.0, OpenID Connect Discovery 1.0. */
import { isSecret } from '../../../crypto/secret.ts'
import { HoldfastError } from '../../../engine/errors.ts'
import { invalid, type Insecure } from '../../../engine/options.ts'
import { secretWeakness } from '../../../secrets/strength.ts'
import type { IdTokenAlgorithm, Provider, ProviderOptions } from './provider.ts'

export interface OidcOptions extends ProviderOptions {
  /** The provider's own name: an https address, as its discovery document spells it. */
  readonly issuer: string
  /** @default ['openid', 'email', 'profile'] */
  readonly scopes?: readonly string[]
  /** The one algorithm by which ID tokens are signed. @default 'RS256' */
  readonly algorithm?: IdTokenAlgorithm
  /** How the secret is handed over, as registered there. @default 'basic' */
  readonly clientAuthentication?: 'basic' | 'post'
  /** Whether it honours `prompt=login` and says `auth_time`, so that it can prove again who is signed in. @default true */
  readonly provesAgain?: boolean
  /** Lets the issuer be on this machine and without TLS: for tests and development. @default undefined */
  readonly insecureAllowLocal?: Insecure
}

/**
 * A provider that describes itself at `{issuer}/.well-known/openid-configuration`. Throws HF_OPTION_INVALID for a secret that is not in a
 * `Secret`, and for one that somebody typed: who guesses it speaks to the provider in the application's name.
 */
export function oidc(options: OidcOptions): Provider {
  const { clientSecret, secondFactor = {}, ca, insecureAllowLocal, ...rest } = options
  const secret: unknown = clientSecret
  if (!isSecret(secret) || typeof secret.reveal() !== 'string' || secret.reveal() === '')
    invalid(
      `The secret of the provider ${options.issuer}`,
      typeof secret,
      'Wrap it: new Secret(text), so that no log can show it.',
    )
  const weakness = insecureAllowLocal === undefined ? secretWeakness(clientSecret) : undefined
  if (weakness !== undefined)
    throw new HoldfastError('HF_OPTION_INVALID', `The secret of the provider ${options.issuer} ${weakness}.`, {
      fix: 'Let the provider make a new one.',
    })
  return {
    label: URL.parse(options.issuer)?.hostname ?? options.issuer,
    signUp: 'closed',
    roles: [],
    trustsEmail: false,
    signOutThere: false,
    networks: [],
    scopes: ['openid', 'email', 'profile'],
    algorithm: 'RS256',
    clientAuthentication: 'basic',
    provesAgain: true,
    responseMode: 'query',
    ...rest,
    secondFactor: { amr: secondFactor.amr ?? [], acr: secondFactor.acr ?? [] },
    secret: () => Promise.resolve(clientSecret),
    ca,
    insecureAllowLocal,
  }
}
