import { sql } from 'kysely'
import { generateKey, parseKeyring } from '../../src/crypto/keyring.ts'
import { blindIndex, fieldCipher } from '../../src/secrets/field-cipher.ts'
import { sqlite } from '../../src/store/sqlite.ts'
import { defineAttack } from '../support/attack.ts'
import { enrol } from '../support/enrolled.ts'

const TEXT = 'the diagnosis of ada'
const database = sqlite()
const keys = parseKeyring(generateKey())

/** Rows of a table of the application, two people's, as it writes them. */
async function notes(): Promise<{ readonly own: string; readonly other: string }> {
  const cipher = fieldCipher(keys, 'notes.text')
  const index = blindIndex(keys, 'notes.text')
  await sql`CREATE TABLE IF NOT EXISTS notes (id text, text text, text_index text)`.execute(database.kysely)
  const [own, other] = [cipher.seal('mine', 'of no interest'), cipher.seal('hers', TEXT)]
  await sql`INSERT INTO notes VALUES ('mine', ${own}, ${index.of('of no interest')}), ('hers', ${other}, ${index.of(TEXT)})`.execute(
    database.kysely,
  )
  return { own, other }
}

export default [
  defineAttack({
    id: 'A200',
    title: 'copies the database, and reads secrets of authenticator apps and encrypted columns in it (CWE-311)',
    control: 'signIn',
    options: { database },
    without: {
      heldBy: 'design',
      why: 'what opens something is sealed under the key ring, which is kept elsewhere; no option leaves it out',
    },
    async succeeds(app) {
      const { secret } = await enrol(app, 'victim')
      await notes()
      const { rows } = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(database.kysely)
      const copies = await Promise.all(rows.map(({ name }) => sql`SELECT * FROM ${sql.table(name)}`.execute(database.kysely)))
      const stolen = JSON.stringify(copies.map((copy) => copy.rows))
      if (!stolen.includes('"totp"') || !stolen.includes('"hers"')) throw new Error('The tables were not read.')
      return [...(['hex', 'base64', 'base64url'] as const).map((form) => secret.toString(form)), TEXT].some((text) =>
        stolen.includes(text),
      )
    },
  }),
  defineAttack({
    id: 'A201',
    title: "moves what is sealed in somebody else's row into their own, and has the application open it",
    control: 'authorize',
    options: { database },
    without: { heldBy: 'design', why: 'table, column and row are bound into each value; no option leaves them out' },
    async succeeds() {
      const { other } = await notes()
      const cipher = fieldCipher(keys, 'notes.text')
      if (!cipher.open('hers', other).ok) throw new Error('The value does not open at all.')
      return [cipher.open('mine', other), fieldCipher(keys, 'notes.title').open('hers', other)].some(({ ok }) => ok)
    },
  }),
]
