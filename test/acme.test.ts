/** Certificates by ACME, against Pebble with its faults on: a real authority that asks our own server. */
import assert from 'node:assert/strict'
import http2 from 'node:http2'
import { after, describe, it } from 'node:test'
import { once } from 'node:events'
import { acmeSite, type Site } from './support/acme.ts'
import { handshake } from './support/handshake.ts'
import { pebblePath, startPebble, type Pebble, type PebbleSetting } from './support/pebble.ts'

const found = await pebblePath()
const closing: { close(): Promise<void> }[] = []
after(async () => {
  for (const each of closing) await each.close()
})

async function siteAndPebble(
  faults: PebbleSetting['faults'] = {},
  ports?: Partial<PebbleSetting>,
): Promise<{ site: Site; pebble: Pebble }> {
  const site = await acmeSite()
  const pebble = await startPebble({ tlsPort: site.tlsPort, httpPort: site.httpPort, faults, ...ports })
  closing.push({ close: async () => void (await Promise.all([site.close(), pebble.stop()])) })
  return { site, pebble }
}

const typesOf = ({ reports }: Site) => reports.map(({ type }) => type)

describe('certificates by ACME', { skip: 'skip' in found && found.skip }, () => {
  it('come by TLS-ALPN-01 on the port that serves HTTP/2, though half of all nonces are refused and validation is slow', async () => {
    const { site, pebble } = await siteAndPebble({
      PEBBLE_WFE_NONCEREJECT: '50',
      PEBBLE_VA_NOSLEEP: '0',
      PEBBLE_VA_SLEEPTIME: '1',
    })
    await assert.rejects(handshake(site.tlsPort, 'a.test'), /handshake failure|ECONNRESET/i)
    const certificates = await site.open(pebble, { challenges: ['tls-alpn-01'] })
    await certificates.ready()
    const ca = await pebble.root()
    for (const name of ['a.test', 'b.test'])
      for (const [offered, spoken] of [
        [['h2', 'http/1.1'], 'h2'],
        [['http/1.1'], 'http/1.1'],
      ] as const) {
        const { alpn, certificate } = await handshake(site.tlsPort, name, { ca, ALPNProtocols: [...offered] })
        assert.deepEqual([alpn, certificate.subjectaltname], [spoken, 'DNS:a.test, DNS:b.test'])
      }
    assert.deepEqual(typesOf(site), ['tls_certificate_obtained', 'tls_certificate_loaded'])
    // Nothing is asked about any more.
    await assert.rejects(handshake(site.tlsPort, 'a.test', { ALPNProtocols: ['acme-tls/1'] }), /no application protocol/i)
  })

  it('come by HTTP-01 from the listener that leads to https, and are stored for the next start', async () => {
    const { site, pebble } = await siteAndPebble()
    const certificates = await site.open(pebble, { challenges: ['http-01'] })
    await certificates.ready()
    const first = (await certificates.status()).certificate!
    await certificates.stop()
    await pebble.stop() // the authority is down, and that is no reason not to start
    const again = await site.open(pebble)
    await again.ready()
    assert.equal((await again.status()).certificate!.fingerprint256, first.fingerprint256)
    assert.equal((await handshake(site.tlsPort, 'b.test')).certificate.fingerprint256, first.fingerprint256)
  })

  it('are renewed with the same account while connections stay open, also when the authority remembers its validations', async () => {
    const { site, pebble } = await siteAndPebble({ PEBBLE_AUTHZREUSE: '100' })
    let time = Date.now() + 60_000 // what is issued now is valid already
    const certificates = await site.open(pebble, { now: () => time })
    await certificates.ready()
    const ca = await pebble.root()
    const client = http2.connect(`https://127.0.0.1:${site.tlsPort}`, { ca, servername: 'a.test' })
    const ask = async () => {
      const stream = client.request({ ':path': '/', ':authority': 'a.test' })
      const [head] = (await once(stream, 'response')) as [http2.IncomingHttpHeaders]
      stream.resume()
      return head[':status']
    }
    assert.equal(await ask(), 200)
    const before = (await certificates.status()).certificate!
    await certificates.tick()
    assert.equal(typesOf(site).filter((type) => type === 'tls_certificate_obtained').length, 1)
    time = before.begins + (before.expires - before.begins) * 0.7
    await certificates.tick()
    const next = (await certificates.status()).certificate!
    assert.notEqual(next.fingerprint256, before.fingerprint256)
    assert.equal((await handshake(site.tlsPort, 'a.test')).certificate.fingerprint256, next.fingerprint256)
    assert.equal(await ask(), 200) // on the connection from before
    client.close()
    assert.deepEqual(pebble.log().match(/There are now \d+ accounts/g), ['There are now 1 accounts'])
  })

  it('that are not given are tried again later, with why in the log and the one from before in place', async () => {
    const { site, pebble } = await siteAndPebble({}, { httpPort: 1, tlsPort: 1 })
    let time = Date.now()
    const certificates = await site.open(pebble, { now: () => time, random: () => 0.5 })
    await assert.rejects(certificates.ready(), /no certificate for a\.test, b\.test, and none was given/)
    const [report] = site.reports
    assert.deepEqual([report!.type, report!.level, report!.data['failures']], ['tls_renewal_failed', 'critical', 1])
    assert.match(String(report!.data['reason']), /^[ab]\.test was not validated: .*connect/i)
    await certificates.tick()
    assert.equal(site.reports.length, 1) // it waits
    time += 5 * 60_000
    await certificates.tick()
    assert.equal(site.reports.at(-1)!.data['failures'], 2)
    const { renewal } = await certificates.status()
    assert.equal(renewal!.notBefore - time, 10 * 60_000)
  })
})
