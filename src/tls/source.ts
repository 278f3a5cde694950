/** Where a server's certificates come from while it runs, and how it hears that there are others. */
import type { CertificatePair } from './server.ts'

/** Something that happened to a certificate. `holdfast.emit` takes it as it is. */
export interface TlsReport {
  readonly type:
    | 'tls_certificate_obtained'
    | 'tls_certificate_loaded'
    | 'tls_certificate_refused'
    | 'tls_certificate_expiring'
    | 'tls_renewal_failed'
    | 'tls_account_key_replaced'
    | 'tls_key_exposed'
  readonly level?: 'info' | 'warn' | 'critical'
  readonly data: Readonly<Record<string, string | number | boolean | readonly string[] | undefined>>
}

export type Report = (report: TlsReport) => void

export interface CertificateSource {
  /** What is served now, the first to who names no host or another. Empty while there is none yet: then only challenges are answered. */
  pairs(): readonly CertificatePair[]
  /** Hears that there are others from now on; returns how to stop. */
  onChange(listener: () => void): () => void
  /** The certificate that answers TLS-ALPN-01 for this name, while one is asked for (RFC 8737). */
  alpnChallenge?(name: string): CertificatePair | undefined
  /** The text that answers HTTP-01 for this token, while one is asked for (RFC 8555 section 8.3). */
  httpChallenge?(token: string): Promise<string | undefined>
  /** Ends timers and watchers. Idempotent. */
  stop(): Promise<void>
}

/** Whether this is a source, or a pair that stays. */
export function isSource(given: CertificateSource | CertificatePair): given is CertificateSource {
  return 'onChange' in given
}

/** Listeners of a source. */
export function createChanges(): { readonly onChange: CertificateSource['onChange']; readonly tell: () => void } {
  const listeners = new Set<() => void>()
  return {
    onChange(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    tell() {
      for (const listener of listeners) listener()
    },
  }
}
