import { defineAttack } from '../support/attack.ts'
import { tokenIn } from '../support/profile.ts'
import { enrol } from '../support/second-factor.ts'
import { NEW_PASSWORD, postForm, reachableMember } from '../support/recovery.ts'

const EVE = { provider: 'idp', issuer: 'https://id.example', subject: 'eve', shown: 'eve@example.org', strong: false }
const FROM = { address: '203.0.113.9', network: '203.0.113.9', userAgent: 'test' }

export default defineAttack({
  id: 'A243',
  title: 'links a provider of their own, and adds a factor, before the owner says that it was not them; and comes back in by it',
  control: 'signIn',
  without: {
    heldBy: 'design',
    why: 'what was added goes in the transaction of the link; the table of what follows from what has no option',
  },
  async succeeds(app) {
    const { cookie, userId } = await reachableMember(app)
    const { accounts } = app.holdfast
    await accounts.identities.link(userId, EVE, { kind: 'user', id: userId })
    if (!(await accounts.doors.provider.signIn({ identity: EVE }, FROM)).ok) throw new Error('The provider opens nothing.')
    await postForm(app, '/account/password', { password: NEW_PASSWORD, passwordAgain: NEW_PASSWORD }, cookie)
    const token = await tokenIn(app, 'victim@mail.example', /security of your account/)
    const again = await accounts.doors.provider.signIn({ identity: EVE }, FROM)
    if (again.ok) await enrol(accounts, again.token.reveal(), app.clock.now)
    await postForm(app, '/login/not-me', { token })
    const back = await accounts.doors.provider.signIn({ identity: EVE }, FROM)
    const { kinds } = await accounts.factors.of(userId)
    return back.ok || back.reason === 'second-factor' || kinds.length > 0
  },
})
