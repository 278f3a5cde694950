import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { sql } from 'kysely'
import { generateKey, listKeys, parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { createHoldfast } from '../../index.ts'
import { fieldCipher } from '../../secrets/field-cipher.ts'
import { createOutbox } from '../../store/outbox.ts'
import { sqlite } from '../../store/sqlite.ts'
import { race } from '../../testing/race.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-keys-'))
const START = Date.parse('2027-06-01T12:00:00.400Z')
const DAY = 86_400_000
let folders = 0
after(() => rmSync(root, { recursive: true }))

/** A folder in which an application ran that left one letter and one encrypted note, and the command with a clock. */
async function installation() {
  const data = join(root, String(folders++))
  const clock = { now: START }
  const now = () => clock.now
  const file = join(data, 'keys')
  const ring = () => parseKeyring(readFileSync(file, 'utf8').trim(), now)
  const start = () => createHoldfast({ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now })
  await (await start()).stop()
  const database = sqlite(join(data, 'holdfast.sqlite'))
  await database.transaction((tx) =>
    createOutbox({ database, keys: ring(), random: randomToken, now }).add(tx, 'test', 'a letter'),
  )
  await sql`CREATE TABLE notes (note_id text PRIMARY KEY, text text)`.execute(database.kysely)
  await sql`INSERT INTO notes VALUES ('n1', ${fieldCipher(ring(), 'notes.text').seal('n1', 'a note')})`.execute(database.kysely)
  await database.close()
  return {
    ...{ data, file, ring, clock },
    holdfast: (words: string, environment: Record<string, string> = {}) =>
      holdfastCommand(words, {
        environment: { HOLDFAST_DATA: data, HOLDFAST_LOG: join(data, 'log'), ...environment },
        now,
      }),
  }
}

describe('holdfast keys', () => {
  it('rotates: scheduled first, then current, sealed anew, and the old one away when nothing needs it', async () => {
    const { holdfast, ring, clock, file, data } = await installation()
    const old = ring().current
    const rotated = await holdfast('keys rotate --json --in 12h')
    const next = rotated.json.key.id as string
    assert.equal(rotated.json.key.from, Date.parse('2027-06-02T00:00:01Z'))
    assert.deepEqual([ring().current, ring().ids], [old, [old, next]])
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.deepEqual(
      readdirSync(data).filter((name) => name.startsWith('keys')),
      ['keys'],
    )
    assert.equal((await holdfast('keys rotate --json')).json.error.reason, 'already-scheduled')

    clock.now += DAY
    assert.equal(ring().current, next)
    assert.deepEqual((await holdfast('keys status --json --field notes.text:note_id')).json, {
      keys: [
        { id: old, state: 'previous', from: null, sealed: 2 },
        { id: next, state: 'current', from: rotated.json.key.from, sealed: 0 },
      ],
      lost: 0,
    })
    assert.equal((await holdfast(`keys retire ${next} --json`)).json.error.reason, 'current')
    assert.equal((await holdfast(`keys retire ${old} --json`)).json.error.reason, 'signed')
    assert.equal((await holdfast(`keys retire ${old} --json --void-signed`)).json.error.reason, 'sealed')

    const without = await holdfast('keys reencrypt --json')
    assert.deepEqual([without.code, without.json], [0, { done: 1, unreadable: [], left: 0 }])
    const field = ['--field', 'notes.text:note_id'].join(' ')
    assert.equal((await holdfast(`keys retire ${old} --json --void-signed ${field}`)).json.error.reason, 'sealed')
    assert.equal((await holdfast(`keys reencrypt ${field}`)).out, `1 sealed anew under ${next}. No older ones are left.`)

    assert.equal((await holdfast(`keys retire ${old} --json ${field}`)).json.error.reason, 'signed')
    assert.equal((await holdfast(`keys retire ${old} --json ${field} --signed-for 30d`)).json.error.reason, 'signed')
    clock.now += 90 * DAY
    const retired = await holdfast(`keys retire ${old} --json ${field}`)
    assert.deepEqual(retired.json, { key: { id: old }, removed: true }, retired.error)
    assert.deepEqual(ring().ids, [next])

    const database = sqlite(join(data, 'holdfast.sqlite'))
    const { rows } = await sql<{ text: string }>`SELECT text FROM notes`.execute(database.kysely)
    await database.close()
    assert.deepEqual(fieldCipher(ring(), 'notes.text').open('n1', rows[0]!.text), { ok: true, text: 'a note' })
    const log = readFileSync(join(data, 'log'), 'utf8')
    assert.match(log, /key_scheduled[\s\S]*key_retired/)
    for (const { entry } of listKeys(readFileSync(file, 'utf8').trim())) assert.ok(!log.includes(entry.split(':')[1]!))
  })

  it('has one winner of twenty that rotate at the same time', async () => {
    const { holdfast, ring } = await installation()
    const answers = await race(20, () => holdfast('keys rotate'))
    assert.equal(answers.filter(({ code }) => code === 0).length, 1)
    assert.equal(ring().ids.length, 2)
  })

  it('writes no ring that stands in the environment, and says what to do', async () => {
    const { holdfast, file } = await installation()
    const keys = readFileSync(file, 'utf8').trim()
    const next = generateKey('next')
    const answer = await holdfast('keys rotate --json', { HOLDFAST_KEYS: keys })
    assert.equal(answer.json.error.reason, 'not-a-file')
    const environment = { HOLDFAST_KEYS: `${next},${keys}` }
    assert.equal((await holdfast('keys reencrypt', environment)).code, 0)
    const id = keys.split(':')[0]!
    assert.deepEqual((await holdfast(`keys retire ${id} --json --void-signed`, environment)).json.removed, false)
    assert.equal(readFileSync(file, 'utf8').trim(), keys)
  })

  it('says of rows that no key opens how many they are, and ends with 1', async () => {
    const { holdfast } = await installation()
    const other = { HOLDFAST_KEYS: generateKey('other') }
    const answer = await holdfast('keys reencrypt', other)
    assert.equal(answer.code, 1)
    assert.match(answer.out, /hf_outbox\.body: 1 that "\w+" sealed cannot be opened/)
    assert.match((await holdfast('keys status', other)).out, /1 rows were sealed by a key that is not in the ring/)
  })

  it('leaves the file as it is when one broke off, and refuses wrong words', async () => {
    const { holdfast, file } = await installation()
    writeFileSync(`${file}.next`, '')
    const answer = await holdfast('keys rotate')
    assert.equal(answer.code, 3)
    assert.match(answer.error, /EEXIST/)
    assert.equal((await holdfast('keys retire none')).code, 2)
    assert.equal((await holdfast('keys status --field notes')).code, 2)
  })
})
