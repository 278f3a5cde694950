/** A transport that keeps what it is given, for tests, and what they read out of a letter. */
import type { MailMessage } from '../../src/mail/message.ts'
import type { MailTransport } from '../../src/mail/transport.ts'
import type { Response, TestApp } from './app.ts'

export interface CapturingTransport extends MailTransport {
  readonly sent: MailMessage[]
}

export function capturingTransport(): CapturingTransport {
  const sent: MailMessage[] = []
  return { name: 'capture', sent, send: async (message) => void sent.push(message) }
}

export { linkIn } from '../../src/testing/mails.ts'

/** Asks for an account at an application that has `signUp: 'open'`, so that a letter is written; there is an administrator before. */
export async function askForLetter(app: TestApp, address: string): Promise<Response> {
  if (await app.holdfast.accounts.setUp.open()) await app.signIn('admin', 'operator')
  const headers = { 'content-type': 'application/json', origin: app.origin }
  return await app.fetch('/sign-up', { method: 'POST', headers, body: JSON.stringify({ address }) })
}
