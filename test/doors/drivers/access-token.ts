/** An app with its access token. */
import { withApp } from '../../support/api-examples.ts'
import type { Driver } from '../driver.ts'
import { MINUTE } from '../driver.ts'

export const accessToken: Driver = {
  way: 'access-token',
  async arrange(stage) {
    const { access_token: token } = (await withApp(stage)).tokens
    const headers = { authorization: `Bearer ${token}` }
    return { client: stage.visitor(), step: { method: 'GET', path: '/api/notes', headers }, secrets: [token] }
  },
  life: 6 * MINUTE,
  behind: ({ tokens: service }) => service,
}
