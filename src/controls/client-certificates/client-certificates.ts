/**
 * Which service asks, by the certificate it showed in the TLS handshake, where the application lets services in by one.
 * Stops requests to internal paths from anybody who has none, and headers that claim to be one (A220, A221).
 * Sources: RFC 8446 §4.3.2, RFC 9440 §4 (headers about certificates); OWASP ASVS 5.0 12.3.5; CWE-287, CWE-290.
 */
import { Accounts } from '../../accounts/types.ts'
import { isAccepted, readAccept, type Accept } from '../../engine/accept.ts'
import { defineControl } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Client, Principal } from '../../engine/facts.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { ClientCertificate } from './slot.ts'

export interface ClientCertificatesInput {
  /** `'nowhere'`, `'everywhere'`, or beginnings of paths with a slash at the end, where nobody gets in without one: `['/internal/']`. @default 'nowhere' */
  readonly required?: Accept
  /** Which names are which service, and its roles: `{ 'URI:spiffe://prod/billing': { name: 'billing', roles: ['service'] } }`. @default {} */
  readonly services?: Readonly<Record<string, Service>>
}

export interface Service {
  /** What it is called in the log; lower-case letters, digits and hyphens. */
  readonly name: string
  /** Roles of the application. */
  readonly roles: readonly string[]
}

export interface ClientCertificatesOptions {
  readonly required: Accept
  readonly services: Readonly<Record<string, Service>>
}

const DEFAULTS: ClientCertificatesOptions = { required: 'nowhere', services: {} }
const NAME = /^(?:DNS|URI|email|IP Address):[\x21-\x7e]{1,500}$/
const SERVICE = /^[a-z][a-z0-9-]{0,62}$/

const REQUIRED = deny(403, 'client-certificate-required', { reason: 'no certificate of a client that is trusted' })
const UNKNOWN = deny(403, 'client-certificate-unknown', { reason: 'a certificate of no service, or of two' })

export const clientCertificates = defineControl({
  name: 'clientCertificates',
  needs: [Client],
  gives: [ClientCertificate, Principal],
  options: readClientCertificates,
  start({ options: { required, services }, use, emit }) {
    const { roles: table } = use(Accounts)
    for (const [name, { roles }] of Object.entries(services)) {
      const option = `clientCertificates.services[${JSON.stringify(name)}].roles`
      if (roles.some((role) => !Object.hasOwn(table, role))) invalid(option, roles, `There are ${Object.keys(table).join(', ')}.`)
    }

    function enter(x: Exchange): Reply | undefined {
      const shown = x.clientCertificate?.()
      const certificate = shown !== undefined && shown.expires > x.time ? shown : undefined
      const found = certificate && servicesOf(certificate.names)
      const service = found?.length === 1 ? found[0] : undefined
      if (certificate) x.set(ClientCertificate, { ...certificate, ...(service && { service: service.name }) })
      if (!isAccepted(required, x.path)) return undefined
      if (certificate === undefined) return refuse(x, REQUIRED, shown ? 'expired' : 'none')
      // Without a table the application decides by the fact; with one, who is not in it is nobody.
      if (Object.keys(services).length === 0) return undefined
      if (service === undefined) return refuse(x, UNKNOWN, found!.length === 0 ? 'unknown' : 'two services')
      if (!x.get(Principal)) x.set(Principal, principalOf(service, x.time))
      return undefined
    }

    function servicesOf(names: readonly string[]): readonly Service[] {
      const found = names.flatMap((name) => (Object.hasOwn(services, name) ? services[name]! : []))
      return [...new Map(found.map((service) => [service.name, service])).values()]
    }

    function principalOf({ name, roles }: Service, time: number): Principal {
      const permissions = new Set(roles.flatMap((role) => table[role]!))
      // RFC 8176: proof of possession of a key in software.
      return { id: `service:${name}`, login: name, name, roles, permissions, amr: ['swk'], aal: 1, provedAt: time }
    }

    function refuse(x: Exchange, reply: Reply, reason: string): Reply {
      emit({ type: 'tls_client_refused', data: { reason } }, x)
      return reply
    }

    return { enter }
  },
})

/** Throws HF_OPTION_INVALID for names that no certificate has, and for one service under two sets of roles. */
function readClientCertificates(input?: ClientCertificatesInput): ClientCertificatesOptions {
  const { required, services } = withDefaults<ClientCertificatesOptions>('clientCertificates', DEFAULTS, input)
  const known = new Map<string, string>()
  for (const [name, service] of Object.entries(services)) {
    const option = `clientCertificates.services[${JSON.stringify(name)}]`
    if (!NAME.test(name))
      invalid(option, name, `Write the kind and the name: 'URI:spiffe://prod/billing', 'DNS:billing.internal'.`)
    if (!SERVICE.test(service?.name ?? ''))
      invalid(`${option}.name`, service?.name, 'Use lower-case letters, digits and hyphens.')
    if (!Array.isArray(service.roles)) invalid(`${option}.roles`, service.roles, `Give a list of roles: ['service'].`)
    const roles = service.roles.join(' ')
    if ((known.get(service.name) ?? roles) !== roles)
      invalid(`${option}.roles`, service.roles, 'Give one service the same roles everywhere.')
    known.set(service.name, roles)
  }
  return { required: readAccept('clientCertificates.required', required), services }
}
