/**
 * A small certificate authority that lives for one call: it signs itself, issues certificates, and is forgotten.
 * Source: RFC 5280; CA/Browser Forum Baseline Requirements 7.1.2 for the profile of the certificates.
 */
import { KeyObject, randomBytes, webcrypto } from 'node:crypto'
import { isIP } from 'node:net'
import { loadX509 } from './load-x509.ts'
import { NAME_CONSTRAINTS, permittedNames } from './name-constraints.ts'

export interface Authority {
  /** The authority's own certificate, PEM. */
  readonly ca: string
  /** A new key and a certificate for these names, PEM. */
  issue(names: readonly string[]): Promise<{ key: string; cert: string }>
}

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const DAY = 86_400_000
const LIFETIME = 825 * DAY // the longest that Apple's systems accept
const CLOCK_SKEW = 5 * 60_000
const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'

/**
 * Makes the authority. It may vouch only for `permitted` (host names with their subdomains, and addresses), only for servers, and for no
 * other authority. Its key cannot be exported; when the returned object is dropped, nobody can issue anything with it any more.
 */
export async function createAuthority(permitted: readonly string[], now: number): Promise<Authority> {
  const x509 = loadX509()
  const notBefore = new Date(now - CLOCK_SKEW)
  const notAfter = new Date(notBefore.getTime() + LIFETIME - 1000) // both ends count as valid
  const dates = { notBefore, notAfter, signingAlgorithm: ALGORITHM }
  const keys = await webcrypto.subtle.generateKey(ALGORITHM, false, ['sign', 'verify'])
  // A name of its own each time: browsers tell authorities apart by name, and an older one may still be trusted.
  const name = `CN=Holdfast local ${randomBytes(4).toString('hex')}`
  const ca = await x509.X509CertificateGenerator.createSelfSigned({
    ...dates,
    name,
    serialNumber: serialNumber(),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, 0, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign, true),
      new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
      new x509.Extension(NAME_CONSTRAINTS, true, permittedNames(permitted)),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })

  return {
    ca: `${ca.toString('pem')}\n`,
    async issue(names) {
      const leaf = await webcrypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify'])
      const cert = await x509.X509CertificateGenerator.create({
        ...dates,
        subject: `CN=${names[0]}`,
        issuer: ca.subject,
        serialNumber: serialNumber(),
        publicKey: leaf.publicKey,
        signingKey: keys.privateKey,
        extensions: [
          new x509.BasicConstraintsExtension(false, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([SERVER_AUTH]),
          new x509.SubjectAlternativeNameExtension(names.map((value) => ({ type: isIP(value) === 0 ? 'dns' : 'ip', value }))),
          await x509.SubjectKeyIdentifierExtension.create(leaf.publicKey),
          await x509.AuthorityKeyIdentifierExtension.create(keys.publicKey),
        ],
      })
      const key = KeyObject.from(leaf.privateKey).export({ type: 'pkcs8', format: 'pem' })
      return { key: String(key), cert: `${cert.toString('pem')}\n` }
    },
  }
}

/** 127 random bits that make a positive number without leading zeros (RFC 5280 section 4.1.2.2). */
function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x40
  return bytes.toString('hex')
}
