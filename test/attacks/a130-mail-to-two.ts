import type { MailMessage } from '../../src/mail/message.ts'
import { smtp } from '../../src/mail/smtp.ts'
import { MailError } from '../../src/mail/transport.ts'
import { defineAttack } from '../support/attack.ts'
import { askForLetter } from '../support/mail.ts'
import { mailServer, type MailServer } from '../support/mail-server.ts'

const VICTIM = 'victim@example.org'
const EVIL = 'evil@example.net'
const SIGN_UP = { signIn: { signUp: 'open' } } as const

/** What somebody types as an address: another recipient, another header, another reader. */
const TYPED = [
  `${VICTIM}, ${EVIL}`,
  `${VICTIM};${EVIL}`,
  `${VICTIM} ${EVIL}`,
  `${VICTIM}\r\nBcc: ${EVIL}`,
  `${VICTIM}\nBcc: ${EVIL}`,
  `${VICTIM}%0d%0aBcc: ${EVIL}`,
  `${EVIL} <${VICTIM}>`,
  `"${VICTIM}" <${EVIL}>`,
  `<${EVIL}>${VICTIM}`,
  `${VICTIM}> SIZE=1\r\nRCPT TO:<${EVIL}`,
  `group: ${VICTIM}, ${EVIL};`,
  `victim@example.org@${EVIL}`,
  `victim\uFF20example.org@example.net`,
  `(${VICTIM})${EVIL}`,
]

const MESSAGE: MailMessage = {
  ...{ id: '<a@app.example>', from: { name: 'Acme', address: 'noreply@app.example' }, to: VICTIM, subject: 'Hello' },
  ...{ text: 'Hello\n', html: '<p>Hello</p>', date: 0 },
}

/** Sends what it is told to; a message that is refused is not sent. */
async function sent(server: MailServer, change: Partial<MailMessage>): Promise<void> {
  const transport = smtp({ url: `smtp://localhost:${server.port}` })
  try {
    await transport.send({ ...MESSAGE, ...change }, new AbortController().signal)
  } catch (error) {
    if (!(error instanceof MailError && error.permanent)) throw error
  } finally {
    await transport.close!()
  }
}

export default [
  defineAttack({
    id: 'A130a',
    title: 'has the letter for somebody sent to himself as well, by what he types as an address (L102)',
    control: 'mail',
    options: SIGN_UP,
    without: { heldBy: 'design', why: 'an address is read in one spelling before it is stored, and no option changes how' },
    async succeeds(app) {
      await askForLetter(app, VICTIM)
      const [usual] = await app.mails()
      if (usual?.to !== VICTIM) throw new Error('No letter leaves at all.')
      for (const typed of TYPED) await askForLetter(app, typed)
      return (await app.mails()).some(({ to }) => to !== VICTIM)
    },
  }),
  defineAttack({
    id: 'A130b',
    title: 'writes a header or a recipient of his own into a letter, through the subject, a name, an id or the address',
    control: 'mail',
    without: { heldBy: 'design', why: 'every message is looked at once more before it leaves, whoever made it' },
    async succeeds() {
      await using server = await mailServer()
      await sent(server, {})
      if (server.delivered.length !== 1) throw new Error('No letter arrives at all.')
      for (const to of TYPED) await sent(server, { to })
      for (const end of ['\r\n', '\n', '\r', '\u0085', '\u2028', '\0']) {
        const line = `x${end}Bcc: ${EVIL}`
        await sent(server, { subject: line })
        await sent(server, { from: { name: line, address: MESSAGE.from.address } })
        await sent(server, { id: `<a@app.example>${end}Bcc: ${EVIL}` })
      }
      return server.delivered.some(({ to, raw }) => to.join() !== VICTIM || /^Bcc:/im.test(raw) || raw.includes(EVIL))
    },
  }),
]
