import { defineAttack } from '../support/attack.ts'

const LIMIT = 10

export default defineAttack({
  id: 'A37',
  title: 'asks the whole limit at the end of a minute, and again at the beginning of the next',
  control: 'rateLimit',
  options: { rateLimit: { limits: { client: `${LIMIT}/min` } } },
  async succeeds(app) {
    let through = 0
    const burst = async () => {
      for (let n = 0; n < LIMIT; n++) if ((await app.fetch('/')).status === 200) through++
    }
    app.clock.advance(60_000 - 1 - (Date.now() % 60_000))
    await burst()
    app.clock.advance(2)
    await burst()
    // One interval may have passed while the burst was on its way.
    return through > LIMIT + 1
  },
})
