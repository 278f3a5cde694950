/** `acmeCertificates`, loaded when it is asked for: who has a certificate needs nothing of it. */
import type { AcmeCertificates } from './acme.ts'
import type { AcmeOptions } from './options.ts'

/** Reads what is stored, and begins to look after it. Throws RangeError for options that cannot be meant, and when the storage cannot be opened. */
export async function acmeCertificates(options: AcmeOptions): Promise<AcmeCertificates> {
  return await (await import('./acme.ts')).acmeCertificates(options)
}
