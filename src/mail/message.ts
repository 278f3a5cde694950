/** One letter as a transport gets it: ready to be sent, and with nothing in it that could end a header (CWE-93, CVE-2021-23400). */
import { MailError } from './transport.ts'

/** Who sends: an address, and the name that is shown beside it. */
export interface Mailbox {
  readonly name: string | undefined
  readonly address: string
}

export interface MailMessage {
  /** The Message-ID of RFC 5322, with its angle brackets: the same at every attempt, so that a mailbox may drop what comes twice. */
  readonly id: string
  readonly from: Mailbox
  /** One bare address: no name, no list, so that nothing can be read as a second recipient. */
  readonly to: string
  readonly subject: string
  readonly text: string
  readonly html: string
  /** When it was written, in milliseconds since 1970. */
  readonly date: number
}

const LONGEST_ADDRESS = 254 // RFC 5321 erratum 1690
const LONGEST_NAME = 80
// Without what gives an address a second meaning: quotes, brackets, commas, colons, blanks, comments (RFC 5322 section 3.2.3).
const ADDRESS = /^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/
const MAILBOX = /^([^<>]*)<([^<>]*)>$/
const CONTROL = /\p{Cc}|\p{Zl}|\p{Zp}/u

/** Whether it is one bare address that every mailer reads as one. */
export function isBareAddress(text: string): boolean {
  return text.length <= LONGEST_ADDRESS && ADDRESS.test(text) && !text.includes('..')
}

/** Reads `noreply@app.example` or `Acme <noreply@app.example>`; `undefined` when it is neither. */
export function readMailbox(text: string): Mailbox | undefined {
  const [, shown, inside] = MAILBOX.exec(text.trim()) ?? []
  const address = (inside ?? text).trim()
  const name = shown === undefined ? '' : shown.trim().replace(/^"(.*)"$/, '$1')
  if (!isBareAddress(address) || name.length > LONGEST_NAME || isBroken(name)) return undefined
  return { name: name === '' ? undefined : name, address }
}

/** Throws MailError, for good, for a message that a mailer could read in two ways: the last look before it leaves, whoever made it. */
export function checkMessage(message: MailMessage): MailMessage {
  const { id, from, to, subject } = message
  if (!isBareAddress(to)) throw unfit('does not go to one bare address')
  if (!isBareAddress(from.address)) throw unfit('does not come from one bare address')
  if (!/^<[A-Za-z0-9._-]+@[A-Za-z0-9.-]+>$/.test(id)) throw unfit('has a Message-ID that is none')
  if (isBroken(subject) || isBroken(from.name ?? '')) throw unfit('has a line break or a control character in a header')
  return message
}

function unfit(what: string): MailError {
  return new MailError(`The letter ${what}.`, { permanent: true })
}

function isBroken(text: string): boolean {
  return CONTROL.test(text)
}
