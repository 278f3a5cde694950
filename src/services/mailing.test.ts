import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sql } from 'kysely'
import { startApp } from '../../test/support/app.ts'
import { askForLetter, capturingTransport, linkIn } from '../../test/support/mail.ts'
import { mailServer, type Fault } from '../../test/support/mail-server.ts'
import { MAIL_CHANNEL } from '../accounts/mail/post.ts'
import type { HoldfastOptions } from '../index.ts'
import type { MailMessage } from '../mail/message.ts'
import { MailError, type MailTransport } from '../mail/transport.ts'
import { parseKeyring, generateKey } from '../crypto/keyring.ts'
import { randomToken } from '../crypto/random.ts'
import { Secret } from '../crypto/secret.ts'
import { createOutbox } from '../store/outbox.ts'
import type { OutboxRow } from '../store/outbox-rows.ts'
import { sqlite } from '../store/sqlite.ts'
import type { Posted } from '../accounts/letters/index.ts'

/** The application, and a way to put a letter down as accounts would. */
async function setUp(mail?: HoldfastOptions['mail'], more: Partial<HoldfastOptions> = {}) {
  const keys = generateKey()
  const database = sqlite()
  const app = await startApp({ options: { database, keys: new Secret(keys), ...(mail && { mail }), ...more } })
  const outbox = createOutbox({ database, keys: parseKeyring(keys), random: randomToken, now: app.clock.now })
  const posted: Posted = {
    letter: 'magic-link',
    to: 'bob@example.org',
    data: { link: `${app.origin}/in?token=abc`, minutes: '15' },
  }
  const write = async (more: Partial<Posted> = {}) =>
    database.transaction((tx) => outbox.add(tx, MAIL_CHANNEL, JSON.stringify({ ...posted, ...more })))
  const mailEvents = () => app.events.filter(({ control }) => control === 'mail')
  const rows = () => database.kysely.selectFrom('hf_outbox').selectAll().execute() as Promise<OutboxRow[]>
  return { app, write, mailEvents, rows, database, keys }
}

describe('mail', () => {
  it('leaves as text and HTML, from the sender of the option to the address that was put down', async () => {
    const { app, write, mailEvents } = await setUp()
    await using _ = app
    await write()
    const [mail, ...more] = await app.mails()
    assert.deepEqual(more, [])
    assert.deepEqual(mail!.from, { name: 'Test', address: 'noreply@app.example' })
    assert.equal(mail!.to, 'bob@example.org')
    assert.equal(mail!.subject, 'Sign in to Holdfast')
    assert.equal(linkIn(mail!), '/in?token=abc')
    assert.ok(mail!.html.includes(`<a href="${app.origin}/in?token=abc">`))
    assert.match(mail!.id, /^<[\w-]{24}@localhost>$/)
    assert.deepEqual(
      mailEvents().map(({ type }) => type),
      ['mail_sent'],
    )
    assert.deepEqual(await app.mails(), [])
  })

  it('is tried again later when the transport fails, and says so without the address', async () => {
    const transport = capturingTransport()
    let failures = 2
    const broken = {
      ...transport,
      send: async (message: MailMessage) =>
        failures-- > 0 ? Promise.reject(new Error('bob@example.org is away')) : void transport.sent.push(message),
    }
    const { app, write, mailEvents } = await setUp({ from: 'noreply@app.example', transport: broken })
    await using _ = app
    await write()
    await app.holdfast.mail!.flush()
    await app.holdfast.mail!.flush()
    assert.equal(failures, 1)
    app.clock.advance(30_000)
    await app.holdfast.mail!.flush()
    app.clock.advance(60_000)
    await app.holdfast.mail!.flush()
    assert.equal(transport.sent.length, 1)
    assert.deepEqual(
      mailEvents().map(({ type }) => type),
      ['mail_failed', 'mail_failed', 'mail_sent'],
    )
    assert.ok(!JSON.stringify(app.events).includes('bob@'))
  })

  it('is given up when it was refused for good', async () => {
    const transport = {
      name: 'no',
      send: () => Promise.reject(new MailError('The server refuses the recipient.', { permanent: true })),
    }
    const { app, write, mailEvents } = await setUp({ from: 'noreply@app.example', transport })
    await using _ = app
    await write()
    await app.holdfast.mail!.flush()
    app.clock.advance(86_400_000)
    await app.holdfast.mail!.flush()
    assert.deepEqual(
      mailEvents().map(({ type, level, data }) => [type, level, data?.['why']]),
      [['mail_given_up', 'critical', 'The server refuses the recipient.']],
    )
  })
})

const from = 'noreply@app.example'
const SIGN_UP = { signIn: { signUp: 'open' } } as const

/** A door that sends, answered while letters leave in every way they can fail to. */
describe('what somebody is answered', () => {
  const hung = Promise.withResolvers<void>()
  const ways: Readonly<Record<string, MailTransport['send']>> = {
    'leave at once': async () => {},
    fail: async () => Promise.reject(new Error('down')),
    'are refused for good': async () => Promise.reject(new MailError('no', { permanent: true })),
    hang: () => hung.promise,
    'throw before they begin': () => {
      throw new TypeError('broken')
    },
  }

  /** The door's answer, and what the application kept. */
  async function signUp(send: MailTransport['send']) {
    const begun = Promise.withResolvers<void>()
    const watched: MailTransport = {
      name: 'test',
      send(message, signal) {
        begun.resolve()
        return send(message, signal)
      },
    }
    const { app, rows } = await setUp({ from, transport: watched }, SIGN_UP)
    const { status, headers: head, text } = await askForLetter(app, 'ada@example.org')
    const { date: _, 'x-request-id': __, ...same } = head
    await begun.promise
    return { app, rows, answer: { status, text, head: JSON.stringify(same).replaceAll(/nonce-[^']+/g, 'nonce') } }
  }

  it('is the same whether letters leave, fail, are refused, hang or break (L75, CVE-2024-45231)', async () => {
    const answers: unknown[] = []
    for (const send of Object.values(ways)) {
      const { app, answer } = await signUp(send)
      answers.push(answer)
      if (send === ways['hang']) hung.resolve() // Not before it was answered.
      await app[Symbol.asyncDispose]()
    }
    assert.equal((answers[0] as { status: number }).status, 202)
    for (const answer of answers) assert.deepEqual(answer, answers[0])
  })

  it('loses no letter by it: what did not leave stands in the outbox', async () => {
    const { app, rows } = await signUp(ways['fail']!)
    await using _ = app
    await app.holdfast.mail!.flush()
    assert.deepEqual(
      (await rows()).map(({ attempts, last_error }) => [attempts, last_error]),
      [[1, 'The transport failed.']],
    )
  })
})

describe('the link of a letter', () => {
  it('stands in the letter, and in no row, event or error (CWE-532, CWE-312)', async () => {
    const transport = capturingTransport()
    const repeating = {
      name: 'repeats',
      async send(message: MailMessage) {
        transport.sent.push(message)
        throw new Error(`no: ${message.to} ${message.text}`)
      },
    }
    const { app, database } = await setUp({ from, transport: repeating }, SIGN_UP)
    await using _ = app
    await askForLetter(app, 'ada@example.org')
    await app.holdfast.mail!.flush()
    const token = new URL(linkIn(transport.sent[0]!), app.origin).searchParams.get('token')!
    assert.ok(token.length >= 43)
    const tables = await sql<{ name: string }>`SELECT name FROM sqlite_master WHERE type = 'table'`.execute(database.kysely)
    const everything: unknown[] = [app.events, app.faults.map(String)]
    for (const { name } of tables.rows)
      everything.push((await sql`SELECT * FROM ${sql.table(name)}`.execute(database.kysely)).rows)
    const written = JSON.stringify(everything)
    assert.ok(written.includes('hf_outbox') || written.includes('leased_until'), 'the rows are searched')
    for (const form of [token, Buffer.from(token).toString('base64').slice(0, -2), Buffer.from(token).toString('hex')])
      assert.ok(!written.includes(form))
    const outbox = JSON.stringify(await database.kysely.selectFrom('hf_outbox').selectAll().execute())
    for (const part of ['ada@example.org', 'sign-up']) assert.ok(!outbox.includes(part), part)
    assert.ok(!JSON.stringify(app.events).includes('ada@'))
  })
})

describe('keys that change', () => {
  it('leave letters readable as long as the old key is in the ring', async () => {
    const {
      app,
      write,
      rows,
      keys: old,
    } = await setUp({ from, transport: { name: 'down', send: () => Promise.reject(new Error('down')) } })
    await using _ = app
    await write()
    await app.holdfast.mail!.flush()
    const [row] = await rows()
    const fresh = generateKey()
    const outbox = (keys: string) =>
      createOutbox({ database: sqlite(), keys: parseKeyring(keys), random: randomToken, now: Date.now })
    assert.match(outbox(`${fresh},${old}`).open(row!)!, /bob@example\.org/)
    assert.equal(outbox(fresh).open(row!), undefined)
  })
})

describe('a real mail server', () => {
  /** How often one letter was tried, and what was told, with an hour between looks. */
  async function through(fault: Fault, looks: number) {
    await using server = await mailServer({ fault })
    const { app, write, mailEvents, rows } = await setUp({ from, transport: `smtp://localhost:${server.port}` })
    await using _ = app
    await write()
    for (let look = 0; look < looks; look++) {
      await app.holdfast.mail!.flush()
      app.clock.advance(3_600_000)
    }
    const told = mailEvents().map(({ type, data }) => [type, data?.['attempts'], data?.['why']])
    return { told, delivered: server.delivered, left: await rows() }
  }

  for (const at of ['connect', 'mail', 'rcpt', 'data'] as const) {
    it(`that has no time at ${at} gets the letter at the next attempt, once`, async () => {
      const { told, delivered, left } = await through({ at, code: 451, times: 1 }, 3)
      assert.deepEqual(
        told.map(([type, attempts]) => [type, attempts]),
        [
          ['mail_failed', 1],
          ['mail_sent', 2],
        ],
      )
      assert.deepEqual(
        delivered.map(({ to }) => to),
        [['bob@example.org']],
      )
      assert.deepEqual(left, [])
    })
  }

  it('that refuses the recipient for good is not asked again, and an operator is told', async () => {
    const { told, left } = await through({ at: 'rcpt', code: 550, words: 'no bob@example.org here' }, 3)
    assert.deepEqual(told, [['mail_given_up', 1, 'The mail server answered 550 to RCPT TO.']])
    assert.deepEqual(
      left.map(({ failed_at, last_error }) => [failed_at !== null, last_error]),
      [[true, 'The mail server answered 550 to RCPT TO.']],
    )
  })
})
