import { sql } from 'kysely'
import { sqlite } from '../../src/store/sqlite.ts'
import type { TestApp } from '../support/app.ts'
import { defineAttack } from '../support/attack.ts'
import { askForLetter, capturingTransport, linkIn } from '../support/mail.ts'

const SIGN_UP = { signIn: { signUp: 'open' } } as const
const WHY = 'bodies are sealed under the key ring and tokens are stored as hashes; no option leaves that out'

/** One for each run: the application hands it in, and the thief reads it. */
const database = sqlite()
const transport = capturingTransport()
/** Knows every letter, and says it all back as it refuses. */
const repeating = {
  name: 'repeats',
  async send(message: Parameters<typeof transport.send>[0]) {
    transport.sent.push(message)
    throw new Error(`550 ${message.to}: ${message.text}`)
  },
}

/** Asks for a letter, and returns the secret in it. */
async function secretOf(app: TestApp): Promise<string> {
  await askForLetter(app, 'ada@example.org')
  await app.holdfast.mail!.flush()
  const letter = transport.sent.splice(0).at(-1)
  if (letter === undefined) throw new Error('No letter was made.')
  return new URL(linkIn(letter), app.origin).searchParams.get('token')!
}

export default [
  defineAttack({
    id: 'A132a',
    title: 'reads the database and opens accounts with the links of letters that wait to be sent',
    control: 'mail',
    options: { ...SIGN_UP, database, mail: { from: 'noreply@app.example', transport: repeating } },
    without: { heldBy: 'design', why: WHY },
    async succeeds(app) {
      const secret = await secretOf(app)
      const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(database.kysely)
      const tables = rows.map(({ name }) => sql`SELECT * FROM ${sql.table(name)}`.execute(database.kysely))
      const stolen = JSON.stringify(await Promise.all(tables))
      if (!stolen.includes('leased_until')) throw new Error('The outbox was not read.')
      return stolen.includes(secret)
    },
  }),
  defineAttack({
    id: 'A132b',
    title: 'reads the log, where a mail server that repeats letters has put their links and addresses',
    control: 'mail',
    options: { ...SIGN_UP, mail: { from: 'noreply@app.example', transport: repeating } },
    without: { heldBy: 'design', why: 'of what a transport says only words of ours are kept' },
    async succeeds(app) {
      const secret = await secretOf(app)
      const log = JSON.stringify(app.events)
      if (!log.includes('mail_failed')) throw new Error('The failure was not told.')
      return log.includes(secret) || log.includes('ada@')
    },
  }),
]
