import { defineAttack } from '../support/attack.ts'
import { idp, nowIs } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

export default defineAttack({
  id: 'A158',
  title: 'waits in an account with the address of the victim, who then signs in by a provider that verified it (L41, L42, L103)',
  control: 'signIn',
  options: { signIn: { providers: { idp: idp.configured({ signUp: 'open', trustsEmail: true }) } } },
  without: { heldBy: 'design', why: 'an identity is a pair of issuer and subject; no option links by an address' },
  async succeeds(app) {
    await app.signIn('admin', 'root')
    const waiting = await app.signIn('member', 'victim@example.org')
    nowIs('victim', { email: 'victim@example.org', email_verified: true })
    const victim = wanderer(app)
    await victim.comeBack(idp.visit(await victim.leave()))
    const shared = (await victim.who()) !== null
    const linked = (await app.holdfast.accounts.identities.of(waiting.userId)).length > 0
    nowIs('somebody', { email: 'somebody@example.org', email_verified: true })
    const other = wanderer(app)
    await other.comeBack(idp.visit(await other.leave()))
    if ((await other.who()) !== 'somebody@example.org') throw new Error('Nobody gets an account by this provider.')
    return shared || linked
  },
})
