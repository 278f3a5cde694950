import { HoldfastError } from '../../src/engine/errors.ts'
import { startApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'

export default [
  defineAttack({
    id: 'A103a',
    title: 'a value of the policy begins another directive',
    control: 'headers',
    without: { heldBy: 'start-up', why: 'the process does not start' },
    async succeeds() {
      try {
        await using app = await startApp({ options: { headers: { csp: { 'img-src': ['https://a.example; script-src *'] } } } })
        return app.port > 0
      } catch (error) {
        if (error instanceof HoldfastError && error.code === 'HF_OPTION_INVALID') return false
        throw error
      }
    },
  }),
  defineAttack({
    id: 'A103b',
    title: 'a cache hands out a page with a nonce that was seen before',
    control: 'headers',
    adapters: 'all',
    async succeeds(app) {
      const [first, second] = [await app.fetch('/form'), await app.fetch('/form')]
      const nonce = (text: string) => /nonce="([^"]+)"/.exec(text)?.[1]
      const stored = !/no-store/.test(first.headers['cache-control'] ?? '')
      return stored || nonce(first.text) === nonce(second.text)
    },
  }),
  defineAttack({
    id: 'A103c',
    title: 'an answer that nobody thought of comes without a policy',
    control: 'headers',
    adapters: 'all',
    async succeeds(app) {
      const { cookie } = await app.signIn('member')
      const paths = [
        '/',
        '/public-json',
        '/redirect?to=/x',
        '/static/app.css',
        '/boom',
        '/me',
        '/nowhere',
        '/stream',
        '/leaky',
        '//x',
      ]
      for (const path of paths) {
        const anonymous = await app.fetch(path)
        const member = await app.fetch(path, { headers: { cookie } })
        for (const { headers } of [anonymous, member]) {
          if (!/object-src 'none'/.test(String(headers['content-security-policy']))) return true
          if (headers['x-content-type-options'] !== 'nosniff') return true
        }
      }
      return false
    },
  }),
  defineAttack({
    id: 'A103d',
    title: 'ten thousand reports flood the log',
    control: 'headers',
    without: { headers: { reporting: { groupsPerMinute: 10_000 } }, rateLimit: false },
    async succeeds(app) {
      const report = (name: string) => ({
        type: 'csp-violation',
        body: { documentURL: app.origin, blockedURL: `https://${name}.example/`, effectiveDirective: 'img-src' },
      })
      for (let batch = 0; batch < 100; batch++) {
        const body = JSON.stringify(Array.from({ length: 100 }, (_, index) => report(`e${batch}-${index}`)))
        await app.fetch('/_holdfast/reports', { method: 'POST', headers: { 'content-type': 'application/reports+json' }, body })
      }
      return app.events.filter(({ type }) => type === 'browser_report').length > 200
    },
  }),
]
