/** A pair that browsers would refuse is refused here, with what to do. */
import assert from 'node:assert/strict'
import { generateKeyPairSync, KeyObject, webcrypto, X509Certificate } from 'node:crypto'
import { describe, it } from 'node:test'
import type { X509Certificate as Made } from '@peculiar/x509'
import { checkedPair } from './checked-pair.ts'
import { loadX509 } from './load-x509.ts'

const x509 = loadX509()
const EC = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const [FROM, TO] = [new Date(Date.now() - 60_000), new Date(Date.now() + 86_400_000)]
let serial = 1

interface Issued {
  readonly certificate: Made
  readonly keys: webcrypto.CryptoKeyPair
  readonly cert: string
  readonly key: string
}

/** Signed by `by`, or by itself. */
async function issue(
  name: string,
  by?: Issued,
  more: readonly string[] = [],
  algorithm: webcrypto.AlgorithmIdentifier = EC,
): Promise<Issued> {
  const keys = (await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])) as webcrypto.CryptoKeyPair
  const certificate = await x509.X509CertificateGenerator.create({
    ...{ subject: `CN=${name}`, issuer: by?.certificate.subject ?? `CN=${name}`, serialNumber: String(serial++) },
    ...{ notBefore: FROM, notAfter: TO, publicKey: keys.publicKey, signingKey: (by ?? { keys }).keys.privateKey },
    ...(algorithm === EC && { signingAlgorithm: EC }),
    extensions: [
      new x509.SubjectAlternativeNameExtension([{ type: 'dns', value: name }]),
      ...more.map((oid) => new x509.Extension(oid, false, new Uint8Array([4, 0]))),
    ],
  })
  const key = String(KeyObject.from(keys.privateKey).export({ type: 'pkcs8', format: 'pem' }))
  return { certificate, keys, cert: `${certificate.toString('pem')}\n`, key }
}

const root = await issue('root.test')
const [between, other] = [await issue('between.test', root), await issue('between.test', root)]
const SIGNED_TIMESTAMPS = '1.3.6.1.4.1.11129.2.4.2'
const leaf = await issue('app.test', between)
const refused = (pair: { readonly key: string; readonly cert: string }, why: RegExp) =>
  assert.throws(
    () => checkedPair(pair),
    (error: Error) => why.test(error.message) && !error.message.includes(leaf.key.split('\n')[1]!),
    String(why),
  )

describe('the chain of a certificate', () => {
  it('holds the one that issued it, if it holds any: one of the same name is none', () => {
    assert.deepEqual(checkedPair({ key: leaf.key, cert: leaf.cert + between.cert }).names, ['app.test'])
    assert.deepEqual(checkedPair({ key: leaf.key, cert: leaf.cert + root.cert + between.cert }).names, ['app.test'])
    for (const wrong of [other, root])
      refused(
        { key: leaf.key, cert: leaf.cert + wrong.cert },
        /none is of its issuer, CN=between\.test.*the chain that was issued/,
      )
    assert.deepEqual(checkedPair({ key: root.key, cert: root.cert + root.cert }).names, ['root.test'])
  })

  it('is not left out of a public certificate; one of an authority of one’s own may be alone', async () => {
    assert.deepEqual(checkedPair(leaf).names, ['app.test'])
    const logged = await issue('app.test', between, [SIGNED_TIMESTAMPS])
    refused(logged, /the server's own certificate alone.*fullchain\.pem/)
    assert.deepEqual(checkedPair({ key: logged.key, cert: logged.cert + between.cert }).names, ['app.test'])
  })
})

describe('what is given by mistake', () => {
  const der = (pem: string) => Buffer.from(pem.replaceAll(/-----.*-----|\s/g, ''), 'base64').toString('utf8')

  it('is named: binary files, a request, and the two in the wrong order', () => {
    assert.ok(new X509Certificate(leaf.cert))
    refused({ key: leaf.key, cert: der(leaf.cert) }, /It is binary.*openssl pkcs12 -in FILE -nokeys/)
    refused({ key: der(leaf.key), cert: leaf.cert }, /It is binary.*openssl pkcs12 -in FILE -nocerts/)
    refused({ key: leaf.key, cert: '-----BEGIN CERTIFICATE REQUEST-----\n' }, /It is a request/)
    refused({ key: leaf.cert, cert: leaf.key }, /It is a certificate: that comes first/)
    refused({ key: leaf.key, cert: leaf.key }, /It is a key: the certificate comes first/)
  })

  it('is a key of a kind that browsers do not take', async () => {
    refused(await issue('app.test', undefined, [], { name: 'Ed25519' }), /a key of the kind ed25519, which browsers do not take/)
    const { privateKey } = generateKeyPairSync('ed25519')
    refused({ key: privateKey.export({ type: 'pkcs8', format: 'pem' }) as string, cert: leaf.cert }, /is not the key/)
  })
})
