import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { whoIs } from '../support/browser.ts'
import { keepNote, RECENT_EVERYWHERE } from '../support/kept-forms.ts'
import { codeStep, passwordStep, withAuthenticator } from '../support/second-factor-browser.ts'

/** The address leaked: from a screen, a history, a log of a proxy. */
async function reads(app: TestApp, way: string, cookie: string): Promise<boolean> {
  const { text } = await app.fetch(way, { headers: { cookie, accept: 'text/html' } })
  return text.includes('for my eyes only')
}

export default defineAttack({
  id: 'A295',
  title:
    'has the address of a form that waits for a proof: reads it, or uses it up, as another user or in another session of its user',
  control: 'signIn',
  adapters: 'all',
  options: RECENT_EVERYWHERE,
  without: {
    heldBy: 'design',
    why: 'the session and the user are associated data of the seal, and no option takes them away; kept-forms.test.ts takes them out of the key ring, and both get in',
  },
  async succeeds(app) {
    const { token, code } = await withAuthenticator(app)
    const cookie = `hf_sid_localhost=${token}`
    app.clock.advance(330_000)
    const way = await keepNote(app, cookie, 'text=for+my+eyes+only')
    const mallory = await app.signIn('member', 'mallory')
    const { cookie: elsewhere } = await codeStep(app, (await passwordStep(app)).waiting, code())
    if (elsewhere === undefined || (await whoIs(app, elsewhere)) !== 'victim') throw new Error('There is no other session.')
    for (const other of [mallory.cookie, elsewhere, '']) if (await reads(app, way, other)) return true
    return !(await reads(app, way, cookie))
  },
})
