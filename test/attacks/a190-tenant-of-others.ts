import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const
const TENANTS = { tenants: {} } as const

async function tenantOf(app: TestApp, ownerId: string): Promise<string> {
  const made = await app.holdfast.accounts.tenants.create({ name: 'Acme', ownerId }, SYSTEM)
  if (!made.ok) throw new Error(`No tenant: ${made.reason}`)
  return made.tenant.id
}

/** The cookie afterwards. */
async function choose(app: TestApp, cookie: string, body: string, type = FORM): Promise<string> {
  const headers = { cookie, 'content-type': type, origin: app.origin, 'sec-fetch-site': 'same-origin' }
  const { headers: answered } = await app.fetch('/account/tenants/choose', { method: 'POST', headers, body })
  const held = answered['set-cookie']?.find((line) => line.includes('hf_sid'))
  return held?.split(';')[0] ?? cookie
}

async function activeIn(app: TestApp, cookie: string): Promise<string | undefined> {
  const token = /hf_sid[^=]*=([^;]+)/.exec(cookie)![1]!
  const found = await app.holdfast.accounts.sessions.find(token, app.clock.now())
  return found.ok ? found.principal.tenant?.id : undefined
}

export default [
  defineAttack({
    id: 'A190a',
    title: 'acts in a tenant of others, by its id, in every place where an id may be written (L69, L95)',
    control: 'console',
    options: TENANTS,
    without: { heldBy: 'design', why: 'whether the user belongs to the tenant stands in the transaction that chooses it' },
    async succeeds(app) {
      const [owner, eve] = [await app.signIn('member', 'owner'), await app.signIn('member', 'eve')]
      const [theirs, own] = [await tenantOf(app, owner.userId), await tenantOf(app, eve.userId)]
      let cookie = await choose(app, eve.cookie, `tenant=${own}`)
      if ((await activeIn(app, cookie)) !== own) throw new Error('Nobody can act in a tenant of their own.')
      const tries = [
        [`tenant=${theirs}`, FORM],
        [`tenant=${own}&tenant=${theirs}`, FORM],
        [`tenant=${own}&tenantId=${theirs}&tenant_id=${theirs}`, FORM],
        [JSON.stringify({ tenant: theirs }), 'application/json'],
        [JSON.stringify({ tenant: own, principal: { tenant: { id: theirs } } }), 'application/json'],
        [JSON.stringify({ tenant: [theirs] }), 'application/json'],
      ] as const
      for (const [body, type] of tries) {
        cookie = await choose(app, cookie, body, type)
        if ((await activeIn(app, cookie)) === theirs) return true
      }
      const headers = { cookie, 'x-tenant-id': theirs, 'x-tenant': theirs }
      await app.fetch(`/?tenant=${theirs}`, { headers })
      return (await activeIn(app, cookie)) === theirs
    },
  }),
  defineAttack({
    id: 'A190b',
    title: 'goes on in a tenant after it was removed from it, with a session that acts there (L62)',
    control: 'session',
    options: TENANTS,
    without: { heldBy: 'design', why: 'the membership is read with the session, at every request' },
    async succeeds(app) {
      const [owner, eve] = [await app.signIn('member', 'owner'), await app.signIn('member', 'eve')]
      const id = await tenantOf(app, owner.userId)
      const { tenants } = app.holdfast.accounts
      await tenants.add(id, eve.userId, ['member'], SYSTEM)
      const cookie = await choose(app, eve.cookie, `tenant=${id}`)
      if ((await activeIn(app, cookie)) !== id) throw new Error('A member cannot act in it either.')
      await tenants.remove(id, eve.userId, { kind: 'user', id: owner.userId })
      return (await activeIn(app, cookie)) === id
    },
  }),
  defineAttack({
    id: 'A190c',
    title: 'does in the tenant what it may as a role of the application, at a route that asks for a tenant',
    control: 'authorize',
    adapters: 'all',
    options: { ...TENANTS, authorize: { everywhere: { tenant: true, permission: 'notes:read' } } },
    async succeeds(app) {
      const { cookie } = await app.signIn('admin')
      return (await app.fetch('/admin', { headers: { cookie } })).status === 200
    },
  }),
]
