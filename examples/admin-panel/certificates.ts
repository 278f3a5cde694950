/** Where the panel's certificate comes from: made for this machine, read from files that may change, or asked for by ACME. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError, type Holdfast, type Settings } from 'holdfast'
import type { Database } from 'holdfast/store'
import { acmeCertificates, databaseStorage, localCertificate, watchedFiles, type AcmeCertificates } from 'holdfast/tls'
import type { ServedTls } from './app.ts'

interface Around {
  readonly holdfast: Holdfast
  readonly database: Database
}

/** Nothing where a proxy ends TLS. */
export async function openTls(settings: Settings, { holdfast, database }: Around): Promise<ServedTls | undefined> {
  const { tls, data, origin, httpPort } = settings
  const report = holdfast.emit
  if (tls.kind === 'off') return undefined
  if (tls.kind === 'local') return await localCertificate(join(data, 'tls'))
  try {
    if (tls.kind === 'files') return { certificates: await watchedFiles(tls.cert, tls.key, { origin, report }) }
    const { names, directory, contact } = tls
    const keys = settings.keys ?? readFileSync(join(data, 'keys'), 'utf8').trim()
    const certificates = await acmeCertificates({
      ...{ names, directory, contact, keys, report, termsAgreed: true, storage: databaseStorage(database) },
      // Port 80 must lead here for HTTP-01; TLS-ALPN-01 comes to the port of https.
      challenges: httpPort === undefined ? ['tls-alpn-01'] : ['tls-alpn-01', 'http-01'],
    })
    return { certificates }
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `HOLDFAST_TLS: ${(cause as Error).message}`, { cause })
  }
}

/** Waits for the first certificate: the authority asks this server for a proof, so it must listen before. */
export async function certified(tls: ServedTls | undefined): Promise<void> {
  if (tls && 'certificates' in tls && 'ready' in tls.certificates) await (tls.certificates as AcmeCertificates).ready()
}
