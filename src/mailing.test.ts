import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startApp } from '../test/support/app.ts'
import { capturingTransport, linkIn } from '../test/support/mail.ts'
import { MAIL_CHANNEL } from './accounts/post.ts'
import type { HoldfastOptions } from './index.ts'
import type { MailMessage } from './mail/message.ts'
import { MailError } from './mail/transport.ts'
import { parseKeyring, generateKey } from './crypto/keyring.ts'
import { randomToken } from './crypto/random.ts'
import { Secret } from './crypto/secret.ts'
import { createOutbox } from './store/outbox.ts'
import { sqlite } from './store/sqlite.ts'
import type { Posted } from './accounts/letters/index.ts'

/** The application, and a way to put a letter down as accounts would. */
async function setUp(mail?: HoldfastOptions['mail']) {
  const keys = generateKey()
  const database = sqlite()
  const app = await startApp({ options: { database, keys: new Secret(keys), ...(mail && { mail }) } })
  const outbox = createOutbox({ database, keys: parseKeyring(keys), random: randomToken, now: app.clock.now })
  const posted: Posted = {
    letter: 'magic-link',
    to: 'bob@example.org',
    data: { link: `${app.origin}/in?token=abc`, minutes: '15' },
  }
  const write = async (more: Partial<Posted> = {}) =>
    database.transaction((tx) => outbox.add(tx, MAIL_CHANNEL, JSON.stringify({ ...posted, ...more })))
  const mailEvents = () => app.events.filter(({ control }) => control === 'mail')
  return { app, write, mailEvents }
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
