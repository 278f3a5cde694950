/**
 * Letters by SMTP, through nodemailer, which is loaded when it is asked for. Stops letters from being read or changed on the way to the
 * server (STARTTLS that somebody stripped, a certificate of somebody else), and a mailer that opens files or addresses for a message.
 * Source: RFC 8314 (TLS for submission), RFC 3207 section 6, RFC 3834 section 5; OWASP ASVS 5.0 12.3; CVE-2021-23400.
 */
import { createRequire } from 'node:module'
import { reveal, type Secret } from '../crypto/secret.ts'
import { checkMessage } from './message.ts'
import { readFailure } from './smtp-failure.ts'
import { readMailUrl, type MailServer } from './smtp-url.ts'
import { MailError, type MailTransport } from './transport.ts'

type Nodemailer = typeof import('nodemailer')

export interface SmtpSetting {
  /** `smtps://user:password@host:465`, or `smtp://…:587`. */
  readonly url: string | Secret
  /** PEM of the authority that signed the server's certificate, where the system does not know it. */
  readonly ca?: string | undefined
  /** Whether nothing is sent without TLS. @default true, and false when the server is on this machine */
  readonly requireTls?: boolean | undefined
  /** Milliseconds that the server may be silent. */
  readonly timeout?: number | undefined
}

/** At a time. More would look like a flood to the server, and letters of accounts are few. */
const CONNECTIONS = 3
const TIMEOUT = 30_000

/** Throws TypeError for a URL that is none, and MailError when nodemailer is not installed. Connects when the first letter is sent. */
export function smtp(setting: SmtpSetting, load: () => Nodemailer = loadNodemailer): MailTransport {
  const server = readMailUrl(reveal(setting.url))
  const mailer = load().createTransport({
    ...connection(server, setting),
    ...QUIET,
    pool: true,
    maxConnections: CONNECTIONS,
    maxRequeues: 0,
  })
  mailer.on('error', () => {}) // Of a connection without a letter; the next letter opens another.

  return {
    name: 'smtp',
    parallel: CONNECTIONS,
    async send(message, signal) {
      const { id, from, to, subject, text, html, date } = checkMessage(message)
      try {
        await mailer.sendMail({
          ...{ subject, text, html, signal },
          messageId: id,
          date: new Date(date),
          from: { name: from.name ?? '', address: from.address },
          to: { name: '', address: to },
          // What the server is told, whatever anybody reads out of the headers.
          envelope: { from: from.address, to: [to] },
          // No holiday notice answers to it (RFC 3834); the second is Outlook's word for that.
          headers: { 'Auto-Submitted': 'auto-generated', 'X-Auto-Response-Suppress': 'All' },
        })
      } catch (error) {
        throw readFailure(error)
      }
    },
    close: async () => mailer.close(),
  }
}

/** A message is what it says: no file is read for it and no address opened, nothing of it is logged, and nobody is told our version. */
const QUIET = { disableFileAccess: true, disableUrlAccess: true, xMailer: false, logger: false, debug: false } as const

function connection(
  { host, port, secure, local, auth }: MailServer,
  { ca, requireTls = !local, timeout = TIMEOUT }: SmtpSetting,
) {
  return {
    // A resolver that lies about `localhost` would have the letters in clear.
    host: host.toLowerCase() === 'localhost' ? '127.0.0.1' : host,
    port,
    secure,
    ...(auth && { auth }),
    ...(requireTls ? { requireTLS: true } : { ignoreTLS: true }),
    tls: {
      minVersion: 'TLSv1.2',
      rejectUnauthorized: true,
      ...(ca !== undefined && { ca }),
      ...(isName(host) && { servername: host }),
    },
    connectionTimeout: timeout,
    greetingTimeout: timeout,
    socketTimeout: timeout,
    dnsTimeout: timeout,
  } as const
}

/** Server names of TLS are names (RFC 6066 section 3). */
function isName(host: string): boolean {
  return !host.includes(':') && !/^[\d.]+$/.test(host)
}

function loadNodemailer(): Nodemailer {
  try {
    return createRequire(import.meta.url)('nodemailer') as Nodemailer
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause && cause.code === 'MODULE_NOT_FOUND')) throw cause
    throw new MailError('Sending by SMTP needs the package nodemailer. Run: npm install nodemailer', { cause })
  }
}
