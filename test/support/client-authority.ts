/** A certificate authority for services, as an operator would have one: issues certificates of clients, and revokes them. */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { loadX509 } from '../../src/tls/load-x509.ts'

export interface Issued {
  readonly key: string
  readonly cert: string
  readonly serialNumber: string
}

export interface ClientAuthority {
  /** PEM. */
  readonly ca: string
  issue(
    names: readonly { readonly type: 'dns' | 'url' | 'email'; readonly value: string }[],
    options?: IssueOptions,
  ): Promise<Issued>
  /** A revocation list, PEM, good for a day. */
  revoke(...serialNumbers: readonly string[]): Promise<string>
}

interface IssueOptions {
  /** For what it may be used. @default clients */
  readonly usage?: 'clientAuth' | 'serverAuth'
  readonly expires?: Date
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const USAGES = { serverAuth: '1.3.6.1.5.5.7.3.1', clientAuth: '1.3.6.1.5.5.7.3.2' }
const DAY = 86_400_000

export async function clientAuthority(): Promise<ClientAuthority> {
  const x509 = loadX509()
  const dates = { notBefore: new Date(Date.now() - DAY), notAfter: new Date(Date.now() + DAY), signingAlgorithm: ALGORITHM }
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
  const serial = () => `40${randomBytes(8).toString('hex')}`
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    name: `CN=Services ${randomBytes(4).toString('hex')}`,
    serialNumber: serial(),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return {
    ca: ca.toString('pem'),
    async issue(names, { usage = 'clientAuth', expires } = {}) {
      const own = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
      const serialNumber = serial()
      const cert = await x509.X509CertificateGenerator.create({
        ...dates,
        ...(expires && { notAfter: expires }),
        subject: 'CN=admin',
        issuer: ca.subject,
        serialNumber,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([USAGES[usage]]),
          new x509.SubjectAlternativeNameExtension([...names]),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      const key = KeyObject.from(own.privateKey).export({ type: 'pkcs8', format: 'pem' }) as string
      return { key, cert: cert.toString('pem'), serialNumber }
    },
    async revoke(...serialNumbers) {
      const list = await x509.X509CrlGenerator.create({
        issuer: ca.subject,
        thisUpdate: new Date(Date.now() - DAY / 2),
        nextUpdate: new Date(Date.now() + DAY),
        signingAlgorithm: ALGORITHM,
        signingKey: keys.privateKey,
        entries: serialNumbers.map((serialNumber) => ({ serialNumber, revocationDate: new Date(Date.now() - DAY / 2) })),
      })
      // RFC 7468 section 6: the label that everybody else writes.
      return list.toString('pem').replaceAll(' CRL-', ' X509 CRL-')
    },
  }
}
