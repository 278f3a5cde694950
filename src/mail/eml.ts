/**
 * One letter as a file that mail programs open and people read: MIME with the text as it is, so that a link can be copied out of it.
 * For files on one's own machine; what goes to a mail server is written by nodemailer.
 * Source: RFC 5322, RFC 2046 section 5.1.4, RFC 2047.
 */
import { createHash } from 'node:crypto'
import { checkMessage, type MailMessage } from './message.ts'

/** The whole file, lines ended by CR and LF. Throws MailError for a message that could be read in two ways. */
export function emlOf(message: MailMessage): string {
  const { id, from, to, subject, text, html, date } = checkMessage(message)
  const boundary = `=_${createHash('sha256').update(`${text}\0${html}`).digest('hex').slice(0, 40)}`
  const sender = from.name === undefined ? from.address : `${encodeWords(from.name)} <${from.address}>`
  return lines([
    `Message-ID: ${id}`,
    `Date: ${new Date(date).toUTCString().replace('GMT', '+0000')}`,
    `From: ${sender}`,
    `To: ${to}`,
    `Subject: ${encodeWords(subject)}`,
    'Auto-Submitted: auto-generated',
    'MIME-Version: 1.0',
    `Content-Type: multipart/alternative; boundary="${boundary}"`,
    '',
    ...part(boundary, 'text/plain', text),
    ...part(boundary, 'text/html', html),
    `--${boundary}--`,
    '',
  ])
}

function part(boundary: string, type: string, content: string): string[] {
  return [`--${boundary}`, `Content-Type: ${type}; charset=utf-8`, 'Content-Transfer-Encoding: 8bit', '', content]
}

function lines(parts: readonly string[]): string {
  return parts.join('\n').replaceAll(/\r?\n/g, '\r\n')
}

/** Words as they are when they are plain, and encoded otherwise: at most 75 characters each, of whole characters. */
function encodeWords(words: string): string {
  if (/^[A-Za-z0-9 !'*+\-./=?^_`{|}~&%]*$/.test(words) && !words.includes('=?')) return words
  const chunks: string[] = []
  for (const character of words) {
    const last = chunks.at(-1)
    if (last === undefined || Buffer.byteLength(last + character) > 42) chunks.push(character)
    else chunks[chunks.length - 1] = last + character
  }
  return chunks.map((chunk) => `=?utf-8?B?${Buffer.from(chunk).toString('base64')}?=`).join('\n ')
}
