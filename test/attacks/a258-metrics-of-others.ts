import { defineAttack } from '../support/attack.ts'
import type { TestApp } from '../support/app.ts'

const TOKEN = 'f3b1c8d97a604e2fb5d0c6a1e8927f43'

const reads = async (app: TestApp, headers: Record<string, string>) =>
  (await app.fetch('/metrics', { headers })).text.includes('holdfast_')

/** What strangers send through a proxy that hands on whatever came, to a process that this machine may scrape. */
const CLAIMS: readonly Readonly<Record<string, string>>[] = [
  { 'x-forwarded-for': '127.0.0.1' },
  { 'x-forwarded-for': '127.0.0.1, 192.0.2.7' },
  { 'x-forwarded-for': '' },
  { forwarded: 'for=127.0.0.1;proto=https' },
  { forwarded: 'for="[::1]"' },
  { 'x-real-ip': '127.0.0.1', 'x-forwarded-for': 'localhost' },
  { via: '1.1 proxy' },
  { host: 'metrics.attacker.example' },
  { host: 'localhost.attacker.example' },
  { host: '127.0.0.1.attacker.example' },
]

export default [
  defineAttack({
    id: 'A258a',
    title: 'reads the metrics by saying that it is this machine, through a proxy that stands here',
    control: 'observe',
    adapters: 'all',
    options: {
      observe: { metrics: { loopback: true } },
      client: { trustedProxies: ['192.0.2.0/24'] },
      hosts: { also: ['metrics.attacker.example', 'localhost.attacker.example', '127.0.0.1.attacker.example'] },
    },
    without: { heldBy: 'design', why: 'a forwarded address is not looked at, and no option makes it count' },
    async succeeds(app) {
      // Who is this machine reads them: the claims fail for what they are, not because there is nothing.
      if (!(await reads(app, {}))) throw new Error('There are no metrics to read.')
      for (const headers of CLAIMS) if (await reads(app, headers)) return true
      return false
    },
  }),
  defineAttack({
    id: 'A258b',
    title: 'reads the metrics through a tunnel to this machine that adds no header',
    control: 'observe',
    adapters: 'all',
    options: { observe: { metrics: { token: TOKEN, loopback: false } } },
    without: { observe: { metrics: { loopback: true } } },
    async succeeds(app) {
      return await reads(app, {})
    },
  }),
]
