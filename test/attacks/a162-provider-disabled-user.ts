import { defineAttack } from '../support/attack.ts'
import { idp, linkedUser, withProvider } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

export default defineAttack({
  id: 'A162',
  title: 'was disabled here and not at the provider, and comes in by it (L06; CVE-2025-53942, CVE-2024-47000)',
  control: 'signIn',
  options: withProvider,
  without: {
    heldBy: 'design',
    why: 'the gate asks for the status in the transaction that issues a session; no option changes that',
  },
  async succeeds(app) {
    await app.signIn('admin', 'root')
    const { userId } = await linkedUser(app, 'dismissed')
    const before = wanderer(app)
    await before.comeBack(idp.visit(await before.leave()))
    if ((await before.who()) !== 'dismissed') throw new Error('Nobody comes in by this provider.')
    const begun = wanderer(app)
    const back = idp.visit(await begun.leave())
    await app.holdfast.accounts.users.disable(userId, { kind: 'system', id: 'test' })
    await begun.comeBack(back)
    const later = wanderer(app)
    await later.comeBack(idp.visit(await later.leave()))
    return (await begun.who()) !== null || (await later.who()) !== null || (await before.who()) !== null
  },
})
