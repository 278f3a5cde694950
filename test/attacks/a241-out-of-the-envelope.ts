import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { FORM } from '../support/browser.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const
const SEALED = {
  signIn: { breakGlass: true, remember: {} },
  apiKeys: { accept: ['/api/'] },
  accessTokens: { accept: ['/api/'] },
} as const

async function send(app: TestApp, path: string, body: string, cookie?: string) {
  const headers = { 'content-type': FORM, origin: app.origin, 'sec-fetch-site': 'same-origin', ...(cookie && { cookie }) }
  const answer = await app.fetch(path, { method: 'POST', headers, body })
  const held = answer.headers['set-cookie']?.find((line) => line.includes('hf_sid'))
  return { status: answer.status, cookie: held?.split(';')[0] }
}

async function seal(app: TestApp): Promise<string> {
  const made = await app.holdfast.accounts.breakGlass.create({ parts: 1 }, SYSTEM)
  if (!made.ok) throw new Error(`Not sealed: ${made.reason}.`)
  return made.parts[0]!.reveal()
}

/** Whether this cookie is somebody's. */
async function isIn(app: TestApp, cookie: string | undefined): Promise<boolean> {
  if (cookie === undefined) return false
  return (await app.fetch('/me', { headers: { cookie } })).status === 200
}

async function open(app: TestApp): Promise<string> {
  const { cookie } = await send(app, '/login/break-glass', `first=${await seal(app)}`)
  if (!(await isIn(app, cookie))) throw new Error('The envelope opens nothing.')
  return cookie!
}

export default [
  defineAttack({
    id: 'A241a',
    title: 'opens the sealed account a second time, with the paper that lies in the bin',
    control: 'signIn',
    options: SEALED,
    without: { heldBy: 'design', why: 'a use is an update of the row that one of many makes; no option seals without one' },
    async succeeds(app) {
      const paper = await seal(app)
      const first = await send(app, '/login/break-glass', `first=${paper}`)
      if (!(await isIn(app, first.cookie))) throw new Error('The envelope opens nothing.')
      return await isIn(app, (await send(app, '/login/break-glass', `first=${paper}`)).cookie)
    },
  }),
  defineAttack({
    id: 'A241b',
    title:
      'stays in the sealed account beyond its hour: by use, by a cookie that remembers, by a key, an app, a password or a factor',
    control: 'signIn',
    options: SEALED,
    without: { signIn: { ...SEALED.signIn, breakGlass: { life: '4h' } } },
    async succeeds(app) {
      const cookie = await open(app)
      const tries = [
        ...[
          ['/account/keys/create', 'name=x&days=7'],
          ['/account/password', 'password=a+walrus+sings+at+five'],
          ['/auth/token', 'client=x'],
        ],
        ...[
          ['/account/factors/totp', 'code=000000'],
          ['/login/again', 'password=x'],
          ['/account/impersonation/start', 'user=x&reason=x'],
        ],
      ] as [string, string][]
      for (const [path, body] of tries) if ((await send(app, path, body, cookie)).status < 400) return true
      for (let minute = 0; minute < 65; minute += 5) {
        await app.fetch('/me', { headers: { cookie } })
        app.clock.advance(300_000)
      }
      return await isIn(app, cookie)
    },
  }),
  defineAttack({
    id: 'A241c',
    title: 'opens the sealed account unseen',
    control: 'signIn',
    options: SEALED,
    without: { heldBy: 'design', why: 'the letters are written in the transaction that opens it, and the event is no option' },
    async succeeds(app) {
      const { userId } = await app.signIn('admin', 'root')
      await app.holdfast.accounts.users.setAddress(userId, 'root@app.example', SYSTEM, { verified: true })
      await app.mails()
      await open(app)
      const told = (await app.mails()).some(({ to }) => to === 'root@app.example')
      return !told || !app.events.some(({ type, level }) => type === 'authn_break_glass_opened' && level === 'critical')
    },
  }),
]
