import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { cookieOf, signInByForm } from '../support/browser.ts'
import { claimer, INVITING, invited, makeAccount, post, SYSTEM, VICTIM } from '../support/newcomers.ts'
import { endlessLinks, ownersByClaim } from '../support/weak-links.ts'

const WEEK = 7 * 86_400_000

/** Accepts as who is signed in; whether they have the role then. */
async function joins(app: TestApp, link: string, { cookie, userId }: { cookie: string; userId: string }): Promise<boolean> {
  const token = new URL(link, app.origin).searchParams.get('token')!
  await post(app, '/sign-up/invitation/join', { token }, cookie)
  return (await app.holdfast.accounts.users.byId(userId))!.roles.includes('admin')
}

export default [
  defineAttack({
    id: 'A143a',
    title: "writes the invited address down as its own, without showing that it is, and accepts somebody else's invitation (L96)",
    control: 'signIn',
    options: INVITING,
    without: { database: ownersByClaim() },
    async succeeds(app) {
      const eve = await claimer(app, VICTIM)
      return await joins(app, await invited(app, VICTIM, ['admin']), eve)
    },
  }),
  defineAttack({
    id: 'A143b',
    title:
      "has somebody else's letter, and accepts with an account of its own what the owner of the address was invited to (L96)",
    control: 'signIn',
    options: INVITING,
    without: {
      heldBy: 'design',
      why: 'whose the address is stands in the transaction that gives the roles; no option leaves it out',
    },
    async succeeds(app) {
      const owner = await app.signIn('member', 'owner')
      await app.holdfast.accounts.users.setAddress(owner.userId, VICTIM, SYSTEM, { verified: true })
      const link = await invited(app, VICTIM, ['admin'])
      const eve = await app.signIn('member', 'eve')
      const stolen = await joins(app, link, eve)
      const second = cookieOf(await makeAccount(app, link)) !== undefined
      const { cookie } = { cookie: cookieOf(await signInByForm(app, 'owner')) ?? '' }
      if (!stolen && !(await joins(app, link, { cookie, userId: owner.userId })))
        throw new Error('The owner cannot accept either.')
      return stolen || second
    },
  }),
  defineAttack({
    id: 'A143c',
    title: 'accepts an invitation after its time (L35)',
    control: 'signIn',
    options: INVITING,
    without: { database: endlessLinks() },
    async succeeds(app) {
      const link = await invited(app, VICTIM, ['member'])
      app.clock.advance(WEEK)
      return cookieOf(await makeAccount(app, link)) !== undefined
    },
  }),
  defineAttack({
    id: 'A143d',
    title: 'invites itself to administer, by a role that the inviter does not hold',
    control: 'signIn',
    options: { ...INVITING, roles: { admin: ['*'], host: ['users:invite'], member: [] } },
    without: {
      heldBy: 'design',
      why: 'an invitation is refused where it is made and where it is accepted; no option turns either off',
    },
    async succeeds(app) {
      const { invitations, users } = app.holdfast.accounts
      const host = await app.signIn('member', 'host')
      await users.setRoles(host.userId, ['host'], SYSTEM)
      const invitedBy = { kind: 'user', id: host.userId } as const
      if (!(await invitations.create({ address: VICTIM, roles: ['host'], invitedBy })).ok) throw new Error('Nobody can invite.')
      return (await invitations.create({ address: VICTIM, roles: ['admin'], invitedBy })).ok
    },
  }),
]
