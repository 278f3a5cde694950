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

/** Path and query of the one link in a letter: what `app.fetch` takes. `origin` alone may stand there besides. */
export function linkIn({ text, subject }: Pick<MailMessage, 'text' | 'subject'>): string {
  const links = [...text.matchAll(/https?:\/\/\S+/g)].map(([link]) => new URL(link)).filter(({ search }) => search !== '')
  if (links.length !== 1) throw new Error(`the letter "${subject}" has ${links.length} links`)
  return `${links[0]!.pathname}${links[0]!.search}`
}
