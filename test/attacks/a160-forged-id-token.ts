import { exportSPKI, generateKeyPair, importJWK, SignJWT, UnsecuredJWT, type CryptoKey } from 'jose'
import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { wanderer, type Lies } from '../support/provider.ts'

type Claims = Record<string, unknown>

async function forgeries(): Promise<readonly Lies[]> {
  const { privateKey } = await generateKeyPair('RS256')
  const pem = new TextEncoder().encode(await exportSPKI((await importJWK(idp.jwk, 'RS256')) as CryptoKey))
  const signed = (alg: string, key: CryptoKey | Uint8Array) => (claims: Claims) =>
    new SignJWT(claims).setProtectedHeader({ alg, kid: 'one' }).sign(key)
  const changed = (more: Claims): Lies => ({ claims: (honest) => ({ ...honest, ...more }) })
  return [
    { token: (claims) => new UnsecuredJWT(claims).encode() },
    { token: signed('RS256', privateKey) },
    { token: signed('HS256', pem) },
    changed({ aud: 'another-client' }),
    changed({ iss: 'https://accounts.google.com' }),
    changed({ nonce: 'of somebody else' }),
    changed({ exp: 1 }),
    changed({ iat: 1 }),
  ]
}

export default defineAttack({
  id: 'A160',
  title: 'has an ID token taken that the provider did not sign, or that it signed for others or for another time (L46, L47, L97)',
  control: 'signIn',
  options: withProvider,
  without: { heldBy: 'design', why: 'every token is checked whole, under one algorithm; no option leaves a check out' },
  async succeeds(app) {
    await linkedUser(app, 'victim')
    for (const lies of await forgeries()) {
      idp.lies = lies
      const browser = wanderer(app)
      await browser.comeBack(idp.visit(await browser.leave()))
      if ((await browser.who()) !== null) return true
    }
    idp.lies = {}
    const honest = wanderer(app)
    await honest.comeBack(idp.visit(await honest.leave()))
    if ((await honest.who()) !== 'victim') throw new Error('What is true is not believed either.')
    return false
  },
})
