/** What tests read out of letters. */
import type { MailMessage } from '../mail/message.ts'

/** Path and query of the one link with a secret in a letter, for a client to open. Throws when there is none, or more than one. */
export function linkIn({ text, subject }: Pick<MailMessage, 'text' | 'subject'>): string {
  const links = [...text.matchAll(/https?:\/\/\S+/g)].map(([link]) => new URL(link)).filter(({ search }) => search !== '')
  if (links.length !== 1) throw new Error(`the letter "${subject}" has ${links.length} links`)
  return `${links[0]!.pathname}${links[0]!.search}`
}
