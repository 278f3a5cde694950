import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm, whoIs } from '../support/browser.ts'

/** What a browser does that can bind sessions; nothing when it is not asked. */
export default defineAttack({
  id: 'A170b',
  title: 'copies the cookie of a session whose browser bound it to the device',
  control: 'session',
  tls: true,
  options: { session: { deviceBound: 'if-available' } },
  without: { session: {} },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const answer = await signInByForm(app, 'victim')
    const cookie = cookieOf(answer)
    if (cookie === undefined) throw new Error('The victim is not signed in.')
    const asked = /path="([^"]+)";challenge="([^"]+)"/.exec(String(answer.headers['secure-session-registration'] ?? ''))
    if (asked) {
      const { publicKey, privateKey } = await generateKeyPair('ES256')
      const header = { alg: 'ES256', typ: 'dbsc+jwt', jwk: await exportJWK(publicKey) }
      const proof = await new SignJWT({ jti: asked[2]! }).setProtectedHeader(header).sign(privateKey)
      const bound = await app.fetch(asked[1]!, { method: 'POST', headers: { cookie, 'secure-session-response': `"${proof}"` } })
      if (bound.status !== 200) throw new Error(`The session was not bound: ${bound.status}`)
    }
    app.clock.advance(120_000)
    return (await whoIs(app, cookie)) !== null
  },
})
