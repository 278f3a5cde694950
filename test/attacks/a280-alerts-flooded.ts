import { mail } from '../../src/observe/alerts/index.ts'
import { defineAttack } from '../support/attack.ts'

const CHANNELS = { channels: { mailbox: mail({ to: 'security@app.example' }) }, background: false }
const FAULTS = 40

export default defineAttack({
  id: 'A280',
  title: 'makes noise that raises alerts, so that nobody finds the one that matters in the mailbox',
  control: 'alerts',
  options: { alerts: CHANNELS },
  without: { alerts: { ...CHANNELS, group: 1, most: 10_000 } },
  async succeeds(app) {
    for (let count = 0; count < FAULTS; count++) {
      await app.fetch(`/boom?${count}`)
      app.clock.advance(50)
      await app.holdfast.alerts!.flush()
    }
    if (app.faults.length < FAULTS) throw new Error('Nothing threw.')
    const letters = (await app.mails()).filter(({ subject }) => subject.includes('answered 500'))
    if (letters.length === 0) throw new Error('Nobody was told.')
    return letters.length > 3
  },
})
