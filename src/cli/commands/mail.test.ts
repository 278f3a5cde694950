import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { holdfastCommand } from '../../../test/support/command.ts'
import { mailServer } from '../../../test/support/mail-server.ts'
import type { Posted } from '../../accounts/letters/index.ts'
import { MAIL_CHANNEL } from '../../accounts/mail/post.ts'
import { parseKeyring } from '../../crypto/keyring.ts'
import { randomToken } from '../../crypto/random.ts'
import { createHoldfast } from '../../index.ts'
import { MailError } from '../../mail/transport.ts'
import { createOutbox } from '../../store/outbox.ts'
import { sqlite } from '../../store/sqlite.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-mail-'))
let folders = 0
after(() => rmSync(root, { recursive: true }))

/** It stands, so that no pause between two attempts is over because a machine is slow. */
const NOW = Date.parse('2026-06-01T12:00:00Z')

const POSTED: Posted = {
  letter: 'magic-link',
  to: 'bob@example.org',
  data: { link: 'http://localhost:3000/in?token=s3cret', minutes: '15' },
}

/** A folder in which an application ran that gave up one letter, and another that waits; and the command in it. */
async function installation() {
  const data = join(root, String(folders++))
  const sent: string[] = []
  let refusing = true
  const start = () =>
    createHoldfast({
      ...{ origin: 'http://localhost:3000', data, mode: 'test', log: 'silent', now: () => NOW },
      mail: {
        from: 'noreply@app.example',
        transport: {
          name: 'test',
          async send({ to }) {
            if (refusing)
              throw new MailError(`The mail server answered 550 5.1.1 to RCPT TO.`, { permanent: to.startsWith('bob') })
            sent.push(to)
          },
        },
      },
    })
  const holdfast = await start()
  const database = sqlite(join(data, 'holdfast.sqlite'))
  const keys = parseKeyring(readFileSync(join(data, 'keys'), 'utf8').trim())
  const outbox = createOutbox({ database, keys, random: randomToken, now: () => NOW })
  for (const to of ['bob@example.org', 'eve@example.org'])
    await database.transaction((tx) => outbox.add(tx, MAIL_CHANNEL, JSON.stringify({ ...POSTED, to })))
  await holdfast.mail!.flush()
  await holdfast.stop()
  await database.close()
  return {
    data,
    sent,
    async restart() {
      refusing = false
      const again = await start()
      await again.mail!.flush()
      await again.stop()
    },
    async holdfast(words: string, environment: Record<string, string> = {}) {
      const answer = await holdfastCommand(words, {
        environment: { HOLDFAST_DATA: data, HOLDFAST_ORIGIN: 'http://localhost:3000', ...environment },
        now: () => NOW,
      })
      assert.ok(!`${answer.out}${answer.error}`.includes('s3cret'), 'no link is shown')
      return answer
    },
  }
}

describe('holdfast mail', () => {
  it('shows what waits and what was given up, to whom and why, and sends it again', async () => {
    const { holdfast, restart, sent } = await installation()
    const list = await holdfast('mail list')
    assert.match(list.out, /magic-link +eve@example\.org .* 1 .*answered 550 5\.1\.1 to RCPT TO/)
    assert.match(list.out, /1 given up: holdfast mail show-failed$/)
    assert.doesNotMatch(list.out, /bob@/)
    assert.match((await holdfast('mail show-failed')).out, /magic-link +bob@example\.org /)
    const { failed } = (await holdfast('mail show-failed --json')).json
    assert.deepEqual([failed.length, failed[0].to, failed[0].attempts], [1, 'bob@example.org', 1])
    assert.equal((await holdfast('mail list --limit 1 --json')).json.waiting[0].to, 'eve@example.org')

    assert.equal((await holdfast('mail retry nothing')).code, 1)
    assert.deepEqual((await holdfast(`mail retry ${failed[0].id} --json`)).json, { retried: 1 })
    await restart()
    assert.deepEqual(sent, ['bob@example.org'])
    assert.match((await holdfast('mail retry')).out, /^1 letter is due now/)
    await restart()
    assert.deepEqual(sent, ['bob@example.org', 'eve@example.org'])
    assert.equal((await holdfast('mail list')).out, 'No letter waits.')
    assert.equal((await holdfast('mail show-failed')).out, 'No letter was given up.')
  })

  it('does not need the key ring: then it does not say to whom', async () => {
    const { holdfast, data } = await installation()
    rmSync(join(data, 'keys'))
    const { waiting } = (await holdfast('mail list --json')).json
    assert.deepEqual([waiting.length, waiting[0].to, waiting[0].attempts], [1, undefined, 1])
    assert.ok(!readdirSync(data).includes('keys'), 'and makes none')
  })

  it('sends a letter by the mail server that is set, and says when it was refused', async () => {
    const { holdfast } = await installation()
    await using server = await mailServer()
    const HOLDFAST_MAIL = `smtp://localhost:${server.port}`
    const result = await holdfast('mail test ada@example.org --json', {
      HOLDFAST_MAIL,
      HOLDFAST_MAIL_FROM: 'Acme <noreply@app.example>',
    })
    assert.deepEqual([result.code, result.json.sent.transport], [0, 'smtp'])
    assert.deepEqual(
      server.delivered.map(({ from, to }) => [from, to]),
      [['noreply@app.example', ['ada@example.org']]],
    )
    assert.match(server.delivered[0]!.raw, /Subject: A letter from Acme/)
    await using refusing = await mailServer({ fault: { at: 'rcpt', code: 550 } })
    const refusal = await holdfast('mail test ada@example.org', { HOLDFAST_MAIL: `smtp://localhost:${refusing.port}` })
    assert.deepEqual([refusal.code, refusal.out], [1, ''])
    assert.match(refusal.error, /answered 550.* to RCPT TO/)
  })

  it('writes it into the folder where that is the way, and says where', async () => {
    const { holdfast, data } = await installation()
    const result = await holdfast('mail test ada@example.org')
    assert.match(result.out, /^Written into .*mail\. The letter is </)
    assert.equal(readdirSync(join(data, 'mail')).length, 1)
  })

  it('says what was typed wrongly, and what is not set', async () => {
    const { holdfast } = await installation()
    const cases: [string, Record<string, string>, number, RegExp][] = [
      ['mail test nobody', {}, 2, /not an address/],
      ['mail test', {}, 2, /ADDRESS is missing/],
      ['mail test a@b.example', { HOLDFAST_MAIL: 'none' }, 3, /HOLDFAST_MAIL/],
      ['mail test a@b.example', { HOLDFAST_MAIL: 'smtps://user:s3cret@' }, 3, /mail server/],
      ['mail test a@b.example', { HOLDFAST_MAIL: 'file', HOLDFAST_ORIGIN: 'https://app.example' }, 3, /sends no letter/],
      ['mail list --limit 0', {}, 2, /--limit/],
      ['mail list --data /nowhere', {}, 3, /no database/],
    ]
    for (const [words, environment, code, message] of cases) {
      const result = await holdfast(words, environment)
      assert.deepEqual([result.code, result.out], [code, ''], words)
      assert.match(result.error, message)
    }
  })
})
