/**
 * What became of a letter that an SMTP server did not take. Only codes are kept: a server may repeat the recipient, or a link out of
 * the letter, in what it says (CWE-532).
 */
import { MailError } from './transport.ts'

interface Failure {
  readonly code?: unknown
  readonly command?: unknown
  readonly response?: unknown
  readonly responseCode?: unknown
}

const WORDS: Readonly<Record<string, string>> = {
  EDNS: 'The name of the mail server was not found.',
  ECONNECTION: 'The mail server ended the connection.',
  ESOCKET: 'The mail server cannot be reached.',
  ETIMEDOUT: 'The mail server did not answer in time.',
  EPROTOCOL: 'The mail server did not greet.',
  ETLS: 'The mail server offers no TLS, and nothing is sent without.',
  EAUTH: 'The mail server refused the user or the password.',
  EABORT: 'It took too long.',
}
const UNTRUSTED = 'The certificate of the mail server is not trusted, or is for another name.'
const NO_TLS = 'The mail server speaks no TLS at this port, or none that is good enough.'
// Refused at these steps it is this letter that is refused; at the others it is us, and an operator can mend that (RFC 5321 section 4.2.1).
const ABOUT_THE_LETTER = new Set(['RCPT TO', 'DATA'])

/** From what nodemailer rejects with to what may be stored and told. */
export function readFailure(error: unknown): MailError {
  const { code, command, response, responseCode } = (typeof error === 'object' && error !== null ? error : {}) as Failure
  if (typeof responseCode !== 'number') return new MailError(wordsFor(String(code), error), { cause: error })
  const [enhanced = ''] = /(?<=^\d{3}[ -])\d\.\d{1,3}\.\d{1,3}\b/.exec(String(response)) ?? []
  const step = typeof command === 'string' && /^[A-Z][A-Z0-9 -]{1,20}$/.test(command) ? command : 'a command'
  const answer = `The mail server answered ${responseCode}${enhanced && ` ${enhanced}`} to ${step === 'CONN' ? 'the connection' : step}.`
  const permanent = responseCode >= 500 && responseCode < 600 && responseCode !== 503 && ABOUT_THE_LETTER.has(step)
  const words = code === 'EAUTH' || code === 'ETLS' ? `${WORDS[code]} ${answer}` : answer
  return new MailError(words, { permanent, cause: error })
}

/** With the system's code (`ECONNREFUSED`), where there is one. What the message says besides may be the server's own words. */
function wordsFor(code: string, error: unknown): string {
  const message = error instanceof Error ? error.message : ''
  if (code === 'ESOCKET' || code === 'ETLS') {
    if (/certificate|altnames/i.test(message)) return UNTRUSTED
    if (/SSL routines|wrong version/i.test(message)) return NO_TLS
  }
  const [system] = /(?<=^(?:connect|read|write|getaddrinfo) )E[A-Z]{3,20}\b/.exec(message) ?? []
  const words = WORDS[code] ?? 'The letter was not sent.'
  return system === undefined ? words : `${words} (${system})`
}
