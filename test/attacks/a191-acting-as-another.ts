import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

const ACTING = { impersonation: {} } as const

async function send(app: TestApp, cookie: string, path: string, body: string) {
  const headers = { cookie, 'content-type': FORM, origin: app.origin, 'sec-fetch-site': 'same-origin' }
  const answer = await app.fetch(path, { method: 'POST', headers, body })
  const held = answer.headers['set-cookie']?.find((line) => line.includes('hf_sid'))
  return { status: answer.status, cookie: held?.split(';')[0] ?? cookie }
}

async function whoIs(app: TestApp, cookie: string): Promise<string | undefined> {
  const found = await app.holdfast.accounts.sessions.find(/hf_sid[^=]*=([^;]+)/.exec(cookie)![1]!, app.clock.now())
  return found.ok ? found.principal.id : undefined
}

const begin = (app: TestApp, cookie: string, userId: string) =>
  send(app, cookie, '/account/impersonation/start', `user=${userId}&reason=Ticket`)

/** An administrator who acts as a member. */
async function acting(app: TestApp) {
  const [admin, bob] = [await app.signIn('admin', 'root'), await app.signIn('member', 'bob')]
  const { cookie } = await begin(app, admin.cookie, bob.userId)
  if ((await whoIs(app, cookie)) !== bob.userId) throw new Error('Nobody can act as anybody.')
  return { cookie, bob, admin }
}

export default [
  defineAttack({
    id: 'A191a',
    title: 'changes something as the user as whom it may only look',
    control: 'console',
    adapters: 'all',
    options: ACTING,
    without: { impersonation: { write: true } },
    async succeeds(app) {
      await send(app, (await acting(app)).cookie, '/notes', 'text=owned')
      return app.state.notes.includes('owned')
    },
  }),
  defineAttack({
    id: 'A191b',
    title: 'comes back from acting as a user as somebody else than it was, by what it says on the way back (L70, CVE-2021-28680)',
    control: 'console',
    options: ACTING,
    without: {
      heldBy: 'design',
      why: 'the session never stopped being its own user’s; nothing that is sent names to whom it goes back',
    },
    async succeeds(app) {
      const victim = await app.signIn('admin', 'other-root')
      const { cookie, bob, admin } = await acting(app)
      const fields = ['user', 'as', 'to', 'owner', 'session', 'impersonatedBy', 'as_user_id', 'user_id']
      const body = fields.map((name) => `${name}=${victim.userId}`).join('&')
      // A member who acts as nobody goes nowhere, either.
      const plain = await send(app, bob.cookie, '/account/impersonation/stop', body)
      const back = await send(app, cookie, '/account/impersonation/stop', body)
      const [member, own] = [await whoIs(app, plain.cookie), await whoIs(app, back.cookie)]
      if (own === undefined) throw new Error('There is no way back at all.')
      return member !== bob.userId || own !== admin.userId
    },
  }),
  defineAttack({
    id: 'A191c',
    title: 'stays in the account of the user by a key, a token, a password or a factor that it makes while it acts as them',
    control: 'console',
    options: { impersonation: { write: true }, apiKeys: { accept: ['/api/'] }, accessTokens: { accept: ['/api/'] } },
    without: { heldBy: 'design', why: 'every page of the kit is closed to who acts as another; no option opens one' },
    async succeeds(app) {
      const { cookie, bob, admin } = await acting(app)
      const tries = [
        ['/account/keys/create', 'name=x&days=7'],
        ['/account/password', 'password=a+walrus+sings+at+five&passwordAgain=a+walrus+sings+at+five'],
        ['/account/factors/totp', 'code=000000'],
        ['/account/factors/recovery-codes', ''],
        ['/auth/token', 'client=Phone'],
        ['/login/again', 'password=a+walrus+sings+at+four'],
      ] as const
      for (const [path, body] of tries) if ((await send(app, cookie, path, body)).status < 400) return true
      const { apiKeys, tokens } = app.holdfast.accounts
      const now = app.clock.now()
      const made = [bob, admin].map(async ({ userId }) => [
        ...(await apiKeys.list(userId, now)),
        ...(await tokens.list(userId, now)),
      ])
      return (await Promise.all(made)).flat().length > 0
    },
  }),
  defineAttack({
    id: 'A191d',
    title: 'acts as an administrator, as itself, or as a third person out of acting as a second',
    control: 'console',
    options: ACTING,
    without: {
      heldBy: 'design',
      why: 'as whom one may act is asked when it begins and at each request; no option changes the answer',
    },
    async succeeds(app) {
      const [root, third] = [await app.signIn('admin', 'other-root'), await app.signIn('member', 'third')]
      const { cookie, bob, admin } = await acting(app)
      const chained = await begin(app, cookie, third.userId)
      if ((await whoIs(app, chained.cookie)) !== bob.userId) return true
      const again = await app.signIn('admin', 'root-2')
      for (const id of [root.userId, admin.userId, again.userId])
        if ((await whoIs(app, (await begin(app, again.cookie, id)).cookie)) !== again.userId) return true
      return (await whoIs(app, (await begin(app, bob.cookie, third.userId)).cookie)) !== bob.userId
    },
  }),
]
