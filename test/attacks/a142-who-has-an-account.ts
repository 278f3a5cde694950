import type { Response, TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { askFor, claimer, OPEN, SYSTEM } from '../support/newcomers.ts'
import { endlessRates } from '../support/weak-links.ts'

/** What differs between any two answers, whoever asks. */
const OWN = ['date', 'x-request-id', 'content-security-policy', 'ratelimit', 'ratelimit-policy']

function seenFrom({ status, headers, text }: Response): string {
  const head = Object.entries(headers).filter(([name]) => !OWN.includes(name))
  const nonce = /nonce="([^"]+)"/.exec(text)?.[1] ?? 'none'
  return JSON.stringify([status, head, text.replaceAll(nonce, 'NONCE')])
}

/** What the asker sees, how many letters it cost, and what was said of it. */
async function attempt(app: TestApp, address: string): Promise<string> {
  const before = app.events.length
  const seen = seenFrom(await askFor(app, address))
  const events = app.events.slice(before).map(({ type }) => type)
  return JSON.stringify([seen, events.filter((type) => !type.startsWith('mail_')), (await app.mails()).length])
}

export default [
  defineAttack({
    id: 'A142a',
    title: 'finds out at sign-up who has an account, by answer, head, letters or events (L76)',
    control: 'signIn',
    adapters: 'all',
    options: OPEN,
    without: { heldBy: 'design', why: 'there is one answer and one path of work; no option makes a second' },
    async succeeds(app) {
      const { users } = app.holdfast.accounts
      const known = await app.signIn('member', 'known')
      await users.setAddress(known.userId, 'known@example.org', SYSTEM, { verified: true })
      const gone = await app.signIn('member', 'gone')
      await users.setAddress(gone.userId, 'gone@example.org', SYSTEM, { verified: true })
      await users.disable(gone.userId, SYSTEM)
      await claimer(app, 'claimed@example.org')
      await app.signIn('member', 'login@example.org')
      await attempt(app, 'pending@example.org')
      if ((await attempt(app, 'no address')) === (await attempt(app, 'new@example.org')))
        throw new Error('The judge sees nothing.')
      const seen: string[] = []
      for (const name of ['unknown', 'known', 'gone', 'claimed', 'login', 'pending'])
        seen.push(await attempt(app, `${name}@example.org`))
      return new Set(seen).size !== 1
    },
  }),
  defineAttack({
    id: 'A142b',
    title: 'floods a mailbox with letters of sign-up, in every spelling of its address',
    control: 'signIn',
    options: OPEN,
    without: { database: endlessRates() },
    async succeeds(app) {
      for (let count = 0; count < 12; count++) await askFor(app, count % 2 === 0 ? 'victim@example.org' : 'Victim@EXAMPLE.org')
      return (await app.mails()).length > 3
    },
  }),
]
