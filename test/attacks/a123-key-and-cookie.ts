import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey, withKey } from '../support/keys.ts'

export default defineAttack({
  id: 'A123',
  title: 'sends an API key together with the cookie of somebody else, so that two parts see two users',
  control: 'apiKeys',
  adapters: 'all',
  options: KEYS,
  async succeeds(app) {
    const { text } = await userWithKey(app, 'member', 'ada')
    const { cookie } = await app.signIn('admin', 'root')
    if (app.holdfast.controls.includes('apiKeys') && !(await opens(app, text))) throw new Error('The key does not work at all.')
    const answers = [await withKey(app, '/me', text, { cookie }), await withKey(app, '/admin', text, { cookie })]
    return answers.some(({ status }) => status === 200)
  },
})
