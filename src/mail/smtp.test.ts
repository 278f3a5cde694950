import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import {
  listenOn,
  mailServer,
  rawServer,
  stripStartTls,
  type Fault,
  type MailServerOptions,
} from '../../test/support/mail-server.ts'
import { Secret } from '../crypto/secret.ts'
import { createAuthority, type Authority } from '../tls/authority.ts'
import type { MailMessage } from './message.ts'
import { smtp, type SmtpSetting } from './smtp.ts'
import { readMailUrl } from './smtp-url.ts'
import { MailError } from './transport.ts'

const MESSAGE: MailMessage = {
  id: '<abc@app.example>',
  from: { name: 'Acme, Inc.', address: 'noreply@app.example' },
  to: 'bob@example.org',
  subject: 'Sign in to Acme',
  text: 'Open https://app.example/in?token=secret-link\n',
  html: '<p>Öffnen: <a href="https://app.example/in?token=secret-link">here</a></p>',
  date: Date.parse('2026-06-01T12:00:00Z'),
}
const ACCOUNT = { user: 'app', pass: 'p@ss/wörd' }
const CREDENTIALS = `app:${encodeURIComponent(ACCOUNT.pass)}`
/** Never waited for in full where a server answers. */
const PATIENT = 60_000

/** Sends one letter and closes. */
async function send(setting: SmtpSetting, message = MESSAGE, signal = new AbortController().signal): Promise<void> {
  const transport = smtp({ timeout: PATIENT, ...setting })
  try {
    await transport.send(message, signal)
  } finally {
    await transport.close!()
  }
}

async function failure(work: Promise<void>): Promise<MailError> {
  const error = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  )
  assert.ok(error instanceof MailError, 'it should have failed')
  return error
}

describe('SMTP', () => {
  let authority: Authority
  let tls: { key: string; cert: string }
  before(async () => {
    authority = await createAuthority(['localhost', '127.0.0.1'], Date.now())
    tls = await authority.issue(['localhost', '127.0.0.1'])
  })

  it('sends text and HTML with the headers of a letter that no person wrote (RFC 3834)', async () => {
    await using server = await mailServer()
    await send({ url: `smtp://localhost:${server.port}` })
    const [{ from, to, raw }] = server.delivered as [(typeof server.delivered)[0]]
    assert.deepEqual([from, to], ['noreply@app.example', ['bob@example.org']])
    const head = raw.slice(0, raw.indexOf('\r\n\r\n'))
    for (const line of [
      'From: "Acme, Inc." <noreply@app.example>',
      'To: bob@example.org',
      'Subject: Sign in to Acme',
      'Message-ID: <abc@app.example>',
      'Date: Mon, 01 Jun 2026 12:00:00 +0000',
      'Auto-Submitted: auto-generated',
    ])
      assert.ok(head.includes(line), `${line} is in:\n${head}`)
    assert.match(head, /Content-Type: multipart\/alternative/)
    assert.ok(raw.indexOf('text/plain') < raw.indexOf('text/html'), 'the last alternative is the one that is shown')
    assert.doesNotMatch(head, /nodemailer|X-Mailer/i)
  })

  it('signs in and sends by TLS from the first byte, to a server whose certificate it trusts', async () => {
    await using server = await mailServer({ ...tls, secure: true, account: ACCOUNT })
    await send({ url: new Secret(`smtps://${CREDENTIALS}@localhost:${server.port}`), ca: authority.ca })
    assert.deepEqual(
      server.delivered.map(({ secure, user }) => [secure, user]),
      [[true, 'app']],
    )
  })

  it('upgrades by STARTTLS before it says anything', async () => {
    await using server = await mailServer({ ...tls, account: ACCOUNT })
    await using wire = await listenOn(server.port)
    await send({ url: `smtp://${CREDENTIALS}@localhost:${wire.port}`, ca: authority.ca, requireTls: true })
    assert.equal(server.delivered[0]!.secure, true)
    assert.match(wire.overheard(), /STARTTLS/)
    assert.doesNotMatch(wire.overheard(), /AUTH|MAIL FROM|secret-link/)
  })

  it('sends nothing when somebody has taken STARTTLS out, and no password either', async () => {
    await using server = await mailServer({ ...tls, account: ACCOUNT, allowInsecureAuth: true })
    await using wire = await stripStartTls(server.port)
    const error = await failure(send({ url: `smtp://${CREDENTIALS}@localhost:${wire.port}`, ca: authority.ca, requireTls: true }))
    assert.match(error.message, /offers no TLS/)
    assert.equal(error.permanent, false)
    assert.equal(server.delivered.length, 0)
    assert.doesNotMatch(wire.overheard(), /AUTH|MAIL FROM|secret-link/)
  })

  it('sends nothing when the server has no TLS', async () => {
    await using server = await mailServer()
    const error = await failure(send({ url: `smtp://localhost:${server.port}`, requireTls: true }))
    assert.match(error.message, /offers no TLS/)
    assert.equal(server.delivered.length, 0)
  })

  it('sends nothing to a certificate of somebody else, by either way', async () => {
    const other = await createAuthority(['localhost'], Date.now())
    for (const secure of [true, false]) {
      await using server = await mailServer({ ...tls, secure, account: ACCOUNT })
      const url = `${secure ? 'smtps' : 'smtp'}://${CREDENTIALS}@localhost:${server.port}`
      for (const ca of [undefined, other.ca]) {
        const error = await failure(send({ url, ca, requireTls: true }))
        assert.match(error.message, /certificate/)
      }
      assert.equal(server.delivered.length, 0)
    }
  })

  it('needs the package nodemailer, and names it', () => {
    const missing = () => {
      throw new MailError('Sending by SMTP needs the package nodemailer. Run: npm install nodemailer')
    }
    assert.throws(() => smtp({ url: 'smtps://mail.example' }, missing), /npm install nodemailer/)
  })

  describe('what it says of a letter that did not go', () => {
    const refusals: readonly (readonly [Fault, boolean, RegExp])[] = [
      [{ at: 'connect', code: 421 }, false, /421/],
      [{ at: 'connect', code: 554 }, false, /554/],
      [{ at: 'mail', code: 451 }, false, /451 to MAIL FROM/],
      [{ at: 'mail', code: 550 }, false, /550 to MAIL FROM/],
      [{ at: 'rcpt', code: 450 }, false, /450 to RCPT TO/],
      [{ at: 'rcpt', code: 550 }, true, /550 to RCPT TO/],
      [{ at: 'data', code: 452 }, false, /452 to DATA/],
      [{ at: 'data', code: 554 }, true, /554 to DATA/],
    ]
    for (const [fault, permanent, message] of refusals) {
      it(`${fault.code} at ${fault.at} is ${permanent ? 'for good' : 'for now'}`, async () => {
        await using server = await mailServer({
          fault: { ...fault, words: 'bob@example.org https://app.example/in?token=secret-link' },
        })
        const error = await failure(send({ url: `smtp://localhost:${server.port}` }))
        assert.equal(error.permanent, permanent)
        assert.match(error.message, message)
        // A server repeats what it was given; none of that is kept.
        assert.doesNotMatch(error.message, /bob|secret-link/)
      })
    }

    it('a wrong password is for now: an operator mends it', async () => {
      const options: MailServerOptions = { ...tls, secure: true, account: ACCOUNT }
      await using server = await mailServer(options)
      const error = await failure(send({ url: `smtps://app:wrong@localhost:${server.port}`, ca: authority.ca }))
      assert.equal(error.permanent, false)
      assert.match(error.message, /user or the password.*535/)
      assert.doesNotMatch(JSON.stringify(error), /wrong/)
    })

    it('a server that is not there, and one that ends in the middle', async () => {
      const gone = await mailServer()
      await gone[Symbol.asyncDispose]()
      assert.match((await failure(send({ url: `smtp://localhost:${gone.port}` }))).message, /cannot be reached.*ECONNREFUSED/)
      await using dropping = await rawServer('220 hello\r\n', (socket, line) =>
        line.startsWith('EHLO') ? void socket.write('250 hello\r\n') : socket.destroy(),
      )
      const error = await failure(send({ url: `smtp://localhost:${dropping.port}` }))
      assert.equal(error.permanent, false)
    })

    it('a server that says nothing is not waited for longer than it was given', async () => {
      await using silent = await rawServer(undefined, () => {})
      const error = await failure(send({ url: `smtp://localhost:${silent.port}`, timeout: 50 }))
      assert.match(error.message, /in time/)
    })

    it('a server that stops answering is left when nobody waits any longer', async () => {
      const leaving = new AbortController()
      await using stalling = await rawServer('220 hello\r\n', (_, line) => void (line.startsWith('EHLO') && leaving.abort()))
      const error = await failure(send({ url: `smtp://localhost:${stalling.port}` }, MESSAGE, leaving.signal))
      assert.match(error.message, /too long/)
    })
  })
})

describe('the URL of a mail server', () => {
  it('is read in all its parts', () => {
    assert.deepEqual(readMailUrl('smtps://a%40b:c%2Fd@mail.example'), {
      ...{ host: 'mail.example', port: 465, secure: true, local: false },
      auth: { user: 'a@b', pass: 'c/d' },
    })
    assert.deepEqual(readMailUrl('smtp://[::1]:25'), { host: '::1', port: 25, secure: false, local: true, auth: undefined })
    for (const local of ['localhost', '127.9.9.9']) assert.equal(readMailUrl(`smtp://${local}`).local, true)
    for (const other of ['mail.example', '10.0.0.1', 'localhost.example'])
      assert.equal(readMailUrl(`smtp://${other}`).local, false)
  })

  it('is refused when it says more or less than that, without being repeated', () => {
    for (const url of [
      '',
      'mail.example',
      'http://mail.example',
      'smtp://',
      'smtp://user:s3cret@',
      'smtps://user:s3cret@mail.example?tls.rejectUnauthorized=false',
      'smtps://user:s3cret@mail.example/#x',
      'smtps://user@mail.example',
      'smtps://:s3cret@mail.example',
      'smtps://user:s3cret%@mail.example',
      'smtp://user:s3cret@mail_example',
      'smtp://user:s3cret@mail.example:99999',
    ])
      assert.throws(
        () => readMailUrl(url),
        (error: Error) => error instanceof TypeError && !error.message.includes('s3cret'),
        url,
      )
  })
})
