/** Where the mail server is: `smtp://user:password@host:587`, or `smtps://` with TLS from the first byte. */
import { isLoopback, parseAddress } from '../http/ip.ts'

export interface MailServer {
  readonly host: string
  readonly port: number
  /** TLS from the first byte (RFC 8314). Otherwise STARTTLS. */
  readonly secure: boolean
  /** Whether it is on this machine: nobody stands between. */
  readonly local: boolean
  readonly auth: { readonly user: string; readonly pass: string } | undefined
}

const FORM = 'It looks like smtps://user:password@mail.example:465, or smtp:// with port 587 for STARTTLS.'
const PORTS = { 'smtp:': 587, 'smtps:': 465 } // RFC 6409, RFC 8314
const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$/

/** Throws TypeError for what is no such URL; never repeats it, for it may hold a password. No option can hide in it: it takes no query. */
export function readMailUrl(text: string): MailServer {
  const url = URL.canParse(text) ? new URL(text) : undefined
  const usual = url === undefined ? undefined : PORTS[url.protocol as keyof typeof PORTS]
  if (url === undefined || usual === undefined) throw new TypeError(`This is no URL of a mail server. ${FORM}`)
  if (url.search !== '' || url.hash !== '' || (url.pathname !== '' && url.pathname !== '/')) {
    throw new TypeError(
      `The URL of a mail server has no path, query or fragment; "?", "#" and "/" in a password are written %3F, %23 and %2F. ${FORM}`,
    )
  }
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const address = parseAddress(host)
  if (address === undefined && !NAME.test(host)) throw new TypeError(`The URL of a mail server names no host. ${FORM}`)
  const local = address === undefined ? host.toLowerCase() === 'localhost' : isLoopback(address)
  return { host, port: url.port === '' ? usual : Number(url.port), secure: url.protocol === 'smtps:', local, auth: readAuth(url) }
}

function readAuth(url: URL): MailServer['auth'] {
  if (url.username === '' && url.password === '') return undefined
  try {
    const [user, pass] = [decodeURIComponent(url.username), decodeURIComponent(url.password)]
    if (user !== '' && pass !== '') return { user, pass }
  } catch {
    throw new TypeError('The user or the password in the URL of the mail server has a "%" that begins no escape. Write it %25.')
  }
  throw new TypeError('The URL of a mail server has both a user and a password, or neither.')
}
