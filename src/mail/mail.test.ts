import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import fc from 'fast-check'
import { consoleTransport } from './console.ts'
import { emlOf } from './eml.ts'
import { fileTransport } from './file.ts'
import { checkMessage, isBareAddress, readMailbox, type MailMessage } from './message.ts'
import { MailError } from './transport.ts'

const MESSAGE: MailMessage = {
  id: '<abcdefghijklmnop@app.example>',
  from: { name: 'Acme, Inc.', address: 'noreply@app.example' },
  to: 'bob@example.org',
  subject: 'Grüße',
  text: 'Open\nhttps://app.example/in?token=abc\n',
  html: '<p>Open</p>',
  date: Date.parse('2026-06-01T12:00:00Z'),
}
const signal = new AbortController().signal
const root = mkdtempSync(join(tmpdir(), 'holdfast-letters-'))
after(() => rmSync(root, { recursive: true, force: true }))

describe('a folder for letters', () => {
  it('gets one file a letter, readable by its owner alone, the same one when it is tried again', async () => {
    const folder = join(root, 'deep', 'mail')
    const transport = fileTransport(folder)
    await transport.send(MESSAGE, signal)
    await transport.send(MESSAGE, signal)
    await transport.send({ ...MESSAGE, id: '<other@app.example>' }, signal)
    assert.deepEqual(readdirSync(folder).toSorted(), [
      '2026-06-01T12-00-00-000Z-abcdefghij.eml',
      '2026-06-01T12-00-00-000Z-otherappex.eml',
    ])
    const file = join(folder, '2026-06-01T12-00-00-000Z-abcdefghij.eml')
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    assert.equal(statSync(file).mode & 0o777, 0o600)
    assert.ok(readFileSync(file, 'utf8').includes('\r\nhttps://app.example/in?token=abc\r\n'), 'the link can be copied out of it')
  })

  it('is closed to others when it was open', async () => {
    const folder = join(root, 'open')
    mkdirSync(folder)
    chmodSync(folder, 0o777)
    await fileTransport(folder).send(MESSAGE, signal)
    assert.equal(statSync(folder).mode & 0o777, 0o700)
  })

  it('says when it cannot be written, without the letter', async () => {
    const file = join(root, 'a-file')
    writeFileSync(file, '')
    await assert.rejects(fileTransport(join(file, 'mail')).send(MESSAGE, signal), {
      name: 'MailError',
      permanent: false,
      message: 'The letter could not be written into the folder of mail.',
    })
  })
})

describe('a letter as a file', () => {
  it('is what mail programs read: headers, text and HTML', () => {
    const eml = emlOf(MESSAGE)
    const [head, ...parts] = eml.split(/--=_[0-9a-f]{40}(?:--)?\r\n/)
    assert.deepEqual(head!.split('\r\n').slice(0, 7), [
      'Message-ID: <abcdefghijklmnop@app.example>',
      'Date: Mon, 01 Jun 2026 12:00:00 +0000',
      `From: =?utf-8?B?${Buffer.from('Acme, Inc.').toString('base64')}?= <noreply@app.example>`,
      'To: bob@example.org',
      `Subject: =?utf-8?B?${Buffer.from('Grüße').toString('base64')}?=`,
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
    ])
    assert.match(parts[0]!, /^Content-Type: text\/plain; charset=utf-8/)
    assert.match(parts[1]!, /^Content-Type: text\/html; charset=utf-8/)
  })

  it('has these headers and no other, whatever stands in name, subject and text', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 200 })
    const names = (eml: string) => [...eml.slice(0, eml.indexOf('\r\n\r\n')).matchAll(/^([\w-]+):/gm)].map(([, name]) => name)
    const usual = names(emlOf(MESSAGE))
    fc.assert(
      fc.property(anything, anything, anything, (name, subject, text) => {
        let eml: string
        try {
          eml = emlOf({ ...MESSAGE, from: { name, address: 'a@b.example' }, subject, text })
        } catch (error) {
          return error instanceof MailError
        }
        const decoded = eml.slice(0, eml.indexOf('\r\n\r\n')).split('\r\n')
        return names(eml).join() === usual.join() && decoded.every((line) => line.length <= 998)
      }),
    )
  })
})

describe('a message', () => {
  const breaks: readonly Partial<MailMessage>[] = [
    { to: 'a@b.example, c@d.example' },
    { to: 'a@b.example\r\nBcc: c@d.example' },
    { to: 'Bob <a@b.example>' },
    { to: '"a@b.example" <c@d.example>' },
    { to: 'a@b.example c@d.example' },
    { to: 'a@b.example>' },
    { to: 'a(comment)@b.example' },
    { to: 'a@b.example;c@d.example' },
    { to: 'a\u0000@b.example' },
    { to: 'a\uFF20b.example' },
    { to: '' },
    { subject: 'x\r\nBcc: c@d.example' },
    { subject: 'x\ny' },
    { subject: 'x\u2028y' },
    { subject: 'x\u0085y' },
    { from: { name: 'x\r\nBcc: c@d.example', address: 'a@b.example' } },
    { from: { name: undefined, address: 'a@b.example, c@d.example' } },
    { id: '<a@b>\r\nBcc: c@d.example' },
  ]
  for (const broken of breaks) {
    it(`does not leave with ${JSON.stringify(broken)}`, () => {
      assert.throws(() => checkMessage({ ...MESSAGE, ...broken }), { name: 'MailError', permanent: true })
      assert.throws(() => emlOf({ ...MESSAGE, ...broken }), MailError)
    })
  }

  it('has a sender with or without a name', () => {
    assert.deepEqual(readMailbox(' Acme, Inc. <a@b.example> '), { name: 'Acme, Inc.', address: 'a@b.example' })
    assert.deepEqual(readMailbox('"Acme" <a@b.example>'), { name: 'Acme', address: 'a@b.example' })
    assert.deepEqual(readMailbox('noreply@localhost'), { name: undefined, address: 'noreply@localhost' })
    for (const none of ['', 'Acme', '<>', 'a@b.example <c@d.example', 'A <a@b.example> <c@d.example>', 'a@b.example,c@d.example'])
      assert.equal(readMailbox(none), undefined, none)
    assert.equal(isBareAddress(`${'a'.repeat(64)}@${'b'.repeat(200)}.example`), false)
  })
})

describe('the console', () => {
  it('shows who gets what, and nothing that moves a cursor', async () => {
    let shown = ''
    await consoleTransport((text) => (shown += text)).send(
      { ...MESSAGE, subject: 'a\u001B[2Jb', text: 'one\u202Etwo\nhttps://x.example/?token=t\n' },
      signal,
    )
    assert.equal(shown, '\n  --- letter to bob@example.org: a[2Jb\n  onetwo\n  https://x.example/?token=t\n  ---\n')
  })
})
