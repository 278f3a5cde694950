/**
 * Apple. The secret is a token that one's own key signs; whoever asks for a name or an address gets the answer as a form that Apple's
 * page posts (`form_post`), which the callback takes and turns into an address without acting on it.
 * Sources: https://developer.apple.com/documentation/signinwithapplerestapi/request-an-authorization-to-the-sign-in-with-apple-server. ;
 * https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
 */
import { Secret } from '../../../crypto/secret.ts'
import { oidc } from './oidc.ts'
import type { Provider, ProviderOptions } from './provider.ts'

export interface AppleOptions extends Omit<ProviderOptions, 'clientSecret'> {
  /** The Services ID. */
  readonly clientId: string
  /** Ten characters. */
  readonly teamId: string
  /** Ten characters, of the key below. */
  readonly keyId: string
  /** The key that Apple gave as a `.p8` file: PEM. */
  readonly privateKey: Secret
  /** `name` and `email`, or none of them. @default ['email'] */
  readonly scopes?: readonly ('name' | 'email')[]
}

const ISSUER = 'https://appleid.apple.com'
/** Apple takes up to six months; ours is for one request. */
const LIFE = 300

/** Apple accounts. `clientSecret` is made of the key, for each request anew. */
export function apple({ teamId, keyId, privateKey, scopes = ['email'], ...options }: AppleOptions): Provider {
  const { clientId } = options
  async function secret(now: number): Promise<Secret> {
    const { importPKCS8, SignJWT } = await import('jose')
    const key = await importPKCS8(privateKey.reveal(), 'ES256')
    const issued = Math.floor(now / 1000)
    const token = new SignJWT()
      .setProtectedHeader({ alg: 'ES256', kid: keyId })
      .setIssuer(teamId)
      .setSubject(clientId)
      .setAudience(ISSUER)
      .setIssuedAt(issued)
      .setExpirationTime(issued + LIFE)
    return new Secret(await token.sign(key))
  }
  const usual = oidc({
    label: 'Apple',
    provesAgain: false,
    ...options,
    issuer: ISSUER,
    clientAuthentication: 'post',
    scopes,
    clientSecret: privateKey,
  })
  return { ...usual, secret, responseMode: scopes.length > 0 ? 'form_post' : 'query' }
}
