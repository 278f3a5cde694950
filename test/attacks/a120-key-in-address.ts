import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey } from '../support/keys.ts'

export default defineAttack({
  id: 'A120',
  title: 'uses an API key that stands in an address, as it was found in a log or a history',
  control: 'apiKeys',
  adapters: 'all',
  options: KEYS,
  without: {
    heldBy: 'design',
    why: 'nothing reads a key from an address; the control refuses the address, so that nobody begins to write keys there',
  },
  async succeeds(app) {
    const { text } = await userWithKey(app, 'member', 'ada')
    if (!(await opens(app, text))) throw new Error('The key does not work at all.')
    for (const name of ['access_token', 'key', 'api_key', 'token', 'authorization']) {
      for (const path of ['/me', '/', '/public-json'])
        if ((await app.fetch(`${path}?${name}=${text}`)).status !== 400) return true
    }
    return app.events.some((event) => JSON.stringify(event).includes(text.slice(20)))
  },
})
