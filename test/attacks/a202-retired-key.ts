import { randomBytes, randomUUID } from 'node:crypto'
import { TOTP_PURPOSE } from '../../src/accounts/factors/totp.ts'
import { generateKey, parseKeyring } from '../../src/crypto/keyring.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import { defineAttack } from '../support/attack.ts'
import { enrol, enters } from '../support/enrolled.ts'

const [OLD, NEXT] = [generateKey('old'), generateKey('next')]
/** One for both runs: the application hands it in, and the thief writes to it. */
const database = sqlite()

export default defineAttack({
  id: 'A202',
  title: 'writes a second factor of their own into the database, sealed with a key that was stolen and has been retired',
  control: 'signIn',
  options: { database, keys: NEXT },
  // The ring as it is before `keys retire`.
  without: { keys: `${NEXT},${OLD}` },
  async succeeds(app) {
    const { login, secret, userId } = await enrol(app, `victim-${randomUUID()}`)
    app.clock.advance(120_000)
    if (!(await enters(app, login, secret))) throw new Error('The victim cannot sign in.')
    app.clock.advance(120_000)
    const own = randomBytes(20)
    const value = parseKeyring(OLD).seal(TOTP_PURPOSE, own, [userId, 'totp'])
    await database.kysely
      .updateTable('hf_factors')
      .set({ value })
      .where('user_id', '=', userId)
      .where('kind', '=', 'totp')
      .execute()
    return await enters(app, login, own).catch((error: { code?: string }) => {
      if (error.code === 'HF_KEYS_INVALID') return false
      throw error
    })
  },
})
