import { Secret } from '../../src/index.ts'
import { PASSWORD, type TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

const MARKED = { impersonation: { write: true }, approval: { acts: ['impersonation:write'] } } as const
const SYSTEM = { kind: 'system', id: 'test' } as const

async function send(app: TestApp, cookie: string, path: string, body: string) {
  const headers = { cookie, 'content-type': FORM, origin: app.origin, 'sec-fetch-site': 'same-origin' }
  const answer = await app.fetch(path, { method: 'POST', headers, body })
  const held = answer.headers['set-cookie']?.find((line) => line.includes('hf_sid'))
  return { status: answer.status, cookie: held?.split(';')[0] ?? cookie }
}

/** Whether it came to be that this administrator acts as the user. */
async function begins(app: TestApp, cookie: string, userId: string): Promise<boolean> {
  return (await send(app, cookie, '/account/impersonation/start', `user=${userId}&reason=Ticket`)).status === 303
}

async function approveAs(app: TestApp, cookie: string): Promise<void> {
  for (const { id } of await app.holdfast.approvals.list({ open: true }))
    await send(app, cookie, '/account/approvals/approve', `approval=${id}`)
}

/** A session of somebody whom this administrator made, and gave the right to approve. */
async function puppetOf(app: TestApp, userId: string): Promise<string> {
  const { users, doors } = app.holdfast.accounts
  const by = { kind: 'user', id: userId } as const
  await users.create({ login: 'puppet', roles: ['admin'], password: new Secret(PASSWORD) }, by)
  const from = { address: '127.0.0.1', network: '127.0.0.1', userAgent: 'test' }
  const result = await doors.password.signIn({ login: 'puppet', password: new Secret(PASSWORD) }, from)
  if (!result.ok) throw new Error('There is no puppet.')
  return `hf_sid_localhost=${result.token.reveal()}`
}

export default [
  defineAttack({
    id: 'A240a',
    title: 'does alone what needs two: asks, and says yes in another session of their own, or as somebody whom they made for it',
    control: 'console',
    adapters: 'all',
    options: MARKED,
    without: { approval: undefined } as object,
    async succeeds(app) {
      const [root, bob] = [await app.signIn('admin', 'root'), await app.signIn('member', 'bob')]
      if (await begins(app, root.cookie, bob.userId)) return true
      await approveAs(app, root.cookie)
      if (await begins(app, root.cookie, bob.userId)) return true
      await approveAs(app, await puppetOf(app, root.userId))
      return await begins(app, root.cookie, bob.userId)
    },
  }),
  defineAttack({
    id: 'A240b',
    title: 'has one thing approved, and does another, or the same twice',
    control: 'console',
    options: MARKED,
    without: { approval: undefined } as object,
    async succeeds(app) {
      const [root, amy] = [await app.signIn('admin', 'root'), await app.signIn('admin', 'amy')]
      const [bob, eve] = [await app.signIn('member', 'bob'), await app.signIn('member', 'eve')]
      if (await begins(app, root.cookie, bob.userId)) return true
      await approveAs(app, amy.cookie)
      if (await begins(app, root.cookie, eve.userId)) return true
      const first = await send(app, root.cookie, '/account/impersonation/start', `user=${bob.userId}&reason=Ticket`)
      if (first.status !== 303) throw new Error('What was approved cannot be done.')
      const back = await send(app, first.cookie, '/account/impersonation/stop', '')
      return await begins(app, back.cookie, bob.userId)
    },
  }),
  defineAttack({
    id: 'A240c',
    title: 'uses the yes of somebody who lost the right to say it in the meantime',
    control: 'console',
    options: MARKED,
    without: { approval: undefined } as object,
    async succeeds(app) {
      const [root, amy] = [await app.signIn('admin', 'root'), await app.signIn('admin', 'amy')]
      const bob = await app.signIn('member', 'bob')
      if (await begins(app, root.cookie, bob.userId)) return true
      await approveAs(app, amy.cookie)
      await app.holdfast.accounts.users.setRoles(amy.userId, ['member'], SYSTEM)
      return await begins(app, root.cookie, bob.userId)
    },
  }),
]
