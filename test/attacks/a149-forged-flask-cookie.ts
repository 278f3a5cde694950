import { defineAttack } from '../support/attack.ts'
import { cookieOf, sameOrigin } from '../support/browser.ts'
import { FLASK_SECRET, flaskCookie } from '../support/flask.ts'

const DAY = 86_400_000
const GUESSED = 'a guessed secret'
const MOVING = { reason: 'people come over from Flask', until: '2099-12-31' }

export default defineAttack({
  id: 'A149',
  title: 'forges a cookie of the old application, or uses one that is too old, changed, or was used by its owner (L25, L106)',
  control: 'signIn',
  options: { signIn: { insecureFlaskSession: { ...MOVING, secret: FLASK_SECRET, loginOf: () => 'victim' } } },
  // The signature is what holds it: with a secret that can be guessed there is none.
  without: { signIn: { insecureFlaskSession: { ...MOVING, secret: GUESSED, loginOf: () => 'victim' } } },
  async succeeds(app) {
    await app.signIn('member', 'victim')
    const now = app.clock.now()
    const goOn = async (value: string) => {
      const headers = sameOrigin(app, `session=${value}`)
      return cookieOf(await app.fetch('/login/continue', { method: 'POST', headers })) !== undefined
    }
    const owner = flaskCookie({ _user_id: '5' }, now)
    const [payload, time, signature] = owner.split('.') as [string, string, string]
    const admin = Buffer.from('{"_user_id":"1"}').toString('base64url')
    const forged = [
      flaskCookie({ _user_id: '5' }, now, GUESSED),
      flaskCookie({ _user_id: '5' }, now, ''),
      flaskCookie({ _user_id: '5' }, now - 31 * DAY),
      flaskCookie({ _user_id: '5' }, now + DAY),
      `${admin}.${time}.${signature}`,
      `${payload}.${time}.`,
      `${payload}.${time}`,
      `${payload}..${signature}`,
      `${payload}.${time}.${signature.toUpperCase()}`,
      `.${payload}.${time}.${signature}`,
    ]
    for (const value of forged) if (await goOn(value)) return true
    if (!(await goOn(owner))) throw new Error('The cookie of the owner opens nothing, so nothing was shown.')
    return await goOn(owner)
  },
})
