/** One certificate for several hosts, and the moment its authority suggests for its renewal: against Pebble, with real processes. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { generateKey } from '../src/crypto/keyring.ts'
import { openDatabase, type Database } from '../src/store/index.ts'
import { migrate } from '../src/store/migrate.ts'
import { atomicMigrations } from '../src/store/sql-atomic.ts'
import { databaseStorage } from '../src/tls/index.ts'
import { certificateId } from '../src/tls/acme/renewal.ts'
import { acmeFront } from './support/acme-front.ts'
import { acmeSite } from './support/acme.ts'
import { pebblePath, startPebble } from './support/pebble.ts'
import { freshPostgres, postgresUrl } from './support/services.ts'

const [found, postgres] = [await pebblePath(), await postgresUrl()]
const folder = mkdtempSync(join(tmpdir(), 'holdfast-hosts-'))
const closing: (() => Promise<unknown>)[] = [async () => rmSync(folder, { recursive: true })]
after(async () => {
  for (const close of closing.toReversed()) await close()
})

const ALWAYS = { PEBBLE_VA_ALWAYS_VALID: '1' }

/** A process of its own; its lines once it has ended. */
async function elsewhere(setting: object): Promise<string[]> {
  const file = join(folder, `${Math.random()}.json`)
  writeFileSync(file, JSON.stringify(setting), { mode: 0o600 })
  const flags = ['--conditions=holdfast-source', '--disable-warning=ExperimentalWarning']
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'support/acme-process.ts'), file])
  let [out, complaints] = ['', '']
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()))
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()))
  const [code] = (await once(child, 'close')) as [number]
  assert.equal(code, 0, complaints)
  return out.trim().split('\n')
}

async function oneOrder(setting: { readonly database: string; readonly folder: string }): Promise<void> {
  const pebble = await startPebble({ faults: ALWAYS })
  closing.push(() => pebble.stop())
  const shared = { ...setting, directory: pebble.directory, outbound: pebble.outbound, keys: generateKey() }
  const all = await Promise.all(Array.from({ length: 3 }, () => elsewhere(shared)))
  const lines = all.flat()
  assert.equal(lines.filter((line) => line === 'tls_certificate_obtained').length, 1, lines.join('\n'))
  assert.equal(lines.filter((line) => line === 'tls_renewal_failed').length, 0, lines.join('\n'))
  const served = lines.filter((line) => line.startsWith('serves '))
  assert.deepEqual([served.length, new Set(served).size], [3, 1])
}

describe('three processes that need the same certificate', { skip: 'skip' in found && found.skip }, () => {
  it('make one order, with a folder', () => oneOrder({ database: '', folder: join(folder, 'shared') }))

  it('make one order, with an embedded database', async () => {
    const path = join(folder, 'hosts.sqlite')
    await prepared(await openDatabase(path))
    await oneOrder({ database: path, folder: '' })
  })

  it('make one order, with PostgreSQL', { skip: 'skip' in postgres && postgres.skip }, async () => {
    const database = await freshPostgres()
    closing.push(() => database.close())
    await migrate(database, atomicMigrations)
    await oneOrder({ database: database.url, folder: '' })
  })
})

async function prepared(database: Database): Promise<void> {
  await migrate(database, atomicMigrations)
  await database.close()
}

describe('a certificate that several hosts share', { skip: 'skip' in found && found.skip }, () => {
  it('is renewed by one, answered for by another, and served by all', async () => {
    const database = await openDatabase(':memory:')
    closing.push(() => database.close())
    await migrate(database, atomicMigrations)
    const storage = databaseStorage(database)
    const [asking, answering] = [await acmeSite(), await acmeSite()]
    // The authority comes to the other host: what the first has announced must be known there.
    const pebble = await startPebble({ tlsPort: answering.tlsPort, httpPort: answering.httpPort })
    closing.push(() => Promise.all([asking.close(), answering.close(), pebble.stop()]))
    const keys = generateKey()
    for (const challenge of ['http-01', 'tls-alpn-01'] as const) {
      const own = { storage, keys, challenges: [challenge], every: 100 }
      const [one, other] = [await asking.open(pebble, own), await answering.open(pebble, own)]
      await one.renew()
      await other.tick()
      const [first, second] = [await one.status(), await other.status()]
      assert.equal(first.certificate!.fingerprint256, second.certificate!.fingerprint256)
      await Promise.all([one.stop(), other.stop()])
    }
    assert.equal(asking.reports.filter(({ type }) => type === 'tls_certificate_obtained').length, 2)
    assert.equal(answering.reports.filter(({ type }) => type === 'tls_certificate_obtained').length, 0)
  })
})

describe('renewal information (ARI)', { skip: 'skip' in found && found.skip }, () => {
  it('moves the renewal into the window, and the order says what it replaces', async () => {
    const pebble = await startPebble({ faults: ALWAYS })
    const [front, site] = [await acmeFront(pebble), await acmeSite()]
    closing.push(() => Promise.all([front.close(), site.close(), pebble.stop()]))
    let time = Date.now() + 60_000 // what is issued now is valid already
    const hour = 3_600_000
    front.suggest({ start: time + 10 * hour, end: time + 20 * hour })
    const certificates = await site.open(front, { now: () => time, random: () => 0.5, names: ['a.test'] })
    await certificates.ready()
    const first = (await certificates.status()).certificate!
    await certificates.tick()
    assert.deepEqual(front.asked, [certificateId(first.cert)])
    assert.ok(Math.abs((await certificates.status()).renewal!.at - (time + 15 * hour)) < 1000)

    // Revoked meanwhile: the window lies in the past, and that is heard at the next question, after six hours.
    const explanation = 'https://ca.example/revoked?list=7'
    front.suggest({ start: time - 2 * hour, end: time - hour, explanation })
    time += 5 * hour
    await certificates.tick()
    assert.equal((await certificates.status()).certificate!.fingerprint256, first.fingerprint256)
    time += 1.1 * hour
    await certificates.tick()
    assert.notEqual((await certificates.status()).certificate!.fingerprint256, first.fingerprint256)
    assert.deepEqual(front.orders, [undefined, certificateId(first.cert)])
    const obtained = site.reports.filter(({ type }) => type === 'tls_certificate_obtained')
    assert.deepEqual(
      obtained.map(({ data }) => data['explanation']),
      [undefined, explanation],
    )
    // Of a certificate that has ended nothing is asked.
    front.asked.length = 0
    time = (await certificates.status()).certificate!.expires + hour
    await certificates.tick()
    assert.deepEqual(front.asked, [])
  })

  it('is not spoken of in an order where the authority has none, nor tried a second time where it wants to be left alone', async () => {
    const pebble = await startPebble({ faults: ALWAYS })
    const [without, limited] = [await acmeFront(pebble, { ari: false }), await acmeFront(pebble)]
    const [one, other] = [await acmeSite(), await acmeSite()]
    closing.push(() => Promise.all([without.close(), limited.close(), one.close(), other.close(), pebble.stop()]))
    const plain = await one.open(without, { names: ['a.test'] })
    await plain.ready()
    await plain.renew()
    assert.deepEqual(without.orders, [undefined, undefined])

    limited.refuseReplaces('rateLimited')
    let time = Date.now() + 60_000
    const certificates = await other.open(limited, { names: ['a.test'], now: () => time, random: () => 0.5 })
    await certificates.ready()
    const { certificate } = await certificates.status()
    time = certificate!.begins + (certificate!.expires - certificate!.begins) * 0.7
    await certificates.tick()
    assert.deepEqual(limited.orders, [undefined, certificateId(certificate!.cert)])
    const { renewal } = await certificates.status()
    assert.ok(renewal!.notBefore >= time + 7_200_000) // as long as it wishes
    assert.equal(other.reports.at(-1)!.type, 'tls_renewal_failed')
  })

  it('may fail, or refuse the replacement, and the renewal is made all the same', async () => {
    const pebble = await startPebble({ faults: ALWAYS })
    const [front, site] = [await acmeFront(pebble), await acmeSite()]
    closing.push(() => Promise.all([front.close(), site.close(), pebble.stop()]))
    front.suggest(undefined)
    front.refuseReplaces()
    const certificates = await site.open(front, { names: ['a.test'] })
    await certificates.ready()
    await certificates.tick()
    const { certificate, renewal } = await certificates.status()
    const life = certificate!.expires - certificate!.begins
    assert.ok(renewal!.at > certificate!.begins + life * 0.6 && renewal!.at < certificate!.begins + life * 0.67)
    await certificates.renew()
    assert.deepEqual(front.orders, [undefined, certificateId(certificate!.cert), undefined])
    assert.notEqual((await certificates.status()).certificate!.fingerprint256, certificate!.fingerprint256)
  })
})
