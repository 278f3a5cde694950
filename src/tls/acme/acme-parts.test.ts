import assert from 'node:assert/strict'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { freshPostgres, postgresUrl } from '../../../test/support/services.ts'
import { generateKey, parseKeyring } from '../../crypto/keyring.ts'
import { migrate } from '../../store/migrate.ts'
import { atomicMigrations } from '../../store/sql-atomic.ts'
import { sqlite } from '../../store/sqlite.ts'
import { expectOneWinner, race } from '../../testing/race.ts'
import { createAuthority } from '../authority.ts'
import { acmeCertificates } from './acme.ts'
import { createChallenges } from './challenges.ts'
import { loadAcme } from './client.ts'
import { readAcmeOptions, type AcmeOptions } from './options.ts'
import { certificateId, endsSoon, failed, planned, readRetryAfter, readSuggestion, suggested, type Life } from './renewal.ts'
import { sealed } from './sealed.ts'
import { databaseStorage, fileStorage, type CertificateStorage } from './storage.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-acme-parts-'))
const closing: (() => unknown)[] = [() => rmSync(root, { recursive: true, force: true })]
after(async () => {
  for (const close of closing.toReversed()) await close()
})
const postgres = await postgresUrl()
const [HOUR, DAY] = [3_600_000, 86_400_000]
let folders = 0

const STORAGES: Readonly<Record<string, () => Promise<CertificateStorage>>> = {
  'a folder': () => fileStorage(join(root, String(++folders))),
  'an embedded database': async () => {
    const database = sqlite(':memory:')
    closing.push(() => database.close())
    await migrate(database, atomicMigrations)
    return databaseStorage(database)
  },
  ...(!('skip' in postgres) && {
    PostgreSQL: async () => {
      const database = await freshPostgres()
      closing.push(() => database.close())
      await migrate(database, atomicMigrations)
      return databaseStorage(database)
    },
  }),
}

for (const [name, open] of Object.entries(STORAGES))
  describe(`certificates kept in ${name}`, () => {
    it('are written, replaced and taken away', async () => {
      const storage = await open()
      assert.equal(await storage.read('certificate'), undefined)
      await storage.write('certificate', 'one')
      await storage.write('certificate', 'x'.repeat(30_000))
      assert.equal((await storage.read('certificate'))?.length, 30_000)
      await storage.remove('certificate')
      await storage.remove('certificate')
      assert.equal(await storage.read('certificate'), undefined)
    })

    it('are asked for by one at a time: free, expired and released locks have one winner each', async () => {
      const storage = await open()
      let now = Date.now()
      const all = () => race(20, async (index) => ((await storage.reserve('order', `host${index}`, 1000, now)) ? index : -1))
      const won = (index: number) => index >= 0
      const first = await all()
      expectOneWinner(first, won)
      const owner = `host${first.find(won)}`
      assert.equal(await storage.reserve('order', owner, 1000, now), true) // it may go on
      assert.equal(await storage.reserve('order', 'other', 1000, now + 999), false)
      now += 1000
      expectOneWinner(await all(), won)
      await storage.release('order', 'nobody')
      assert.equal(await storage.reserve('order', 'other', 1000, now), false)
      now += 1000
      assert.equal(await storage.reserve('order', 'mine', 1000, now), true)
      await storage.release('order', 'mine')
      expectOneWinner(await all(), won)
    })

    it('are sealed under their name, and sealed anew, all of them, when the key ring has a newer key', async () => {
      const storage = await open()
      const [old, next] = [generateKey('old'), generateKey('next')]
      const before = sealed(storage, parseKeyring(old))
      await before.write('account', { key: '-----BEGIN PRIVATE KEY-----' })
      const text = (await storage.read('account'))!
      assert.ok(text.startsWith('old.') && !text.includes('PRIVATE'))
      await storage.write('certificate', text)
      await assert.rejects(before.read('certificate'), /"certificate" cannot be opened \(mismatch\)/)
      await assert.rejects(sealed(storage, parseKeyring(next)).read('account'), /cannot be opened \(unknown-key\)/)
      await before.write('certificate', { cert: 'a' })
      const both = sealed(storage, parseKeyring(`${next},${old}`))
      assert.deepEqual(await both.read('account'), { key: '-----BEGIN PRIVATE KEY-----' })
      assert.deepEqual([await before.isOlder(), await both.isOlder()], [false, true])
      await both.renew()
      assert.equal(await both.isOlder(), false)
      const after = sealed(storage, parseKeyring(next))
      assert.deepEqual(await after.read('account'), { key: '-----BEGIN PRIVATE KEY-----' })
      assert.deepEqual(await after.read('certificate'), { cert: 'a' })
    })
  })

describe('a folder of certificates', () => {
  it('has files that only their owner reads, one lock at the end, and no name that leads elsewhere', async () => {
    const folder = join(root, 'modes')
    const storage = await fileStorage(folder)
    for (let round = 0; round < 5; round++) assert.equal(await storage.reserve('order', 'me', 10, round * 100), true)
    await storage.write('certificate', 'text')
    assert.deepEqual(readdirSync(folder).toSorted(), ['certificate.sealed', 'order.lock-5'])
    assert.equal(readFileSync(join(folder, 'certificate.sealed'), 'utf8'), 'text')
    await assert.rejects(async () => await storage.read('../keys'), RangeError)
  })
})

describe('the moment of a renewal', () => {
  const life = (days: number): Life => ({ fingerprint256: 'A', begins: 0, expires: days * DAY })

  it('lies at two thirds of a life, of a short one at its half, and up to a twentieth earlier', () => {
    assert.equal(planned(life(90), 0).at, 60 * DAY)
    assert.equal(planned(life(90), 1).at, 55.5 * DAY)
    assert.equal(planned(life(6), 0).at, 3 * DAY)
    assert.ok(endsSoon(life(90), 76 * DAY) && !endsSoon(life(90), 74 * DAY))
  })

  it('follows the window that is suggested, is chosen once for each, and never lets the certificate end', () => {
    const state = planned(life(90), 0)
    const window = { start: 20 * DAY, end: 30 * DAY, retryAfter: 2 * HOUR }
    const moved = suggested(state, life(90), window, DAY, 0.25)
    assert.deepEqual([moved.at, moved.askAt], [22.5 * DAY, DAY + 2 * HOUR])
    assert.equal(suggested(moved, life(90), window, 2 * DAY, 0.9).at, 22.5 * DAY)
    assert.equal(suggested(moved, life(90), { ...window, end: 40 * DAY }, 2 * DAY, 0.5).at, 30 * DAY)
    assert.equal(suggested(state, life(90), { start: 100 * DAY, end: 200 * DAY, retryAfter: undefined }, 0, 0.5).at, 81 * DAY)
    for (const bad of [undefined, { ...window, end: window.start }, { ...window, start: Number.NaN }])
      assert.equal(suggested(state, life(90), bad, 0, 0.5).at, state.at)
    const asks = (retryAfter: number | undefined) => suggested(state, life(90), { ...window, retryAfter }, 0, 0).askAt
    assert.deepEqual([asks(undefined), asks(1), asks(100 * DAY)], [6 * HOUR, 60_000, DAY])
  })

  it('comes later after each failure, up to a day, and not before the authority wants to be asked', () => {
    let state = planned(life(90), 0)
    const waits: number[] = []
    for (let round = 0; round < 12; round++) {
      state = failed(state, 0, 0.5)
      waits.push(state.notBefore / 60_000)
    }
    assert.deepEqual(waits.slice(0, 4), [5, 10, 20, 40])
    assert.equal(waits.at(-1), 24 * 60)
    assert.deepEqual(
      [failed(planned(life(9), 0), 0, 0).notBefore, failed(planned(life(9), 0), 0, 1).notBefore],
      [240_000, 360_000],
    )
    assert.equal(failed(planned(life(9), 0), 0, 0, 3 * HOUR).notBefore, 3 * HOUR)
  })

  it('is read from what an authority writes, and nothing else', () => {
    const body = { suggestedWindow: { start: '2027-01-01T00:00:00Z', end: '2027-01-02T00:00:00Z' } }
    assert.deepEqual(readSuggestion(body, '60', 0), {
      start: Date.UTC(2027, 0, 1),
      end: Date.UTC(2027, 0, 2),
      retryAfter: 60_000,
    })
    for (const bad of [null, 'x', {}, { suggestedWindow: { start: 1, end: 2 } }])
      assert.equal(readSuggestion(bad, null, 0), undefined)
    const page = (explanationURL: unknown) => readSuggestion({ ...body, explanationURL }, null, 0)?.explanation
    assert.equal(page('https://ca.example/\u001b[31mx'), 'https://ca.example/%1B[31mx') // nothing that a terminal would obey
    for (const bad of ['javascript:alert(1)', 'x', 7, `https://ca.example/${'x'.repeat(500)}`]) assert.equal(page(bad), undefined)
    assert.equal(readRetryAfter('Fri, 01 Jan 2027 00:01:00 GMT', Date.UTC(2027, 0, 1)), 60_000)
    for (const bad of ['-1', 'soon', '', null, 'Fri, 01 Jan 1999 00:00:00 GMT'])
      assert.equal(readRetryAfter(bad, Date.UTC(2027, 0, 1)), undefined)
  })

  it('is asked for by the name that RFC 9773 gives as an example', () => {
    // Appendix A of the RFC.
    const pem = `-----BEGIN CERTIFICATE-----
MIIBQzCB66ADAgECAgUAh2VDITAKBggqhkjOPQQDAjAVMRMwEQYDVQQDEwpFeGFt
cGxlIENBMCIYDzAwMDEwMTAxMDAwMDAwWhgPMDAwMTAxMDEwMDAwMDBaMBYxFDAS
BgNVBAMTC2V4YW1wbGUuY29tMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEeBZu
7cbpAYNXZLbbh8rNIzuOoqOOtmxA1v7cRm//AwyMwWxyHz4zfwmBhcSrf47NUAFf
qzLQ2PPQxdTXREYEnKMjMCEwHwYDVR0jBBgwFoAUaYhba4dGQEHhs3uEe6CuLN4B
yNQwCgYIKoZIzj0EAwIDRwAwRAIge09+S5TZAlw5tgtiVvuERV6cT4mfutXIlwTb
+FYN/8oCIClDsqBklhB9KAelFiYt9+6FDj3z4KGVelYM5MdsO3pK
-----END CERTIFICATE-----`
    assert.equal(certificateId(pem), 'aYhba4dGQEHhs3uEe6CuLN4ByNQ.AIdlQyE')
  })
})

describe('answers to challenges', () => {
  it('are given for what was announced, here and elsewhere, for ten minutes, and a stranger cannot keep the storage busy', async () => {
    const storage = await STORAGES['an embedded database']!()
    let reads = 0
    const counted: CertificateStorage = {
      ...storage,
      async read(name) {
        reads++
        return await storage.read(name)
      },
    }
    const keys = parseKeyring(generateKey())
    let time = Date.now()
    const setting = { shared: true, now: () => time }
    const [one, other] = [createChallenges(sealed(storage, keys), setting), createChallenges(sealed(counted, keys), setting)]
    const token = 'x'.repeat(43)
    await one.announce([{ type: 'http-01', name: 'a.test', token, keyAuthorization: `${token}.print` }])
    assert.equal(await other.http(token), `${token}.print`)
    const before = reads
    await race(50, (index) => other.http(`${'y'.repeat(40)}${index}`))
    for (const bad of ['', 'short', '../../etc/passwd', 'x'.repeat(500)]) assert.equal(await other.http(bad), undefined)
    assert.equal(reads, before)
    time += 10 * 60_000
    assert.equal(await one.http(token), undefined)
  })
})

describe('options of ACME', () => {
  const good = {
    names: ['app.example.org'],
    directory: 'letsencrypt',
    termsAgreed: true,
    keys: generateKey(),
    storage: {} as CertificateStorage,
  }
  const read = (more: object) => () => readAcmeOptions({ ...good, ...more } as AcmeOptions)

  it('are refused with what to write instead', () => {
    assert.equal(readAcmeOptions(good).directory, 'https://acme-v02.api.letsencrypt.org/directory')
    assert.match(readAcmeOptions({ ...good, directory: 'letsencrypt-staging' }).directory, /staging/)
    for (const [more, message] of [
      [{ termsAgreed: 'true' }, /termsAgreed is not true/],
      [{ names: [] }, /1 to 100/],
      [{ names: ['*.example.org'] }, /DNS-01/],
      ...['localhost', '192.0.2.1', 'a.test', 'shop.local', 'a b.org', '-a.org', 'example'].map(
        (name) => [{ names: [name] }, /no public host name/] as const,
      ),
      [{ directory: 'http://ca.example.org/dir' }, /https address/],
      [{ directory: 'letsencypt' }, /https address/],
      [{ contact: ['a@b.org?x'] }, /address of mail/],
      [{ challenges: ['dns-01'] }, /tls-alpn-01/],
      [{ every: 1 }, /100 or more/],
      [{ agree: true }, /acme.agree is not an option/],
    ] as const)
      assert.throws(read(more), message)
  })

  it('reach no authority in the network of the server, unless it is named', async () => {
    const reports: string[] = []
    const storage = await STORAGES['a folder']!()
    const certificates = await acmeCertificates({
      ...{ ...good, storage, directory: 'https://127.0.0.1:14000/dir' },
      report: ({ data }) => void reports.push(String(data['reason'])),
    })
    await assert.rejects(certificates.ready(), /none was given/)
    await certificates.stop()
    assert.match(reports[0]!, /has an address that is not public/)
  })

  it('say what to install when acme-client is missing', async () => {
    const missing = Object.assign(new Error('Cannot find package'), { code: 'ERR_MODULE_NOT_FOUND' })
    await assert.rejects(
      loadAcme(() => Promise.reject(missing)),
      /npm install acme-client/,
    )
  })
})

describe('certificates that nobody trusts any more', async () => {
  it('are not served from the storage, and that is said', async () => {
    const storage = await STORAGES['a folder']!()
    const keys = generateKey()
    const pair = await (
      await createAuthority(['app.example.org', '127.0.0.1'], Date.now() - 900 * DAY)
    ).issue(['app.example.org'])
    await sealed(storage, parseKeyring(keys)).write('certificate', pair)
    const reports: string[] = []
    const certificates = await acmeCertificates({
      ...{ names: ['app.example.org'], directory: 'https://127.0.0.1:14000/dir', termsAgreed: true, keys, storage },
      report: ({ type }) => void reports.push(type),
    })
    assert.deepEqual(certificates.pairs(), [])
    assert.deepEqual(reports, ['tls_certificate_refused'])
    await certificates.stop()
  })
})
