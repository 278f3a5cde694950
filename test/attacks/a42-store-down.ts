import { defineAttack } from '../support/attack.ts'

const gone = () => Promise.reject(new Error('the connection was lost'))

export default defineAttack({
  id: 'A42',
  title: 'brings down the store of the limits, and then asks without end or lets nobody in',
  control: 'rateLimit',
  options: { redis: { evalSha: gone, eval: gone }, rateLimit: { limits: { client: '5/min' } } },
  async succeeds(app) {
    const seen: number[] = []
    for (let n = 0; n < 10; n++) seen.push((await app.fetch('/')).status)
    const stillCounts = seen.slice(0, 5).every((status) => status === 200) && seen.at(-1) === 429
    return !stillCounts || !app.events.some(({ type }) => type === 'sys_store_lost')
  },
})
