/** The examples of recovery for the description of the JSON API; see `api-examples.ts`. */
import type { Client, Testing } from '../../src/testing/index.ts'
import type { Example } from './api-examples.ts'
import { FLASK_SECRET, flaskCookie } from './flask.ts'
import { enrol, STEP } from './second-factor.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const
const PASSWORD = 'crimson kettle orbit lagoon'
const NEXT = 'velvet anchor prairie sundial'
const ADDRESS = 'ada@app.example'

/** What recovery is tried with. */
export const RECOVERY = {
  recovery: { lostFactor: true },
  insecureFlaskSession: {
    ...{ reason: 'the description is tried', until: '2099-12-31' },
    ...{ secret: FLASK_SECRET, loginOf: (id: string) => id },
  },
} as const

type Token = (app: Testing) => Promise<string>

/** Somebody who can be written to. */
async function reachable(app: Testing): Promise<{ readonly id: string; readonly login: string }> {
  const { id, login } = (await app.signedIn('member')).user
  await app.holdfast.accounts.users.setAddress(id, ADDRESS, SYSTEM, { verified: true })
  return { id, login }
}

/** Somebody with an authenticator app whose sign-in waits for it. */
async function waiting(app: Testing): Promise<Client> {
  const { login } = await reachable(app)
  const ada = app.visitor()
  await ada.post('/login', { json: { login, password: PASSWORD } })
  const token = [...ada.cookies].find(([name]) => name.includes('hf_sid'))?.[1] ?? ''
  await enrol(app.holdfast.accounts, token, app.clock.now)
  app.clock.advance(STEP)
  const client = app.visitor()
  await client.post('/login', { json: { login, password: PASSWORD } })
  return client
}

/** `letterToken`: what stands behind the link of the last letter. */
export function recoveryExamples(letterToken: Token): Readonly<Record<string, (app: Testing) => Promise<Example>>> {
  return {
    async askForNewPassword(app) {
      await reachable(app)
      return { client: app.visitor(), sent: { who: ADDRESS }, status: 202 }
    },
    async chooseNewPassword(app) {
      await reachable(app)
      const client = app.visitor()
      await client.post('/login/recover', { json: { who: ADDRESS } })
      return { client, sent: { token: await letterToken(app), password: NEXT }, status: 200 }
    },
    changePassword: async (app) => ({ client: await app.signedIn('member'), sent: { password: NEXT }, status: 200 }),
    cancelRecovery: async (app) => ({ client: await app.signedIn('member'), status: 200 }),
    async replacePassword(app) {
      const ada = await app.signedIn('member')
      const token = [...ada.cookies].find(([name]) => name.includes('hf_sid'))?.[1] ?? ''
      const { token: strong } = await enrol(app.holdfast.accounts, token, app.clock.now)
      const name = [...ada.cookies.keys()].find((cookie) => cookie.includes('hf_sid')) ?? ''
      ada.cookies.set(name, strong)
      await ada.post('/account/password', { json: { password: 'tq7 vex9 #m' } })
      await app.holdfast.accounts.factors.reset(ada.user.id, SYSTEM, 'lost')
      const client = app.visitor()
      await client.post('/login', { json: { login: ada.user.login, password: 'tq7 vex9 #m' } })
      return { client, sent: { password: NEXT }, status: 200 }
    },
    async unlock(app) {
      const { login } = await reachable(app)
      for (let i = 0; i < 5; i++) await app.visitor().post('/login', { json: { login, password: 'wrong' } })
      return { client: app.visitor(), sent: { token: await letterToken(app) }, status: 200 }
    },
    askToRemoveSecondFactor: async (app) => ({ client: await waiting(app), status: 202 }),
    async cancelRemovalOfSecondFactor(app) {
      await (await waiting(app)).post('/login/recover/factor', { json: {} })
      return { client: app.visitor(), sent: { token: await letterToken(app) }, status: 200 }
    },
    async removeLostSecondFactor(app) {
      await (await waiting(app)).post('/login/recover/factor', { json: {} })
      app.clock.advance(72 * 3_600_000)
      await app.holdfast.accounts.recoveries.sweep(app.clock.now())
      return { client: app.visitor(), sent: { token: await letterToken(app) }, status: 200 }
    },
    async continueFlaskSession(app) {
      const { login } = await reachable(app)
      const client = app.visitor()
      client.cookies.set('session', flaskCookie({ _user_id: login }, app.clock.now()))
      return { client, sent: {}, status: 200 }
    },
  }
}
