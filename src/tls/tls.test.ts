import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import { connect, createServer, type ConnectionOptions } from 'node:tls'
import { createAuthority } from './authority.ts'
import { certificateFiles } from './files.ts'
import { loadX509 } from './load-x509.ts'
import { localCertificate } from './local.ts'
import { certificateBlocks } from './pem.ts'
import { tlsOptions, type CertificatePair } from './server.ts'

const root = mkdtempSync(join(tmpdir(), 'holdfast-tls-test-'))
after(() => rmSync(root, { recursive: true, force: true }))

let folders = 0
const newFolder = () => join(root, `folder-${++folders}`)
const DAY = 86_400_000

const write = (name: string, text: string, mode = 0o600) => {
  const path = join(root, name)
  writeFileSync(path, text, { mode })
  return path
}

interface Handshake {
  protocol: string | null
  cipher: string
  group: string
  alpn: string | false | null
}

/** One real handshake on loopback; rejects with the client's error. */
async function handshake(pair: CertificatePair, client: ConnectionOptions): Promise<Handshake> {
  const server = createServer(tlsOptions(pair), (socket) => socket.end())
  server.on('tlsClientError', () => {})
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  assert.ok(address !== null && typeof address === 'object')
  const { port } = address
  const socket = connect({ port, host: '127.0.0.1', servername: 'localhost', ...client })
  try {
    await once(socket, 'secureConnect')
    const exchange = socket.getEphemeralKeyInfo()
    const group = exchange !== null && 'name' in exchange ? String(exchange.name) : ''
    return { protocol: socket.getProtocol(), cipher: socket.getCipher().name, group, alpn: socket.alpnProtocol }
  } finally {
    socket.destroy()
    server.close()
  }
}

describe('localCertificate', () => {
  it('is verified by a client that trusts its authority, for localhost, 127.0.0.1 and ::1, and by no other client', async () => {
    const folder = newFolder()
    const local = await localCertificate(folder)
    assert.equal(local.created, true)
    assert.equal((await handshake(local, { ca: local.ca, servername: 'localhost' })).protocol, 'TLSv1.3')
    const leaf = new X509Certificate(local.cert)
    for (const address of ['127.0.0.1', '::1']) assert.equal(leaf.checkIP(address), address)
    await handshake(local, {
      ca: local.ca,
      servername: '',
      checkServerIdentity: (_, { subjectaltname }) => {
        assert.equal(subjectaltname, 'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1')
        return undefined
      },
    })
    await assert.rejects(handshake(local, {}), { code: /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/ })
    await assert.rejects(handshake(local, { ca: local.ca, servername: 'example.com' }), { code: 'ERR_TLS_CERT_ALTNAME_INVALID' })
    const other = await localCertificate(newFolder())
    await assert.rejects(handshake(local, { ca: other.ca }), { code: /UNABLE_TO_VERIFY|UNABLE_TO_GET_ISSUER/ })
  })

  it('is the same at the next start, kept in files that only their owner reads, without the key of the authority', async () => {
    const folder = newFolder()
    const first = await localCertificate(folder)
    const second = await localCertificate(folder)
    assert.deepEqual(second, { ...first, created: false })
    assert.deepEqual(readdirSync(folder).toSorted(), ['ca.pem', 'localhost.pem'])
    assert.equal(statSync(folder).mode & 0o777, 0o700)
    for (const file of readdirSync(folder)) assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600)
    assert.equal(readFileSync(first.caFile, 'utf8'), first.ca)
    const bundle = readFileSync(join(folder, 'localhost.pem'), 'utf8')
    assert.equal(bundle.split('PRIVATE KEY-----').length - 1, 2) // one begin, one end
    assert.equal(first.fingerprint256, new X509Certificate(first.cert).fingerprint256)
  })

  it('lasts 825 days and is made again 30 days before its end', async () => {
    const folder = newFolder()
    let time = Date.UTC(2027, 0, 1)
    const now = () => time
    const first = await localCertificate(folder, { now })
    for (const pem of [first.cert, first.ca]) {
      const { validFromDate, validToDate } = new X509Certificate(pem)
      assert.ok(validFromDate.getTime() < time)
      assert.equal(validToDate.getTime() - validFromDate.getTime(), 825 * DAY - 1000)
    }
    time += 794 * DAY
    assert.equal((await localCertificate(folder, { now })).created, false)
    time += DAY
    const next = await localCertificate(folder, { now })
    assert.equal(next.created, true)
    assert.notEqual(next.ca, first.ca)
    assert.equal(readFileSync(next.caFile, 'utf8'), next.ca)
  })

  it('is made again for other names, and when its file is damaged, exchanged, or readable by others', async () => {
    const folder = newFolder()
    const file = join(folder, 'localhost.pem')
    const names = ['shop.localhost', 'Admin.Test', '127.0.0.2']
    const first = await localCertificate(folder)
    const named = await localCertificate(folder, { names })
    assert.equal(named.created, true)
    assert.equal((await localCertificate(folder, { names })).created, false)
    await handshake(named, { ca: named.ca, servername: 'admin.test' })
    await handshake(named, { ca: named.ca, servername: 'shop.localhost' })
    for (const damage of [
      () => writeFileSync(file, named.key + first.cert + named.ca),
      () => writeFileSync(file, named.key + named.cert + first.ca),
      () => writeFileSync(file, named.cert.slice(0, 100)),
      () => writeFileSync(file, ''),
      () => writeFileSync(file, 'x'.repeat(100_000)),
      () => chmodSync(file, 0o644),
      () => {
        rmSync(file)
        symlinkSync('/dev/zero', file)
      },
    ]) {
      damage()
      const again = await localCertificate(folder, { names })
      assert.equal(again.created, true)
      assert.equal((await localCertificate(folder, { names })).created, false)
      assert.equal(statSync(file).mode & 0o777, 0o600)
    }
    rmSync(named.caFile)
    assert.equal(existsSync((await localCertificate(folder, { names })).caFile), true)
  })

  it('is one certificate for many that start at once in an empty folder', async () => {
    const folder = newFolder()
    const all = await Promise.all(Array.from({ length: 6 }, () => localCertificate(folder)))
    assert.equal(all.filter(({ created }) => created).length, 1)
    assert.equal(new Set(all.map(({ fingerprint256 }) => fingerprint256)).size, 1)
    assert.deepEqual(readdirSync(folder).toSorted(), ['ca.pem', 'localhost.pem'])
  })

  it('refuses names that are not local, and folders in which others may write', async () => {
    for (const name of [
      'example.com',
      'localhost.example.com',
      '*.localhost',
      'a b.localhost',
      '192.168.0.1',
      '128.0.0.1',
      '::2',
      '',
      '.localhost',
      'x'.repeat(300),
    ])
      await assert.rejects(localCertificate(newFolder(), { names: [name] }), /names under .localhost/)
    await assert.rejects(
      localCertificate(newFolder(), { names: Array.from({ length: 40 }, (_, i) => `a${i}.localhost`) }),
      /at most 32/,
    )
    const open = newFolder()
    mkdirSync(open)
    chmodSync(open, 0o777)
    await assert.rejects(localCertificate(open), /Others may write/)
    const linked = newFolder()
    symlinkSync(root, linked)
    await assert.rejects(localCertificate(linked), /is a link/)
  })

  it('trusts its authority for nothing else: a certificate for another name or address is refused', async () => {
    const authority = await createAuthority(['localhost', '127.0.0.1', '::1'], Date.now())
    const { ca } = authority
    const fits = await authority.issue(['localhost', '127.0.0.1', '::1', 'deep.under.localhost'])
    await handshake(fits, { ca })
    for (const name of ['example.com', '10.0.0.1', 'notlocalhost', 'localhost.example.com'])
      await assert.rejects(handshake(await authority.issue(['localhost', name]), { ca }), /permitted subtree violation/, name)
  })

  it('leaves Reflect as it was, and says what to install when the library is missing', () => {
    const before = Reflect.ownKeys(Reflect)
    loadX509()
    const missing = Object.assign(new Error('Cannot find module'), { code: 'MODULE_NOT_FOUND' })
    assert.throws(
      () =>
        loadX509(() => {
          throw missing
        }),
      /npm install --save-dev @peculiar\/x509/,
    )
    assert.deepEqual(Reflect.ownKeys(Reflect), before)
  })
})

describe('certificateFiles', async () => {
  const authority = await createAuthority(['localhost', '127.0.0.1'], Date.now())
  const one = await authority.issue(['localhost'])
  const two = await authority.issue(['localhost'])
  const cert = write('cert.pem', one.cert)
  const key = write('key.pem', one.key)

  it('reads a certificate with its chain and its key', async () => {
    const chain = await certificateFiles(write('chain.pem', `# comment\r\n${one.cert}${authority.ca}`), key)
    assert.equal(chain.fingerprint256, new X509Certificate(one.cert).fingerprint256)
    assert.equal(chain.expires, new X509Certificate(one.cert).validToDate.getTime())
    assert.equal(chain.keyIsWorldReadable, false)
    assert.equal((await handshake(chain, { ca: authority.ca })).protocol, 'TLSv1.3')
    assert.equal((await certificateFiles(cert, write('open.pem', one.key, 0o644))).keyIsWorldReadable, true)
  })

  it('says what is wrong, without showing the key', async () => {
    const later = { now: () => Date.now() + 826 * DAY }
    const locked = String(
      createPrivateKey(one.key).export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: 'open sesame' }),
    )
    const cases: [RegExp, string, string, { now: () => number }?][] = [
      [/cannot be read: ENOENT/, join(root, 'none.pem'), key],
      [/private key cannot be read: EISDIR/, cert, root],
      [/holds no certificate/, write('empty.pem', ''), key],
      [/holds no certificate/, key, key],
      [/certificate that cannot be read/, write('bad.pem', one.cert.replace(/\n..../, '\n!!!!')), key],
      [/holds no private key/, cert, cert],
      [/It is encrypted/, cert, write('locked.pem', locked)],
      [/is not the key of the certificate/, cert, write('two.pem', two.key)],
      [/not the first/, write('order.pem', authority.ca + one.cert), key],
      [/expired on/, cert, key, later],
      [/valid only from/, cert, key, { now: () => Date.now() - DAY }],
      [/more than the 262144/, write('large.pem', 'x'.repeat(300_000)), key],
    ]
    for (const [message, certPath, keyPath, options] of cases)
      await assert.rejects(certificateFiles(certPath, keyPath, options), (error: Error) => {
        assert.match(error.message, message)
        return !error.message.includes(one.key.split('\n')[1] ?? '')
      })
  })

  it('names the certificate, each time, when both files are gone', async () => {
    for (let run = 0; run < 50; run += 1)
      await assert.rejects(
        certificateFiles(join(root, 'no.pem'), join(root, 'no.key')),
        /^Error: The certificate cannot be read.*no\.pem/,
      )
  })

  it('cuts PEM text in linear time, whatever it holds', () => {
    assert.equal(certificateBlocks('-----BEGIN CERTIFICATE-----'.repeat(20_000)).length, 0)
    assert.equal(certificateBlocks(one.cert + one.key + authority.ca).length, 2)
  })
})

describe('tlsOptions', async () => {
  const authority = await createAuthority(['localhost', '127.0.0.1'], Date.now())
  const pair = await authority.issue(['localhost'])
  const { ca } = authority

  it('speaks TLS 1.2 and 1.3 with forward secrecy and authenticated ciphers', async () => {
    const modern = await handshake(pair, { ca, ALPNProtocols: ['h2', 'http/1.1'] })
    assert.equal(modern.protocol, 'TLSv1.3')
    assert.equal(modern.alpn, 'http/1.1')
    assert.equal(modern.group, 'X25519MLKEM768')
    const older = await handshake(pair, { ca, maxVersion: 'TLSv1.2' })
    assert.equal(older.protocol, 'TLSv1.2')
    assert.match(older.cipher, /^ECDHE-ECDSA-.*(?:GCM|CHACHA20)/)
  })

  it('refuses TLS 1.1, ciphers with CBC or without forward secrecy, and protocols it does not offer', async () => {
    const weak = 'DEFAULT@SECLEVEL=0'
    await assert.rejects(handshake(pair, { ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: weak }), {
      code: /PROTOCOL_VERSION|ECONNRESET/,
    })
    for (const ciphers of ['ECDHE-ECDSA-AES128-SHA256', 'AES128-GCM-SHA256'])
      await assert.rejects(handshake(pair, { ca, maxVersion: 'TLSv1.2', ciphers: `${ciphers}:@SECLEVEL=0` }), {
        code: /HANDSHAKE_FAILURE/,
      })
    await assert.rejects(handshake(pair, { ca, ALPNProtocols: ['h2'] }), { code: /NO_APPLICATION_PROTOCOL/ })
  })
})
