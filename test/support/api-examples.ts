/** For each operation of the JSON API: who sends what, and which status must come back. A new operation needs a line here. */
import { profileExamples } from './profile-api-examples.ts'
import { approvalExamples } from './approval-api-examples.ts'
import { RECOVERY, recoveryExamples } from './api-examples-recovery.ts'
import { passkeyExamples } from './passkey-api-examples.ts'
import { capturingTransport, linkIn } from './mail.ts'
import { authenticatorOf, enrol, STEP } from './second-factor.ts'
import type { Client, Testing, TestingOptions } from '../../src/testing/index.ts'

export interface Example {
  readonly client: Client
  /** The JSON body; absent where there is none. */
  readonly sent?: unknown
  readonly status: number
  /** The path, where the one of the description has braces or needs a query. */
  readonly at?: string
}

const transport = capturingTransport()

/** Everything that has addresses is on. */
export const EVERYTHING: TestingOptions = {
  apiKeys: { accept: ['/api/'] },
  accessTokens: { accept: ['/api/'] },
  tenants: {},
  impersonation: {},
  approval: { acts: ['payout'] },
  mail: { from: 'noreply@app.example', transport, background: false },
  signIn: {
    ...{ remember: {}, trustedDevice: {}, passkey: true, signUp: { mode: 'open', roles: ['member'] } },
    ...{ breakGlass: true, magicLink: true, emailCode: true, emailFactor: true },
    ...RECOVERY,
  },
}

const PASSWORD = 'velvet anchor prairie sundial'
const JSON_ONLY = { accept: 'application/json' }

/** Somebody with an authenticator app, in a session of level 2; a code may be used again after `STEP`. */
async function withFactor(app: Testing) {
  const ada = await app.signedIn('member')
  const [name, token] = [...ada.cookies].find(([cookie]) => cookie.includes('hf_sid')) ?? ['', '']
  const { code, token: next } = await enrol(app.holdfast.accounts, token, app.clock.now)
  ada.cookies.set(name, next)
  app.clock.advance(STEP)
  return { ada, code }
}

/** A body of a recent enrolment: what `beginTotp` gave. */
async function draft(client: Client): Promise<string> {
  const answer = await client.get('/account/factors/totp', { headers: JSON_ONLY })
  return (answer.json() as { secret: string }).secret
}

/** Somebody who signed in with an app. */
export async function withApp(app: Testing) {
  const ada = await app.signedIn('member')
  const answer = await ada.post('/auth/token', { json: { client: 'Phone' } })
  return { ada, tokens: answer.json() as { access_token: string; refresh_token: string } }
}

/** What stands behind the link of the last letter. */
async function letterToken(app: Testing): Promise<string> {
  await app.holdfast.mail?.flush()
  const link = linkIn(transport.sent.splice(0).at(-1)!)
  return new URL(link, app.origin).searchParams.get('token')!
}

/** The code in the last letter. */
export async function letterCode(app: Testing): Promise<string> {
  await app.holdfast.mail?.flush()
  return /\d{4} \d{4}/.exec(transport.sent.splice(0).at(-1)!.text)![0]
}

const ADDRESS = 'ada@app.example'
const SYSTEM = { kind: 'system', id: 'test' } as const

/** Somebody with that address. */
export async function withAddress(app: Testing, verified: boolean) {
  const { id, login } = (await app.signedIn('member')).user
  await app.holdfast.accounts.users.setAddress(id, ADDRESS, SYSTEM, { verified })
  const client = app.visitor()
  // The new address ended the session from before.
  await client.post('/login', { json: { login, password: 'crimson kettle orbit lagoon' } })
  return client
}

/** Somebody who gets codes by mail as a second factor. */
async function withMailFactor(app: Testing) {
  const client = await withAddress(app, true)
  await client.post('/account/mail-codes/send', { json: {} })
  await client.post('/account/mail-codes/confirm', { json: { code: await letterCode(app) } })
  return client
}

/** Somebody, and an administrator who acts as them. */
async function acting(app: Testing) {
  const [client, admin] = [await app.signedIn('member'), await app.signedIn('admin')]
  await admin.post('/account/impersonation/start', { json: { user: client.user.id, reason: 'Ticket 4711' } })
  return { client, admin }
}

/** Somebody who belongs to a tenant that somebody else owns. */
async function withTenant(app: Testing) {
  const [ada, owner] = [await app.signedIn('member'), await app.signedIn('member')]
  const { tenants } = app.holdfast.accounts
  const made = await tenants.create({ name: 'Acme', ownerId: owner.user.id }, SYSTEM)
  if (!made.ok) throw new Error(`No tenant: ${made.reason}.`)
  await tenants.add(made.tenant.id, ada.user.id, ['member'], SYSTEM)
  return { client: ada, owner, tenant: made.tenant.id }
}

export const examples: Readonly<Record<string, (app: Testing) => Promise<Example>>> = {
  ...passkeyExamples,
  ...approvalExamples,
  ...profileExamples(letterToken, withAddress),
  async askToSignUpWithPasskey(app) {
    await app.signedIn('admin')
    const client = app.visitor()
    await client.post('/sign-up', { json: { address: ADDRESS } })
    return { client, sent: { token: await letterToken(app) }, status: 200 }
  },
  getImpersonation: async (app) => ({ client: await app.signedIn('admin'), status: 200 }),
  async startImpersonation(app) {
    const { user } = await app.signedIn('member')
    return { client: await app.signedIn('admin'), sent: { user: user.id, reason: 'Ticket 4711' }, status: 200 }
  },
  stopImpersonation: async (app) => ({ client: (await acting(app)).admin, sent: {}, status: 200 }),
  async endImpersonation(app) {
    const { client } = await acting(app)
    const { acting: found } = (await client.get('/account/sessions', { headers: JSON_ONLY })).json() as {
      acting: { id: string }[]
    }
    return { client, sent: { acting: found[0]!.id }, status: 200 }
  },
  async openBreakGlass(app) {
    const made = await app.holdfast.accounts.breakGlass.create({ parts: 2 }, SYSTEM)
    if (!made.ok) throw new Error(`Not sealed: ${made.reason}.`)
    const [first, second] = made.parts.map((part) => part.reveal())
    return { client: app.visitor(), sent: { first, second }, status: 200 }
  },
  listTenants: async (app) => ({ client: (await withTenant(app)).client, status: 200 }),
  async chooseTenant(app) {
    const { client, tenant } = await withTenant(app)
    return { client, sent: { tenant }, status: 200 }
  },
  async leaveTenant(app) {
    const { client, tenant } = await withTenant(app)
    return { client, sent: { tenant }, status: 200 }
  },
  async listMembers(app) {
    const { owner, tenant } = await withTenant(app)
    return { client: owner, at: `/account/tenants/members?tenant=${tenant}`, status: 200 }
  },
  async setMemberRoles(app) {
    const { owner, client, tenant } = await withTenant(app)
    return { client: owner, sent: { tenant, user: client.user.id, roles: 'owner member' }, status: 200 }
  },
  async removeMember(app) {
    const { owner, client, tenant } = await withTenant(app)
    return { client: owner, sent: { tenant, user: client.user.id }, status: 200 }
  },
  async inviteMember(app) {
    const { owner, tenant } = await withTenant(app)
    return { client: owner, sent: { tenant, address: ADDRESS, roles: 'member' }, status: 200 }
  },
  async revokeMemberInvitation(app) {
    const { owner, tenant } = await withTenant(app)
    await owner.post('/account/tenants/members/invite', { json: { tenant, address: ADDRESS } })
    const [invitation] = await app.holdfast.accounts.invitations.list()
    return { client: owner, sent: { tenant, invitation: invitation?.id }, status: 200 }
  },
  async signInWithPassword(app) {
    const { user, password } = await app.signedIn('member')
    return { client: app.visitor(), sent: { login: user.login, password }, status: 200 }
  },
  async provePasswordAgain(app) {
    const client = await app.signedIn('member')
    return { client, sent: { password: client.password }, status: 200 }
  },
  async giveSecondFactor(app) {
    const { ada, code } = await withFactor(app)
    const client = app.visitor()
    const first = await client.post('/login', { json: { login: ada.user.login, password: ada.password } })
    if (first.status !== 401) throw new Error(`The first step answered ${first.status}.`)
    return { client, sent: { code: code() }, status: 200 }
  },
  signOut: async (app) => ({ client: await app.signedIn('member'), sent: {}, status: 200 }),
  async setUp(app) {
    const code = await app.holdfast.accounts.setUp.code()
    return { client: app.visitor(), sent: { code, login: 'ada', displayName: 'Ada', password: PASSWORD }, status: 200 }
  },

  signInApp: async (app) => ({ client: await app.signedIn('member'), sent: { client: 'Phone' }, status: 200 }),
  async refreshTokens(app) {
    const { tokens } = await withApp(app)
    return { client: app.visitor(), sent: { refresh_token: tokens.refresh_token }, status: 200 }
  },
  async revokeToken(app) {
    const { tokens } = await withApp(app)
    return { client: app.visitor(), sent: { token: tokens.refresh_token }, status: 200 }
  },
  publicKeys: async (app) => ({ client: app.visitor(), status: 200 }),
  listApps: async (app) => ({ client: (await withApp(app)).ada, status: 200 }),
  async endApp(app) {
    const { ada } = await withApp(app)
    const [signedIn] = await app.holdfast.accounts.tokens.list(ada.user.id, app.clock.now())
    return { client: ada, sent: { app: signedIn?.id }, status: 200 }
  },

  listSessions: async (app) => ({ client: await app.signedIn('member'), status: 200 }),
  async endSession(app) {
    const client = await app.signedIn('member')
    const [session] = await app.holdfast.accounts.sessions.list(client.user.id, app.clock.now())
    return { client, sent: { session: session?.id }, status: 200 }
  },
  endOtherSessions: async (app) => ({ client: await app.signedIn('member'), sent: {}, status: 200 }),
  endAllSessions: async (app) => ({ client: await app.signedIn('member'), sent: {}, status: 200 }),

  async signInRemembered(app) {
    const { user, password } = await app.signedIn('member')
    const client = app.visitor()
    await client.post('/login', { form: { login: user.login, password, remember: 'on' } })
    for (const name of client.cookies.keys()) if (name.includes('sid')) client.cookies.delete(name)
    return { client, sent: {}, status: 200 }
  },
  async forgetBrowser(app) {
    const client = app.visitor()
    const { user, password } = await app.signedIn('member')
    await client.post('/login', { form: { login: user.login, password, remember: 'on' } })
    const [browser] = await app.holdfast.accounts.browsers.list(user.id, app.clock.now())
    return { client, sent: { browser: browser?.id }, status: 200 }
  },

  listFactors: async (app) => ({ client: (await withFactor(app)).ada, status: 200 }),
  beginTotp: async (app) => ({ client: await app.signedIn('member'), status: 200 }),
  async enrolTotp(app) {
    const client = await app.signedIn('member')
    const code = authenticatorOf(await draft(client), app.clock.now)
    return { client, sent: { code: code() }, status: 200 }
  },
  removeTotp: async (app) => ({ client: (await withFactor(app)).ada, sent: {}, status: 200 }),
  renewRecoveryCodes: async (app) => ({ client: (await withFactor(app)).ada, sent: {}, status: 200 }),

  async listKeys(app) {
    const client = await app.signedIn('admin')
    await client.post('/account/keys/create', { json: { name: 'one', days: '30' } })
    return { client, status: 200 }
  },
  createKey: async (app) => ({ client: await app.signedIn('admin'), sent: { name: 'one', days: '30' }, status: 201 }),
  async revokeKey(app) {
    const client = await app.signedIn('admin')
    const made = await client.post('/account/keys/create', { json: { name: 'one', days: '30' } })
    return { client, sent: { key: (made.json() as { key: { id: string } }).key.id }, status: 200 }
  },
  getAddress: async (app) => ({ client: await withAddress(app, true), status: 200 }),
  sendVerification: async (app) => ({ client: await withAddress(app, false), sent: {}, status: 202 }),
  async verifyAddress(app) {
    const client = await withAddress(app, false)
    await client.post('/account/address/verify', { json: {} })
    return { client: app.visitor(), sent: { token: await letterToken(app) }, status: 200 }
  },
  async askForLink(app) {
    await withAddress(app, true)
    return { client: app.visitor(), sent: { login: ADDRESS }, status: 202 }
  },
  async signInWithLink(app) {
    await withAddress(app, true)
    const client = app.visitor()
    await client.post('/login/link', { json: { login: ADDRESS } })
    return { client, sent: { token: await letterToken(app) }, status: 200 }
  },
  async askForCode(app) {
    await withAddress(app, true)
    return { client: app.visitor(), sent: { login: ADDRESS }, status: 202 }
  },
  async signInWithCode(app) {
    await withAddress(app, true)
    const client = app.visitor()
    await client.post('/login/code', { json: { login: ADDRESS } })
    return { client, sent: { code: await letterCode(app) }, status: 200 }
  },
  getMailFactor: async (app) => ({ client: await withMailFactor(app), status: 200 }),
  beginMailFactor: async (app) => ({ client: await withAddress(app, true), sent: {}, status: 202 }),
  async confirmMailFactor(app) {
    const client = await withAddress(app, true)
    await client.post('/account/mail-codes/send', { json: {} })
    return { client, sent: { code: await letterCode(app) }, status: 200 }
  },
  removeMailFactor: async (app) => ({ client: await withMailFactor(app), sent: {}, status: 200 }),
  sendFactorCode: async (app) => ({ client: await withMailFactor(app), sent: {}, status: 202 }),
  async signUp(app) {
    await app.signedIn('admin')
    return { client: app.visitor(), sent: { address: ADDRESS }, status: 202 }
  },
  async finishSignUp(app) {
    await app.signedIn('admin')
    const client = app.visitor()
    await client.post('/sign-up', { json: { address: ADDRESS } })
    return { client, sent: { token: await letterToken(app), displayName: 'Ada', password: PASSWORD }, status: 200 }
  },
  async acceptInvitation(app) {
    await app.holdfast.accounts.invitations.create({ address: ADDRESS, roles: ['member'], invitedBy: SYSTEM })
    return { client: app.visitor(), sent: { token: await letterToken(app), displayName: 'Ada', password: PASSWORD }, status: 200 }
  },
  async joinByInvitation(app) {
    const client = await withAddress(app, true)
    await app.holdfast.accounts.invitations.create({ address: ADDRESS, roles: ['admin'], invitedBy: SYSTEM })
    return { client, sent: { token: await letterToken(app) }, status: 200 }
  },
  ...recoveryExamples(letterToken),
  describeApi: async (app) => ({ client: await app.signedIn('member'), status: 200 }),
}
