import { smtp } from '../../src/mail/smtp.ts'
import type { MailTransport } from '../../src/mail/transport.ts'
import { createAuthority } from '../../src/tls/authority.ts'
import { defineAttack } from '../support/attack.ts'
import { askForLetter, linkIn } from '../support/mail.ts'
import { mailServer, stripStartTls, type Interceptor } from '../support/mail-server.ts'

const ACCOUNT = { user: 'app', pass: 'mail-password' }
const SIGN_UP = { signIn: { signUp: 'open' } } as const

/** Sends to whoever stands at `wire` now, as to a server on another machine. */
function toTheWire(requireTls: boolean): MailTransport {
  return {
    name: 'smtp',
    async send(message, signal) {
      const transport = smtp({ url: `smtp://${ACCOUNT.user}:${ACCOUNT.pass}@localhost:${wire!.port}`, requireTls })
      await transport.send(message, signal).finally(() => transport.close!())
    },
  }
}

let wire: Interceptor | undefined
const mail = (requireTls: boolean) => ({ mail: { from: 'noreply@app.example', transport: toTheWire(requireTls) } })

export default defineAttack({
  id: 'A131',
  title: 'stands between the application and its mail server, takes the offer of TLS away, and reads links and passwords',
  control: 'mail',
  options: { ...SIGN_UP, ...mail(true) },
  without: mail(false),
  async succeeds(app) {
    const authority = await createAuthority(['localhost'], Date.now())
    await using server = await mailServer({
      ...(await authority.issue(['localhost'])),
      account: ACCOUNT,
      allowInsecureAuth: true,
    })
    await using between = await stripStartTls(server.port)
    wire = between
    const { status } = await askForLetter(app, 'ada@example.org')
    if (status !== 202) throw new Error('No letter was asked for.')
    await app.holdfast.mail!.flush()
    const heard = between.overheard()
    if (!heard.includes('EHLO')) throw new Error('Nobody came to the server.')
    const text = heard.replaceAll('=\r\n', '').replaceAll('=3D', '=')
    const password = Buffer.from(`\0${ACCOUNT.user}\0${ACCOUNT.pass}`).toString('base64')
    return heard.includes(password) || (/\?token=/.test(text) && linkIn({ text, subject: '' }) !== '')
  },
})
