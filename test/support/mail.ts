/** A transport that keeps what it is given, for tests, and what they read out of a letter. */
import type { MailMessage } from '../../src/mail/message.ts'
import type { MailTransport } from '../../src/mail/transport.ts'

export interface CapturingTransport extends MailTransport {
  readonly sent: MailMessage[]
}

export function capturingTransport(): CapturingTransport {
  const sent: MailMessage[] = []
  return { name: 'capture', sent, send: async (message) => void sent.push(message) }
}

export { linkIn } from '../../src/testing/mails.ts'
