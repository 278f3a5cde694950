/** The examples of one's own account for the description of the JSON API; see `api-examples.ts`. */
import type { Client, Testing } from '../../src/testing/index.ts'
import type { Example } from './api-examples.ts'

const NEXT = 'next@app.example'

type Token = (app: Testing) => Promise<string>
type WithAddress = (app: Testing, verified: boolean) => Promise<Client>

/** `letterToken`: what stands behind the link of the last letter. */
export function profileExamples(
  letterToken: Token,
  withAddress: WithAddress,
): Readonly<Record<string, (app: Testing) => Promise<Example>>> {
  /** Somebody who asked for another address, and the token that came there. */
  async function asked(app: Testing) {
    const client = await withAddress(app, true)
    await client.post('/account/address/change', { json: { address: NEXT } })
    return { client, token: await letterToken(app) }
  }

  /** The token of the last notice. */
  async function notice(app: Testing): Promise<string> {
    await app.mails()
    await app.holdfast.accounts.notices.sweep(app.clock.now())
    return await letterToken(app)
  }

  return {
    askForNewAddress: async (app) => ({ client: await withAddress(app, true), sent: { address: NEXT }, status: 202 }),
    async confirmNewAddress(app) {
      const { token } = await asked(app)
      return { client: app.visitor(), sent: { token }, status: 200 }
    },
    async undoNewAddress(app) {
      const { token } = await asked(app)
      await app.holdfast.accounts.notices.sweep(app.clock.now())
      await letterToken(app)
      await app.visitor().post('/login/change-address', { json: { token } })
      return { client: app.visitor(), sent: { token: await notice(app) }, status: 200 }
    },
    getProfile: async (app) => ({ client: await withAddress(app, true), status: 200 }),
    changeName: async (app) => ({ client: await app.signedIn('member'), sent: { displayName: 'Ada L.' }, status: 200 }),
    exportAccount: async (app) => ({ client: await withAddress(app, true), status: 200 }),
    deleteAccount: async (app) => ({ client: await withAddress(app, true), sent: {}, status: 202 }),
    async keepAccount(app) {
      const client = await withAddress(app, true)
      await client.post('/account/profile/delete', { json: {} })
      return { client: app.visitor(), sent: { token: await letterToken(app) }, status: 200 }
    },
    async sayNotMe(app) {
      const client = await withAddress(app, true)
      await client.post('/account/password', { json: { password: 'velvet anchor prairie sundial' } })
      return { client: app.visitor(), sent: { token: await notice(app) }, status: 200 }
    },
  }
}
