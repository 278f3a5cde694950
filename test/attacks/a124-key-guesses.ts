import { mintKey } from '../../src/accounts/tokens/key-text.ts'
import { randomToken } from '../../src/crypto/random.ts'
import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey, withKey } from '../support/keys.ts'
import { forgetfulStore } from '../support/weak-store.ts'

export default defineAttack({
  id: 'A124',
  title: 'sends one API key after the other, until one is right',
  control: 'apiKeys',
  options: KEYS,
  without: { database: forgetfulStore() },
  async succeeds(app) {
    const { text } = await userWithKey(app, 'member', 'ada')
    const statuses = new Set<number>()
    for (let guess = 0; guess < 30; guess++) statuses.add((await withKey(app, '/me', mintKey(randomToken).text.reveal())).status)
    if (statuses.has(200)) throw new Error('A guess was right.')
    return (await opens(app, text)) || !statuses.has(429)
  },
})
