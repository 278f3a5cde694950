import { defineAttack } from '../support/attack.ts'
import { linkedUser, withProvider, idp } from '../support/attack-provider.ts'
import { wanderer } from '../support/provider.ts'

export default defineAttack({
  id: 'A155',
  title:
    'sends the victim the answer to a sign-in of their own, so that the victim works in the account of the attacker (L48, L49)',
  control: 'signIn',
  options: withProvider,
  without: { heldBy: 'design', why: 'what was begun is sealed to the browser that began it; no option changes that' },
  async succeeds(app) {
    await linkedUser(app, 'attacker')
    const [attacker, victim, fresh] = [wanderer(app), wanderer(app), wanderer(app)]
    const planted = idp.visit(await attacker.leave())
    await victim.leave()
    for (const browser of [fresh, victim]) await browser.comeBack(planted)
    const caught = (await victim.who()) !== null || (await fresh.who()) !== null
    if (!caught && ((await attacker.comeBack(planted)).status !== 303 || (await attacker.who()) !== 'attacker'))
      throw new Error('The answer would not have been good for anybody.')
    return caught
  },
})
