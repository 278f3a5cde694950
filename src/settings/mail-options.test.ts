import assert from 'node:assert/strict'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { capturingTransport } from '../../test/support/mail.ts'
import { Secret } from '../crypto/secret.ts'
import { readMail, refuseDeadLinks, type MailOptions } from './mail-options.ts'

const from = 'Acme <noreply@app.example>'
const FOLDER = join(tmpdir(), 'holdfast-never-made')
const NOW = Date.parse('2026-06-01T12:00:00Z')
const REASON = { reason: 'the mail server comes next week', until: '2026-06-30' }

const read = (options: unknown, around: Partial<Parameters<typeof readMail>[1]> = {}) =>
  readMail(options as MailOptions, { production: true, hostname: 'app.example', now: NOW, ...around })

describe('the option mail', () => {
  it('may be left out', () => assert.equal(read(undefined), undefined))

  it('takes a mail server, a folder, the console, or a transport of one’s own', () => {
    const names = (transport: unknown) => read({ from, transport }, { production: false })!.transport.name
    assert.equal(names('smtps://user:password@mail.example'), 'smtp')
    assert.equal(names(new Secret('smtp://mail.example:587')), 'smtp')
    assert.equal(names({ smtp: new Secret('smtp://localhost:25'), timeout: '5s', requireTls: true }), 'smtp')
    assert.equal(names({ file: FOLDER }), 'file')
    assert.equal(names('console'), 'console')
    assert.equal(names(capturingTransport()), 'capture')
    assert.deepEqual(read({ from, transport: capturingTransport(), brand: 'Acme' })!.from, {
      name: 'Acme',
      address: 'noreply@app.example',
    })
  })

  it('is refused when no letter can be sent with it, with what to write', () => {
    const transport = capturingTransport()
    const refusals: readonly [unknown, string, RegExp][] = [
      ['smtp://x', 'HF_MAIL_INVALID', /from, transport/],
      [{ transport }, 'HF_MAIL_INVALID', /mail\.from is undefined/],
      [{ from: 'nobody', transport }, 'HF_MAIL_INVALID', /noreply@app\.example/],
      [{ from: 'a@b.example, c@d.example', transport }, 'HF_MAIL_INVALID', /mail\.from/],
      [{ from: 'Acme\r\nBcc: x@y.example <a@b.example>', transport }, 'HF_MAIL_INVALID', /mail\.from/],
      [{ from, transport, brand: 'a\nb' }, 'HF_MAIL_INVALID', /mail\.brand/],
      [{ from, transport, form: 1 }, 'HF_OPTION_UNKNOWN', /Did you mean "from"/],
      [{ from, transport, background: 'no' }, 'HF_MAIL_INVALID', /neither/],
      [{ from, transport, background: false }, 'HF_MAIL_INVALID', /in production/],
      [{ from }, 'HF_MAIL_INVALID', /mail\.transport is missing.*smtps:\/\//],
      [{ from, transport: {} }, 'HF_MAIL_INVALID', /mail\.transport/],
      [{ from, transport: { send() {} } }, 'HF_MAIL_INVALID', /name/],
      [{ from, transport: { file: ' ' } }, 'HF_MAIL_INVALID', /folder/],
      [{ from, transport: 'smtps://user:s3cret@' }, 'HF_MAIL_INVALID', /mail\.transport: .*smtps:\/\//],
      [{ from, transport: { smtp: 'smtps://mail.example', tiemout: 1 } }, 'HF_OPTION_UNKNOWN', /Did you mean "timeout"/],
      [{ from, transport: { smtp: 'smtps://mail.example', timeout: 'soon' } }, 'HF_OPTION_INVALID', /mail\.transport\.timeout/],
      [{ from, transport: { smtp: 'smtp://mail.example', requireTls: false } }, 'HF_MAIL_INVALID', /insecurePlaintext/],
      [{ from, transport: { smtp: 'smtps://mail.example', insecurePlaintext: REASON } }, 'HF_MAIL_INVALID', /does nothing/],
      [{ from, transport: { smtp: 'smtp://mail.example', insecurePlaintext: {} } }, 'HF_OPTION_INSECURE', /without saying why/],
    ]
    for (const [options, code, message] of refusals) {
      assert.throws(
        () => read(options),
        (error: Error & { code?: string }) =>
          error.code === code && message.test(error.message) && !error.message.includes('s3cret'),
        JSON.stringify(options),
      )
    }
  })

  it('refuses to write letters down in production, unless the origin is this machine, or somebody said why and until when', () => {
    for (const transport of [{ file: FOLDER }, { console: true }] as const) {
      assert.throws(() => read({ from, transport }), { code: 'HF_OPTION_INSECURE', message: /sends no letter to anybody/ })
      for (const hostname of ['localhost', '127.0.0.1', '[::1]'])
        assert.deepEqual(read({ from, transport }, { hostname })!.weaker, [])
      assert.deepEqual(read({ from, transport }, { production: false })!.weaker, [])
      const [weaker] = read({ from, transport: { ...transport, insecureInProduction: REASON } })!.weaker
      assert.deepEqual([weaker!.id, weaker!.severity, weaker!.reason], ['HF-MAIL-1', 'high', REASON.reason])
      assert.throws(() => read({ from, transport: { ...transport, insecureInProduction: { ...REASON, until: '2026-05-01' } } }), {
        code: 'HF_OPTION_INSECURE',
        message: /has passed/,
      })
    }
  })

  it('says that letters go in clear, when somebody said so', () => {
    const { weaker } = read({ from, transport: { smtp: 'smtp://mail.example', insecurePlaintext: REASON } })!
    assert.deepEqual(
      weaker.map(({ id, setting }) => [id, setting]),
      [['HF-MAIL-2', 'mail.transport.insecurePlaintext']],
    )
  })

  it('must be there where a page takes the links of letters', () => {
    refuseDeadLinks({ pages: [{ path: '/login' }] })
    refuseDeadLinks(undefined)
    assert.throws(() => refuseDeadLinks({ pages: [{ path: '/login/link', link: 'magic-link' }] }), {
      code: 'HF_MAIL_MISSING',
      message: /\/login\/link/,
    })
  })
})
