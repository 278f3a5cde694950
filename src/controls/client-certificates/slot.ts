/** What other controls and the application may know of the certificate that a client showed. */
import { slot } from '../../engine/exchange.ts'
import type { PresentedCertificate } from '../../tls/client-certificate.ts'

export interface ClientCertificate extends PresentedCertificate {
  /** Which of the configured services it is; absent when it is none of them. */
  readonly service?: string
}

/** Absent when the client showed none, or one that is not trusted or past its time. */
export const ClientCertificate = slot<ClientCertificate>('client-certificate')
