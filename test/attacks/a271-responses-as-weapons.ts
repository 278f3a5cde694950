import { defineAttack } from '../support/attack.ts'
import { askFrom, ATTACKER, BEHIND_A_PROXY, detectFailures, failToSignIn, respond } from '../support/responding.ts'

const HARSH = ['lock-account', 'end-user-sessions', 'revoke-api-key', 'revoke-app', 'end-session', 'force-password-change']

export default [
  defineAttack({
    id: 'A271a',
    title: 'fails to sign in in a victim’s name until the victim is locked, signed out, or made to choose a new password',
    control: 'containment',
    options: BEHIND_A_PROXY,
    without: {
      heldBy: 'design',
      why: 'a machine acts against who acted, never against whom it was aimed at; no option changes that',
    },
    async succeeds(app) {
      detectFailures(app, HARSH)
      const victim = await app.signIn('member', 'victim')
      await failToSignIn(app, 'victim', 12)
      if ((await app.holdfast.incidents.list()).length === 0) throw new Error('Nothing was detected.')
      const here = await askFrom(app, '198.51.100.7', '/me', { cookie: victim.cookie })
      return here.status !== 200
    },
  }),
  defineAttack({
    id: 'A271b',
    title: 'shares an address with others, misbehaves there, and has all who are signed in behind it shut out',
    control: 'containment',
    options: BEHIND_A_PROXY,
    without: {
      heldBy: 'design',
      why: 'a block spares who was signed in before it, unless an operator says that nobody is spared',
    },
    async succeeds(app) {
      detectFailures(app, ['block-client'])
      const colleague = await app.signIn('member', 'colleague')
      app.clock.advance(1000)
      await failToSignIn(app, 'somebody', 12)
      if ((await askFrom(app, ATTACKER, '/')).status !== 429) throw new Error('The address is not blocked.')
      return (await askFrom(app, ATTACKER, '/me', { cookie: colleague.cookie })).status !== 200
    },
  }),
  defineAttack({
    id: 'A271c',
    title: 'makes every administrator look like an attacker, so that nobody is left to help',
    control: 'containment',
    without: {
      heldBy: 'design',
      why: 'an administrator is locked by a person alone, and never the last one; no option changes that',
    },
    async succeeds(app) {
      const admins = [await app.signIn('admin', 'root'), await app.signIn('admin', 'eva')]
      for (const { userId } of admins) {
        app.holdfast.incidents.take({
          ...{ id: userId, detection: 'privilege-change-odd', severity: 'critical', time: app.clock.now(), dryRun: false },
          ...{ actors: [{ kind: 'user', value: userId }], targets: [], targetCount: 0, why: 'odd', offered: [] },
          automatic: ['lock-account', 'revoke-api-key'],
        })
      }
      await app.holdfast.incidents.settled()
      const answers = await Promise.all(admins.map(({ cookie }) => app.fetch('/admin', { headers: { cookie } })))
      return answers.every(({ status }) => status !== 200)
    },
  }),
  defineAttack({
    id: 'A271d',
    title: 'has the operator block everybody: this machine, the proxy in front, or half the Internet',
    control: 'containment',
    options: BEHIND_A_PROXY,
    without: { heldBy: 'design', why: 'loopback, declared proxies and wide networks are refused before anything is done' },
    async succeeds(app) {
      for (const value of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
        if (await respond(app, 'block-client', { kind: 'client', value }).catch(() => '')) return true
      return (await askFrom(app, '198.51.100.7', '/')).status !== 200
    },
  }),
]
