import { mintKey } from '../../src/accounts/tokens/key-text.ts'
import { randomToken } from '../../src/crypto/random.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import type { Database, Statement } from '../../src/store/database.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { KEYS, opens, userWithKey, withKey } from '../support/keys.ts'

const SYSTEM = { kind: 'system', id: 'test' } as const
const OWN = ['date', 'x-request-id', 'content-security-policy', 'ratelimit', 'ratelimit-policy']
const DAY = 86_400_000
const work = { statements: 0 }

/** What was said while a request was under way: what detections and incidents make of it comes after the answer. */
const said = ({ events }: TestApp) => events.filter(({ type }) => !/^(?:incident_|detection_fired)/.test(type)).length

/** What an attacker sees, and what it cost us. */
async function attempt(app: TestApp, text: string): Promise<string> {
  // What the attempt before left to be written and looked at is not of this one.
  await app.holdfast.detections.settled()
  await app.holdfast.incidents.settled()
  await app.holdfast.audit?.flush()
  const [statements, events] = [work.statements, said(app)]
  const { status, headers, text: body } = await withKey(app, '/me', text)
  const head = Object.entries(headers).filter(([name]) => !OWN.includes(name))
  const shown = body.replace(String(headers['x-request-id']), 'ID')
  return JSON.stringify([status, head, shown, work.statements - statements, said(app) - events])
}

export default defineAttack({
  id: 'A125',
  title: 'finds out by answer or work whether an API key ever was one, expired, or belongs to somebody who is gone',
  control: 'apiKeys',
  options: { ...KEYS, database: counted() },
  without: { heldBy: 'design', why: 'there is one answer and one path of work; no option makes a second' },
  async succeeds(app) {
    const { accounts } = app.holdfast
    const ada = await userWithKey(app, 'member', 'ada')
    const short = await accounts.apiKeys.create({ userId: ada.userId, name: 'short', scopes: [], expiresIn: DAY }, SYSTEM)
    app.clock.advance(DAY)
    if (!short.ok || !(await opens(app, ada.text))) throw new Error('The keys do not work at all.')
    const right = await attempt(app, ada.text)
    await accounts.apiKeys.revoke(ada.userId, ada.id, SYSTEM)
    const gone = await userWithKey(app, 'member', 'gone')
    await accounts.users.disable(gone.userId, SYSTEM)
    await attempt(app, 'the first failure of a network is its own kind of work')
    const wrong = [mintKey(randomToken).text.reveal(), ada.text, gone.text, short.text.reveal(), 'hf_key_', ada.text.slice(0, -1)]
    const seen: string[] = []
    for (const text of wrong) seen.push(await attempt(app, text))
    if (seen[0] === right) throw new Error('The judge cannot tell success from failure.')
    return new Set(seen).size !== 1
  },
})

/** Counts every prepared statement that is run. */
function counted(): Database {
  const inner = sqlite()
  return {
    ...inner,
    statement<Row>(text: string): Statement<Row> {
      const statement = inner.statement<Row>(text)
      const note = () => void (text.includes('hf_audit') || work.statements++)
      return {
        get: (...values) => (note(), statement.get(...values)),
        all: (...values) => (note(), statement.all(...values)),
        run: (...values) => (note(), statement.run(...values)),
      }
    },
  }
}
