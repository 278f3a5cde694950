/** Certificate files that other programs exchange, in the ways in which they do. */
import assert from 'node:assert/strict'
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { createAuthority } from './authority.ts'
import type { CertificatePair } from './server.ts'
import type { TlsReport } from './source.ts'
import { watchedFiles } from './watched-files.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-watched-'))
after(() => rmSync(root, { recursive: true, force: true }))
const authority = await createAuthority(['localhost', '127.0.0.1'], Date.now())
const [one, two] = [await authority.issue(['localhost']), await authority.issue(['localhost'])]
const NEVER = 3_600_000

function put(folder: string, { cert, key }: CertificatePair, mode = 0o600): void {
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'tls.crt'), cert)
  writeFileSync(join(folder, 'tls.key'), key, { mode })
}

describe('certificate files', () => {
  it('that Kubernetes exchanges by one link are followed without being told', async () => {
    const mount = join(root, 'mount')
    put(join(mount, '..one'), one)
    symlinkSync('..one', join(mount, '..data'))
    for (const name of ['tls.crt', 'tls.key']) symlinkSync(`..data/${name}`, join(mount, name))
    const reports: TlsReport[] = []
    const files = await watchedFiles(join(mount, 'tls.crt'), join(mount, 'tls.key'), {
      report: (report) => void reports.push(report),
      every: NEVER,
    })
    const changed = new Promise<void>((resolve) => void files.onChange(resolve))
    put(join(mount, '..two'), two)
    symlinkSync('..two', join(mount, '..data_tmp'))
    renameSync(join(mount, '..data_tmp'), join(mount, '..data'))
    rmSync(join(mount, '..one'), { recursive: true })
    await changed
    assert.equal(files.current().cert, two.cert)
    assert.deepEqual(
      reports.map(({ type }) => type),
      ['tls_certificate_loaded'],
    )
    await files.stop()
  })

  it('of which others can read the key are served, and that is said once', { skip: process.platform === 'win32' }, async () => {
    const folder = join(root, 'exposed')
    put(folder, one, 0o644)
    const reports: TlsReport[] = []
    const key = join(folder, 'tls.key')
    const files = await watchedFiles(join(folder, 'tls.crt'), key, {
      report: (report) => void reports.push(report),
      every: NEVER,
    })
    await files.look()
    assert.deepEqual(reports, [{ type: 'tls_key_exposed', data: { path: key, fix: `chmod o-rwx ${JSON.stringify(key)}` } }])
    chmodSync(key, 0o600)
    await files.look()
    chmodSync(key, 0o604)
    await files.look()
    assert.equal(reports.length, 2)
    await files.stop()
  })
})
