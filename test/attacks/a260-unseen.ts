import { detections } from '../../src/observe/detections/index.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { FORM, sameOrigin } from '../support/browser.ts'

const PROXIED = { client: { trustedProxies: ['loopback'] } } as const

/** The same application, with one detection off. */
function without(name: string) {
  if (!detections.some((one) => one.name === name)) throw new Error(`There is no detection ${name}.`)
  return { detections: { each: { [name]: { state: 'off', reason: 'taken away to see the attack succeed' } } } } as const
}

/** Whether nobody was told of it, when everything has been looked at. */
async function isUnseen({ holdfast, events }: TestApp, name: string): Promise<boolean> {
  // An answer is told when its last byte has left, which may be after it was read here.
  for (let turn = 0; turn < 20; turn++) {
    await new Promise<void>((resolve) => void setTimeout(resolve, 5))
    await holdfast.detections.settled()
    if (events.some(({ type, data }) => type === 'detection_fired' && data?.['detection'] === name)) return false
  }
  return true
}

export default [
  defineAttack({
    id: 'A260',
    title: 'goes on with a stolen session in another browser, from another network, and nobody is told',
    control: 'detections',
    adapters: 'all',
    options: PROXIED,
    without: without('session-context-change'),
    async succeeds(app) {
      const { cookie } = await app.signIn('member', 'victim')
      const headers = { cookie, 'user-agent': 'Mozilla/5.0 (Windows NT 10.0) Firefox/140.0', 'x-forwarded-for': '198.51.100.9' }
      const { status } = await app.fetch('/me', { headers })
      if (status !== 200) throw new Error(`The stolen cookie is answered with ${status}.`)
      return await isUnseen(app, 'session-context-change')
    },
  }),
  defineAttack({
    id: 'A261',
    title: 'tries one password at many accounts, each from another address and a minute later, and nobody is told',
    control: 'detections',
    options: PROXIED,
    without: without('password-spraying'),
    async succeeds(app) {
      for (let index = 0; index < 12; index++) {
        const body = new URLSearchParams({ login: `user${index}`, password: 'Summer2026!' }).toString()
        const headers = { ...sameOrigin(app), 'content-type': FORM, 'x-forwarded-for': `198.18.${index}.7` }
        await app.fetch('/login', { method: 'POST', headers, body })
        app.clock.advance(60_000)
      }
      return await isUnseen(app, 'password-spraying')
    },
  }),
  defineAttack({
    id: 'A262',
    title: 'touches a decoy, spelled in other letters, and nobody is told',
    control: 'detections',
    adapters: 'all',
    options: { honeytokens: { routes: ['/wp-login.php'] } },
    without: { honeytokens: {} },
    async succeeds(app) {
      await app.fetch('/WP-Login.php?action=register')
      return await isUnseen(app, 'honeytoken')
    },
  }),
  defineAttack({
    id: 'A263',
    title: 'guesses while a flood of other addresses comes by, so that its own failures are forgotten',
    control: 'detections',
    options: PROXIED,
    without: without('brute-force-address'),
    async succeeds(app) {
      const guess = (address: string, login: string) => {
        const body = new URLSearchParams({ login, password: `wrong ${login}` }).toString()
        const headers = { ...sameOrigin(app), 'content-type': FORM, 'x-forwarded-for': address }
        return app.fetch('/login', { method: 'POST', headers, body })
      }
      for (let index = 0; index < 8; index++) {
        await guess('203.0.113.66', `user${index % 2}`)
        for (let other = 0; other < 10; other++) await guess(`198.18.${index}.${other}`, `other-${index}-${other}`)
      }
      return await isUnseen(app, 'brute-force-address')
    },
  }),
]
