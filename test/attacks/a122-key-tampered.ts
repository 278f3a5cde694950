import { randomToken } from '../../src/crypto/random.ts'
import { mintKey } from '../../src/accounts/tokens/key-text.ts'
import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey } from '../support/keys.ts'
import { anyKey } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A122',
  title: 'changes, cuts or invents an API key, or mends its checksum (L34)',
  control: 'apiKeys',
  options: KEYS,
  without: { database: anyKey() },
  async succeeds(app) {
    const { text } = await userWithKey(app, 'member', 'ada')
    if (!(await opens(app, text))) throw new Error('The key does not work at all.')
    const last = text.endsWith('0') ? '1' : '0'
    const invented = mintKey(randomToken).text.reveal()
    // The public name of one, with the secret and the checksum of another.
    const mixed = text.slice(0, 19) + invented.slice(19)
    const wrong = [text.slice(0, -1) + last, text.slice(0, -1), text.slice(0, -6), text.toLowerCase(), invented, mixed]
    for (const one of wrong) if (await opens(app, one)) return true
    return false
  },
})
