/** Where a syslog server is and what it is told, read strictly at start-up. */
import { hostname } from 'node:os'
import { isIP } from 'node:net'
import { checkInsecure, invalid, withDefaults, type Insecure } from '../../engine/options.ts'
import { HoldfastError } from '../../engine/errors.ts'
import { isOwnMachine } from '../../http/own-machine.ts'
import { FACILITIES, type Facility, type SyslogNames } from './syslog-message.ts'

export interface SyslogOptions {
  /** `'tls://logs.example'` (port 6514), `'tcp://127.0.0.1:601'`, `'udp://127.0.0.1'` (port 514), or `'unix:/run/…/log.sock'` (a stream). */
  readonly to: string
  /** @default 'authpriv' */
  readonly facility?: Facility
  /** APP-NAME. @default 'holdfast' */
  readonly app?: string
  /** HOSTNAME. @default that of the machine */
  readonly host?: string
  /** Certificates that may sign the server's, in PEM. @default those that Node trusts */
  readonly ca?: string
  /** Sends to another machine without TLS: everybody on the way reads who signs in from where, and may change it. */
  readonly insecurePlaintext?: Insecure
}

/** Understood. */
export type SyslogTarget = SyslogNames & {
  readonly ca: string | undefined
  readonly weaker: Insecure | undefined
} & (
    | { readonly kind: 'unix'; readonly path: string }
    | { readonly kind: 'udp' | 'tcp' | 'tls'; readonly address: string; readonly port: number }
  )

const DEFAULTS = {
  to: '',
  facility: 'authpriv' as Facility,
  app: 'holdfast',
  host: '',
  ca: undefined as string | undefined,
  insecurePlaintext: undefined as Insecure | undefined,
}
const PORTS = { udp: 514, tcp: 601, tls: 6514 } as const
const HOW = `Write 'tls://host:port', 'tcp://127.0.0.1:601', 'udp://127.0.0.1:514' or 'unix:/path'.`

export function readSyslog(input: SyslogOptions, now: number): SyslogTarget {
  const { to, facility, app, host, ca, insecurePlaintext } = withDefaults<typeof DEFAULTS>('log.syslog', DEFAULTS, input as never)
  if (!Object.hasOwn(FACILITIES, facility))
    invalid('log.syslog.facility', facility, `Write one of ${Object.keys(FACILITIES).join(', ')}.`)
  for (const [name, value] of Object.entries({ app, host })) {
    if (typeof value !== 'string' || !/^[!-~]{0,255}$/.test(value))
      invalid(`log.syslog.${name}`, value, 'Write letters, digits and "-".')
  }
  if (ca !== undefined && !/-----BEGIN CERTIFICATE-----/.test(ca))
    invalid('log.syslog.ca', 'no certificate', 'Give the text of a PEM file.')
  const names = { facility, app, host: host === '' ? hostname() : host, pid: process.pid, ca }
  if (typeof to !== 'string') return invalid('log.syslog.to', to, HOW)
  if (to.startsWith('unix:/')) return { ...names, weaker: undefined, kind: 'unix', path: to.slice('unix:'.length) }
  const where = readAddress(to)
  const clear = where.kind !== 'tls' && !isOwnMachine(where.address)
  if (clear && insecurePlaintext === undefined) {
    throw new HoldfastError('HF_OPTION_INSECURE', `log.syslog.to sends the log to another machine without TLS.`, {
      fix: `Write 'tls://${where.address}', or insecurePlaintext: { reason: 'why', until: 'YYYY-MM-DD' }.`,
    })
  }
  if (insecurePlaintext !== undefined && !clear)
    invalid('log.syslog.insecurePlaintext', 'set where nothing is in the clear', 'Leave it out.')
  if (insecurePlaintext !== undefined) checkInsecure('log.syslog.insecurePlaintext', insecurePlaintext, now)
  return { ...names, ...where, weaker: insecurePlaintext }
}

function readAddress(to: string): { kind: 'udp' | 'tcp' | 'tls'; address: string; port: number } {
  const [, kind, text = '', port] =
    /^(udp|tcp|tls):\/\/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9.-]{1,253})(?::(\d{1,5}))?\/?$/.exec(to) ?? []
  if (kind === undefined) return invalid('log.syslog.to', to, HOW)
  const address = text.replace(/^\[(.*)\]$/, '$1')
  const number = port === undefined ? PORTS[kind as keyof typeof PORTS] : Number(port)
  if (number < 1 || number > 65_535 || (text.startsWith('[') && isIP(address) !== 6)) return invalid('log.syslog.to', to, HOW)
  return { kind: kind as keyof typeof PORTS, address, port: number }
}
