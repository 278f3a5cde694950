import { defineAttack } from '../support/attack.ts'
import { postForm, reachableMember } from '../support/recovery.ts'

export default defineAttack({
  id: 'A175',
  title:
    'finds a session that was proved long ago, and has the letters of its account go to their own address; or types one and never reads its mail (L28, L40)',
  control: 'console',
  without: { heldBy: 'design', why: 'an address is set by the link that went there alone, and asking needs a recent proof' },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    const address = 'eve@evil.example'
    const asked = await postForm(app, '/account/address/change', { address }, cookie)
    if (asked.status !== 202) throw new Error(`The owner could not ask: ${asked.status}.`)
    const unread = (await app.holdfast.accounts.users.byId(userId))?.address?.text === address
    await app.mails()
    app.clock.advance(600_001)
    await postForm(app, '/account/address/change', { address: 'eve@other.example' }, cookie)
    const letters = await app.mails()
    return unread || letters.some(({ to }) => to === 'eve@other.example')
  },
})
