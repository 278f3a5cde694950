import { ATTACKER, askFrom, BEHIND_A_PROXY, respond } from '../support/responding.ts'
import { defineAttack } from '../support/attack.ts'

export default [
  defineAttack({
    id: 'A270a',
    title: 'was noticed and blocked, and goes on: under other paths, with made-up cookies, keys and headers of addresses',
    control: 'containment',
    adapters: 'all',
    options: BEHIND_A_PROXY,
    async succeeds(app) {
      await respond(app, 'block-client', { kind: 'client', value: ATTACKER })
      const tricks: readonly Readonly<Record<string, string>>[] = [
        {},
        { cookie: 'hf_sid_localhost=made-up' },
        { cookie: `hf_sid_localhost=${'A'.repeat(43)}` },
        { authorization: 'Bearer hf_key_made-up' },
        { 'x-real-ip': '192.0.2.1', forwarded: 'for=192.0.2.1', 'true-client-ip': '192.0.2.1' },
        { 'x-forwarded-for': `192.0.2.1, ${ATTACKER}` },
        { 'x-forwarded-for': `::ffff:${ATTACKER}` },
      ]
      for (const path of ['/', '/public-json', '/login'])
        for (const headers of tricks) if ((await askFrom(app, ATTACKER, path, headers)).status === 200) return true
      return false
    },
  }),
  defineAttack({
    id: 'A270b',
    title: 'signs in after its address was blocked, and passes for somebody who was there before',
    control: 'containment',
    options: BEHIND_A_PROXY,
    async succeeds(app) {
      await respond(app, 'block-client', { kind: 'client', value: ATTACKER })
      app.clock.advance(1000)
      const { cookie } = await app.signIn('member', 'eve')
      return (await askFrom(app, ATTACKER, '/me', { cookie })).status === 200
    },
  }),
]
