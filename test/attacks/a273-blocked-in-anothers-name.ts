import { askFrom, BEHIND_A_PROXY, detectFailures, failToSignIn } from '../support/responding.ts'
import { defineAttack } from '../support/attack.ts'

const VICTIM = '198.51.100.7'

export default defineAttack({
  id: 'A273',
  title: 'misbehaves under the address of somebody else, which a header claims, and has them blocked',
  control: 'client',
  // A proxy that hands on whatever address a client claims is declared to be trusted.
  without: BEHIND_A_PROXY,
  async succeeds(app) {
    detectFailures(app, ['block-client'])
    await failToSignIn(app, 'somebody', 12, VICTIM)
    if ((await app.holdfast.incidents.list()).length === 0) throw new Error('Nothing was detected.')
    const blocked = await app.holdfast.responses.list({ state: 'active' })
    if (!blocked.some(({ subject }) => subject?.value === VICTIM)) return false
    return (await askFrom(app, VICTIM, '/')).status === 429
  },
})
