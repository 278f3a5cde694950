/**
 * The certificate by which a client says who it is (mutual TLS): what a server asks for, and what it was shown and could verify.
 * Nothing a request says about a certificate counts, in whatever header. Source: RFC 8446 section 4.3.2, RFC 5280 section 6.
 */
import { constants } from 'node:crypto'
import type { TLSSocket, TlsOptions } from 'node:tls'
import { altNames } from './alt-names.ts'

export interface ClientCertificatesSetting {
  /** Certificates of the authorities that vouch for clients, PEM. Never a public one: it vouches for everybody. */
  readonly ca: string | readonly string[]
  /** Their revocation lists, PEM: one of each authority, and not past its `nextUpdate`. @default nothing is revoked */
  readonly revoked?: string | readonly string[]
  /** Refuse the handshake of a client without one. Otherwise the control `clientCertificates` says where one is needed. @default false */
  readonly everywhere?: boolean
}

/** A certificate that was shown and verified. */
export interface PresentedCertificate {
  /** Its alternative names, as `URI:spiffe://…` or `DNS:billing.internal`. The subject is not a name: nobody checks what stands in it. */
  readonly names: readonly string[]
  /** SHA-256, `AB:CD:…`. */
  readonly fingerprint256: string
  readonly serialNumber: string
  /** Milliseconds since 1970. */
  readonly expires: number
}

/** The options of a server that asks for certificates; refuses, as an error, what would let in nobody or everybody. */
export function clientTlsOptions({ ca, revoked, everywhere = false }: ClientCertificatesSetting): TlsOptions {
  const authorities = [ca].flat()
  if (authorities.length === 0 || authorities.some((pem) => !pem.includes('-----BEGIN CERTIFICATE-----')))
    throw new RangeError('clientCertificates.ca holds no certificate. Give the PEM of the authority that issues to your clients.')
  const lists = revoked === undefined ? [] : [revoked].flat()
  if (lists.some((pem) => !pem.includes('-----BEGIN X509 CRL-----')))
    throw new RangeError('clientCertificates.revoked holds no revocation list. Give the PEM of a CRL, or leave it out.')
  return {
    requestCert: true,
    rejectUnauthorized: everywhere,
    ca: authorities,
    ...(lists.length > 0 && { crl: lists }),
    // A resumed session would carry yesterday's verdict about a certificate that is revoked today.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION | constants.SSL_OP_NO_TICKET,
  }
}

const PRESENTED = Symbol('holdfast.client-certificate')
type Holder = TLSSocket & { [PRESENTED]?: PresentedCertificate | null }

/** What the other end of this socket was verified to be; `undefined` for none, and for one that is not trusted. */
export function presentedBy(socket: object): PresentedCertificate | undefined {
  const holder = socket as Holder
  if (!holder.authorized) return undefined
  const known = holder[PRESENTED]
  if (known !== undefined) return known ?? undefined
  const certificate = holder.getPeerX509Certificate?.()
  const presented = certificate && {
    names: altNames(certificate).map(({ type, value }) => `${type}:${value}`),
    fingerprint256: certificate.fingerprint256,
    serialNumber: certificate.serialNumber,
    expires: certificate.validToDate.getTime(),
  }
  holder[PRESENTED] = presented ?? null
  return presented
}
