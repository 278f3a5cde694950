/** Events of certificates, and of the protocols below a request. */
import type { Kind } from './kind.ts'

export const TLS_EVENTS = {
  tls_certificate_obtained: {
    level: 'warn',
    what: 'A certificate authority gave a certificate (`names`, `expires`); `replaces` says whether it takes the place of another.',
  },
  tls_certificate_loaded: {
    level: 'info',
    what: 'Another certificate is served from now on: renewed here, by another host, or exchanged on the disk. Connections stay open.',
  },
  tls_certificate_refused: {
    level: 'warn',
    what: 'A certificate that was found is not served, and the one from before stays; `reason` says why.',
  },
  tls_certificate_expiring: { level: 'critical', what: 'The certificate that is served ends soon and was not renewed.' },
  tls_renewal_failed: {
    level: 'warn',
    what: 'A certificate was asked for and not given; `next` says when it is tried again. Critical when little time is left.',
  },
  tls_account_key_replaced: {
    level: 'warn',
    what: 'The account at the certificate authority belongs to a new key from now on; the one from before is good for nothing.',
  },
  tls_key_exposed: {
    level: 'warn',
    what: 'Every account of this machine may read the file of the private key (`path`); `fix` is the command that ends it.',
  },
  tls_client_refused: {
    level: 'warn',
    what: 'A request needed the certificate of a client and came with none, one that is not trusted, or one that is nobody here.',
  },
  malicious_http2: {
    level: 'warn',
    what: 'A connection of HTTP/2 was closed because of what it sent; `attack` says what. `refused`: its network may open none for a while.',
  },
} as const satisfies Record<string, Kind>
