import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

const limited = { rateLimit: { limits: { client: '5/min' } } } as const

/** Twenty guesses, each under another invented address. */
async function guess(app: TestApp): Promise<boolean> {
  for (let n = 1; n <= 20; n++) {
    const { status } = await app.fetch('/', { headers: { 'x-forwarded-for': `203.0.113.${n}`, forwarded: `for=203.0.113.${n}` } })
    if (status === 429) return false
  }
  return true
}

export default [
  defineAttack({
    id: 'A30',
    title: 'asks without end, under a new X-Forwarded-For each time',
    control: 'rateLimit',
    adapters: 'all',
    options: limited,
    succeeds: guess,
  }),
  defineAttack({
    id: 'A30b',
    title: 'gets a new limit with each X-Forwarded-For, because the header is believed from anybody',
    control: 'client',
    options: limited,
    without: { client: { trustedProxies: ['loopback'] } },
    succeeds: guess,
  }),
]
