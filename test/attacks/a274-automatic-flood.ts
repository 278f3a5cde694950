import { BEHIND_A_PROXY, detectFailures, failToSignIn } from '../support/responding.ts'
import { defineAttack } from '../support/attack.ts'

const ADDRESSES = 60

export default defineAttack({
  id: 'A274',
  title: 'has many addresses, also of people who belong here, blocked by itself one after the other, with nobody asked',
  control: 'containment',
  options: { ...BEHIND_A_PROXY, rateLimit: { limits: { client: '5000/min' } } },
  without: { containment: { automaticPerHour: 1000 } },
  async succeeds(app) {
    detectFailures(app, ['block-client'])
    for (let n = 1; n <= ADDRESSES; n++) await failToSignIn(app, `somebody-${n}`, 3, `203.0.113.${n}`)
    const active = await app.holdfast.responses.list({ state: 'active', limit: 500 })
    if (active.length === 0) throw new Error('Nothing was blocked at all.')
    return active.length > 30
  },
})
