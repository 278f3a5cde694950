/** What another provider says of who it is: the way back from it. */
import type { Testing } from '../../../src/testing/index.ts'
import { idp } from '../../support/attack-provider.ts'
import type { Driver } from '../driver.ts'
import { HOUR } from '../driver.ts'

const OPERATOR = { kind: 'system', id: 'test' } as const

/** Somebody whose account is linked, and a browser that comes back from the provider. */
async function arrange(stage: Testing) {
  idp.lies = {}
  const { user } = await stage.signedIn('member')
  const identity = { provider: 'idp', issuer: idp.issuer, subject: 'person-1', shown: 'person-1', strong: false }
  await stage.holdfast.accounts.identities.link(user.id, identity, OPERATOR)
  const client = stage.visitor()
  const begun = await client.post('/login/with/idp', { json: {} })
  const back = new URL(idp.visit((begun.json() as { location: string }).location))
  const [code = '', state = ''] = ['code', 'state'].map((name) => back.searchParams.get(name) ?? '')
  return { client, step: { method: 'GET', path: `${back.pathname}${back.search}` }, secrets: [code, state] }
}

export const provider: Driver = {
  way: 'provider',
  arrange,
  life: HOUR,
  // The failures of an account count together, wherever they were made.
  wrong: () => ({ path: '/login', json: { login: 'member-1', password: 'velvet anchor prairie sundial' } }),
}
