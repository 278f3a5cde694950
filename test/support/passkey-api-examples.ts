/** The examples of the JSON API for passkeys: a client that has an authenticator. */
import type { Client, Testing } from '../../src/testing/index.ts'
import type { Ceremony } from '../../src/accounts/types.ts'
import type { Example } from './api-examples.ts'
import { softAuthenticator } from './authenticator.ts'

const ACCEPT = { accept: 'application/json' }

async function ask(client: Client, path: string, json: object = {}): Promise<Ceremony> {
  return (await client.post(path, { json, headers: ACCEPT })).json() as Ceremony
}

/** Somebody who has a passkey, and their client. */
async function withPasskey(app: Testing) {
  const client = await app.signedIn('member')
  const authenticator = softAuthenticator(app)
  const response = authenticator.create(await ask(client, '/account/factors/passkeys/options'))
  const made = await client.post('/account/factors/passkeys', { json: { response, name: 'Telephone' } })
  if (made.status !== 200) throw new Error(`No passkey: ${made.text}`)
  const [passkey] = await app.holdfast.accounts.passkeys.list(client.user.id)
  return { client, authenticator, id: passkey!.id }
}

export const passkeyExamples: Readonly<Record<string, (app: Testing) => Promise<Example>>> = {
  askForPasskey: async (app) => ({ client: app.visitor(), status: 200 }),
  async signInWithPasskey(app) {
    const { authenticator } = await withPasskey(app)
    const client = app.visitor()
    return { client, sent: { response: authenticator.get(await ask(client, '/login/passkey/options')) }, status: 200 }
  },
  askForSecondPasskey: async (app) => ({ client: (await withPasskey(app)).client, status: 200 }),
  async giveSecondPasskey(app) {
    const { client, authenticator } = await withPasskey(app)
    return { client, sent: { response: authenticator.get(await ask(client, '/login/factor/passkey/options')) }, status: 200 }
  },
  askToEnrolPasskey: async (app) => ({ client: await app.signedIn('member'), sent: { purpose: 'security-key' }, status: 200 }),
  async enrolPasskey(app) {
    const client = await app.signedIn('member')
    const response = softAuthenticator(app).create(await ask(client, '/account/factors/passkeys/options'))
    return { client, sent: { response, name: 'Telephone' }, status: 200 }
  },
  async renamePasskey(app) {
    const { client, id } = await withPasskey(app)
    return { client, sent: { passkey: id, name: 'Old telephone' }, status: 200 }
  },
  async removePasskey(app) {
    const { client, id } = await withPasskey(app)
    return { client, sent: { passkey: id }, status: 200 }
  },
}
