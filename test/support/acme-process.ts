/** Another process that needs the same certificate: says what happened, one line a report, and ends. */
import { readFileSync } from 'node:fs'
import { openDatabase } from '../../src/store/index.ts'
import { acmeCertificates, databaseStorage, fileStorage } from '../../src/tls/index.ts'

const [file] = process.argv.slice(2) as [string]
const { database, folder, directory, outbound, keys } = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string> & {
  outbound: object
}
const opened = database === '' ? undefined : await openDatabase(database!)
const certificates = await acmeCertificates({
  ...{ names: ['a.test'], directory: directory!, termsAgreed: true, keys: keys!, outbound, every: 100 },
  storage: opened ? databaseStorage(opened) : await fileStorage(folder!, { shared: true }),
  report: (report) => void process.stdout.write(`${report.type}\n`),
})
await certificates.ready()
process.stdout.write(`serves ${(await certificates.status()).certificate!.fingerprint256}\n`)
await certificates.stop()
await opened?.close()
