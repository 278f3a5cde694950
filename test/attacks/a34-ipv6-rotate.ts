import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

/** Behind a proxy that tells the truth, so that the test can come from many addresses. */
const options = { client: { trustedProxies: ['loopback'] }, rateLimit: { limits: { client: '5/min', site: '12/min' } } } as const

async function rotate(app: TestApp, address: (n: number) => string): Promise<boolean> {
  for (let n = 1; n <= 20; n++) {
    const { status } = await app.fetch('/', { headers: { 'x-forwarded-for': address(n) } })
    if (status === 429) return false
  }
  return true
}

export default [
  defineAttack({
    id: 'A34',
    title: 'asks from a new address of the same IPv6 /64 each time',
    control: 'rateLimit',
    options,
    succeeds: (app) => rotate(app, (n) => `2001:db8:1:1::${n.toString(16)}`),
  }),
  defineAttack({
    id: 'A34b',
    title: 'asks from a new /64 of the same /48 each time',
    control: 'rateLimit',
    options,
    without: { rateLimit: { limits: { client: '5/min' } } },
    succeeds: (app) => rotate(app, (n) => `2001:db8:1:${n.toString(16)}::1`),
  }),
]
