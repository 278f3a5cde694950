import { PASSWORD, type TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { askFor, INVITING, invited, letterLink, OPEN, VICTIM } from '../support/newcomers.ts'

/** Names under which systems have kept what nobody may give themselves. */
const PRIVILEGES = {
  ...{ role: 'admin', roles: ['admin'], isAdmin: true, admin: true, permissions: ['*'], aal: 2 },
  ...{
    verified: true,
    addressVerified: true,
    emailVerified: true,
    status: 'active',
    kind: 'service',
    id: 'chosen',
    userId: 'chosen',
  },
  ...{
    address: 'eve@example.org',
    email: 'eve@example.org',
    login: 'eve',
    invitedBy: { kind: 'system', id: 'cli' },
    passwordHash: 'x',
  },
}

async function makes(app: TestApp, link: string): Promise<boolean> {
  const { pathname, searchParams } = new URL(link, app.origin)
  const account = { ...PRIVILEGES, token: searchParams.get('token'), displayName: 'Eve', password: PASSWORD }
  const headers = { origin: app.origin, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' }
  const made = await app.fetch(pathname, { method: 'POST', headers, body: JSON.stringify(account) })
  if (made.status !== 200) throw new Error(`No account was made: ${made.status} ${made.text}`)
  const [user, ...others] = (await app.holdfast.accounts.users.list()).filter(({ login: name }) => name !== 'host')
  if (user === undefined) throw new Error('There is no user.')
  const { id, login, roles, kind, address } = user
  const seen = JSON.stringify([login, roles, kind, address, others.length])
  return id === 'chosen' || seen !== JSON.stringify([VICTIM, ['member'], 'person', { text: VICTIM, verified: true }, 0])
}

const without = { heldBy: 'design', why: 'the form reads four fields by name, and the rest comes from the link' } as const

export default [
  defineAttack({
    id: 'A141a',
    title: 'signs up and sends roles, another address and a state of its own beside the form (L94)',
    control: 'signIn',
    options: OPEN,
    without,
    async succeeds(app) {
      await askFor(app, VICTIM)
      return await makes(app, await letterLink(app))
    },
  }),
  defineAttack({
    id: 'A141b',
    title: 'accepts an invitation and sends more roles than it gives (L94)',
    control: 'signIn',
    options: INVITING,
    without,
    succeeds: async (app) => await makes(app, await invited(app, VICTIM, ['member'])),
  }),
]
