/** Where the panel's certificate comes from: made for this machine, read from files that may change, or asked for by ACME. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { HoldfastError, type Holdfast, type Settings } from 'holdfast'
import { openDatabase } from 'holdfast/store'
import { acmeCertificates, databaseStorage, localCertificate, watchedFiles, type AcmeCertificates } from 'holdfast/tls'
import type { ServedTls } from './app.ts'

/** Nothing where a proxy ends TLS. */
export async function openTls(settings: Settings, holdfast: Holdfast): Promise<ServedTls | undefined> {
  const { tls, data, origin, httpPort, databaseUrl } = settings
  const report = holdfast.emit
  if (tls.kind === 'off') return undefined
  if (tls.kind === 'local') return await localCertificate(join(data, 'tls'))
  try {
    if (tls.kind === 'files') return { certificates: await watchedFiles(tls.cert, tls.key, { origin, report }) }
    const { names, directory, contact, outbound } = tls
    // A connection of its own, for what several hosts share: the account, the certificate, and who asks for the next one.
    const database = await openDatabase(databaseUrl?.reveal() ?? join(data, 'holdfast.sqlite'))
    const keys = settings.keys ?? readFileSync(join(data, 'keys'), 'utf8').trim()
    const certificates = await acmeCertificates({
      ...{ names, directory, contact, outbound, keys, report, termsAgreed: true, storage: databaseStorage(database) },
      // Port 80 must lead here for HTTP-01; TLS-ALPN-01 comes to the port of https.
      challenges: httpPort === undefined ? ['tls-alpn-01'] : ['tls-alpn-01', 'http-01'],
    })
    const stop = () => certificates.stop().then(() => database.close())
    return { certificates: { ...certificates, stop } }
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `HOLDFAST_TLS: ${(cause as Error).message}`, { cause })
  }
}

/** Waits for the first certificate: the authority asks this server for a proof, so it must listen before. */
export async function certified(tls: ServedTls | undefined): Promise<void> {
  if (tls && 'certificates' in tls && 'ready' in tls.certificates) await (tls.certificates as AcmeCertificates).ready()
}
