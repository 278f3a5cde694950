/** Attacks on the way in. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { enrol } from '../support/second-factor.ts'
import { writeMmdb } from './mmdb.ts'
import { DAY, each, far, HOUR, MINUTE, SECOND, type OwnAttack } from './own-attack.ts'
import { IPHONE, PASSWORD, type Panel } from './panel.ts'

const [BERLIN, TOKYO] = ['192.0.2.10', '203.0.113.10']

/** One guess, with a password of its own. */
const guess = (panel: Panel, index: number, login: string, address = far(index)) =>
  panel.client(address).signIn(login, `wrong password ${index}`)

async function enrolled(panel: Panel): Promise<void> {
  await panel.user('bob')
  const bob = panel.client('203.0.113.1')
  await bob.signIn('bob')
  await enrol(panel.holdfast.accounts, bob.cookies.get('hf_sid_localhost')!, panel.now)
}

export const onAccounts: readonly OwnAttack[] = [
  {
    detection: 'brute-force-account',
    before: async (panel) => void (await panel.user('bob')),
    async run(panel) {
      await each(5, (index) => guess(panel, index, 'bob'))
      panel.advance(13 * SECOND)
      await guess(panel, 5, 'bob')
    },
  },
  {
    detection: 'brute-force-address',
    run: (panel) => each(8, (index) => guess(panel, index, `user${index % 2}`, '203.0.113.50')),
  },
  {
    detection: 'credential-stuffing',
    run: (panel) => each(6, (index) => guess(panel, index, `user${index}`, '203.0.113.51')),
  },
  {
    detection: 'password-spraying',
    run: (panel) =>
      each(11, async (index) => {
        await panel.client(far(index)).signIn(`user${index}`, 'Summer2026!')
        panel.advance(MINUTE)
      }),
  },
  {
    detection: 'distributed-failures',
    run: (panel) =>
      each(45, async (index) => {
        await guess(panel, index, `user${index}`)
        panel.advance(2 * SECOND)
      }),
  },
  {
    detection: 'success-after-failures',
    before: async (panel) => void (await panel.user('bob')),
    async run(panel) {
      await each(5, (index) => guess(panel, index, 'bob'))
      panel.advance(MINUTE)
      await panel.client(far(9)).signIn('bob')
    },
  },
  {
    detection: 'user-enumeration',
    run: (panel) => each(11, (index) => panel.client('203.0.113.52').send('/login/recover', { form: { who: `nobody${index}` } })),
  },
  {
    detection: 'lockout-burst',
    async run(panel) {
      for (let user = 0; user < 6; user++) await each(6, (index) => guess(panel, user * 6 + index, `user${user}`))
    },
  },
  {
    detection: 'impossible-travel',
    options(folder) {
      const file = join(folder, 'places.mmdb')
      const berlin = { network: '192.0.2.0/24', country: 'DE', latitude: 52.52, longitude: 13.4 }
      const tokyo = { network: '203.0.113.0/24', country: 'JP', latitude: 35.68, longitude: 139.69 }
      writeFileSync(file, writeMmdb([berlin, tokyo]))
      return { detections: { places: file } }
    },
    async before(panel) {
      await panel.user('bob')
      await panel.client(TOKYO).signIn('bob')
      panel.advance(DAY)
      await panel.client(BERLIN).signIn('bob')
    },
    async run(panel) {
      panel.advance(HOUR)
      await panel.client(TOKYO).signIn('bob')
    },
  },
  {
    detection: 'new-device',
    async before(panel) {
      await panel.user('bob')
      await panel.client('203.0.113.1').signIn('bob')
    },
    run: (panel) => panel.client('203.0.113.2', IPHONE).signIn('bob'),
  },
  {
    detection: 'second-factor-abuse',
    before: enrolled,
    async run(panel) {
      const thief = panel.client('203.0.113.53')
      await each(6, async (index) => {
        if (index === 0) await thief.signIn('bob')
        await thief.send('/login/factor', { form: { code: `00000${index}` } })
      })
    },
  },
  {
    detection: 'reset-abuse',
    before: async (panel) => void (await panel.user('bob')),
    run: (panel) => each(4, (index) => panel.client(far(index)).send('/login/recover', { form: { who: 'bob' } })),
  },
  {
    detection: 'too-many-sessions',
    options: () => ({ session: { concurrent: { max: 2 } } }),
    async before(panel) {
      await panel.user('bob')
      await each(2, () => panel.client('203.0.113.1').signIn('bob'))
    },
    run: (panel) => panel.client('203.0.113.1').signIn('bob', PASSWORD),
  },
  {
    detection: 'privilege-change-odd',
    async before(panel) {
      panel.advance(10 * HOUR - (panel.now() % DAY) + DAY)
      await panel.user('root-admin', 'admin')
      await panel.user('bob')
      await each(31, async () => {
        await panel.client('203.0.113.1').signIn('root-admin')
        panel.advance(DAY)
      })
    },
    async run(panel) {
      panel.advance(17 * HOUR)
      const thief = panel.client('203.0.113.1')
      await thief.signIn('root-admin')
      const { text } = await thief.send('/admin')
      const path = [...text.matchAll(/action="(\/admin\/users\/[^"]+\/role)"/g)].at(-1)?.[1]
      const bob = await panel.holdfast.accounts.users.byLogin('bob')
      await thief.send(path?.replace(/users\/[^/]+/, `users/${bob!.id}`) ?? '', { form: { role: 'admin' } })
    },
  },
]
