/**
 * A certificate with its key, looked at before it is served: that they belong together, are valid now, strong enough, and for the right name.
 * Source: RFC 5280; NIST SP 800-131A and CA/Browser Forum Baseline Requirements 6.1.5 and 7.1.3 (sizes, no SHA-1); OWASP ASVS 5.0 12.1, 12.2.2.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { isIP } from 'node:net'
import { createSecureContext } from 'node:tls'
import { altNames } from './alt-names.ts'
import { extensionOf } from './der.ts'
import { certificateBlocks } from './pem.ts'
import { tlsOptions, type CertificatePair } from './server.ts'

export interface CheckedPair extends CertificatePair {
  /** SHA-256 of the certificate, as browsers show it: `AB:CD:…`. */
  readonly fingerprint256: string
  /** Milliseconds since 1970 from which the server's own is valid. */
  readonly begins: number
  /** Milliseconds since 1970 at which the first certificate of the chain expires. */
  readonly expires: number
  /** Host names and addresses of the server's own. */
  readonly names: readonly string[]
}

export interface PairSetting {
  readonly now?: (() => number) | undefined
  readonly origin?: string | undefined
  /** What the two are called in messages. @default 'The certificate' and 'the key' */
  readonly certPath?: string
  readonly keyPath?: string
}

const SERVER_AUTH = '1.3.6.1.5.5.7.3.1'
/** TLS feature, of which there is one: must-staple (RFC 7633). */
const TLS_FEATURE = '1.3.6.1.5.5.7.1.24'
/** Which logs know it: of public certificates alone, and no root issues one of those to a server (RFC 6962; Baseline Requirements 6.1.7). */
const SIGNED_TIMESTAMPS = '1.3.6.1.4.1.11129.2.4.2'
const CURVES = new Set(['prime256v1', 'secp384r1', 'secp521r1'])
const BROKEN_HASH = /sha-?1(?!\d)|md[245]/i

/** The pair, or an error that says what is wrong with it and what to do; never with the key in it. */
export function checkedPair({ cert, key: keyText }: CertificatePair, setting: PairSetting = {}): CheckedPair {
  const { now = Date.now, origin, certPath = 'The certificate', keyPath = 'The key' } = setting
  const chain = readChain(cert, certPath)
  const key = readKey(keyText, keyPath)
  const [leaf] = chain
  if (leaf === undefined) throw new Error(`${certPath} holds no certificate. ${certificateHint(cert)}`)
  if (!leaf.checkPrivateKey(key)) throw mismatch(chain, key, certPath, keyPath)
  for (const link of chain) checkDates(link, certPath, now())
  const weakness = chain.map((link) => weaknessOf(link)).find((found) => found !== undefined) ?? leafWeakness(leaf, chain, origin)
  if (weakness !== undefined) throw new Error(`${certPath} ${weakness}`)
  const pair = { key: keyText, cert }
  try {
    createSecureContext(tlsOptions(pair))
  } catch (cause) {
    throw new Error(
      `TLS does not accept ${certPath} with ${keyPath}. Most often the key is too weak: use ECDSA P-256, or RSA with 2048 bits or more.`,
      { cause },
    )
  }
  return {
    ...pair,
    fingerprint256: leaf.fingerprint256,
    begins: leaf.validFromDate.getTime(),
    expires: Math.min(...chain.map((link) => link.validToDate.getTime())),
    names: namesOf(leaf),
  }
}

/** Its DNS names and addresses, as they stand in it. */
export function namesOf(certificate: X509Certificate): readonly string[] {
  return altNames(certificate).flatMap(({ type, value }) => (type === 'DNS' || type === 'IP Address' ? value : []))
}

/** Whether the certificate is for that host name or address. */
export function coversName(certificate: X509Certificate, name: string): boolean {
  const host = name.replace(/^\[|\]$/g, '')
  return (isIP(host) === 0 ? certificate.checkHost(host, { subject: 'never' }) : certificate.checkIP(host)) !== undefined
}

/** What is too weak about a certificate of a chain, as the end of a sentence. */
function weaknessOf(link: X509Certificate): string | undefined {
  const { asymmetricKeyType: type = 'unknown', asymmetricKeyDetails: details = {} } = link.publicKey
  if (type.startsWith('rsa') && (details.modulusLength ?? 0) < 2048)
    return `has an RSA key of ${details.modulusLength} bits, too weak. Use ECDSA P-256, or RSA with 2048 bits or more.`
  if (type === 'ec' && !CURVES.has(details.namedCurve ?? ''))
    return `has a key on ${details.namedCurve}, which browsers do not take. Use ECDSA P-256.`
  if (type !== 'ec' && !type.startsWith('rsa'))
    return `has a key of the kind ${type}, which browsers do not take. Use ECDSA P-256.`
  // What an authority says of itself proves nothing, whatever signs it.
  const own = link.subject === link.issuer
  if (!own && BROKEN_HASH.test(link.signatureAlgorithm ?? ''))
    return `is signed with ${link.signatureAlgorithm}, which can be forged. Have it issued again with SHA-256.`
  return undefined
}

function leafWeakness(leaf: X509Certificate, chain: readonly X509Certificate[], origin: string | undefined): string | undefined {
  const broken = brokenChain(leaf, chain.slice(1))
  if (broken !== undefined) return broken
  if (leaf.keyUsage !== undefined && !leaf.keyUsage.includes(SERVER_AUTH))
    return 'is not for servers: its extended key usage does not name serverAuth.'
  if (extensionOf(leaf.raw, TLS_FEATURE) !== undefined)
    return 'demands a stapled OCSP answer (must-staple). Authorities end OCSP, and nothing is stapled here: have it issued again without.'
  if (origin === undefined || coversName(leaf, new URL(origin).hostname)) return undefined
  return `is for ${namesOf(leaf).join(', ') || 'no name'}, and not for ${new URL(origin).hostname} of the origin. Browsers would refuse it.`
}

/** Some browsers look for a certificate that is missing, and most programs do not: it works here, and not there. */
function brokenChain(leaf: X509Certificate, others: readonly X509Certificate[]): string | undefined {
  const issued = others.some((link) => leaf.checkIssued(link) && leaf.verify(link.publicKey))
  const issuer = leaf.issuer.replaceAll('\n', ', ')
  if (others.length > 0 && !issued && leaf.subject !== leaf.issuer)
    return `has certificates after the server's own, and none is of its issuer, ${issuer}. Give the chain that was issued with it.`
  if (others.length === 0 && extensionOf(leaf.raw, SIGNED_TIMESTAMPS) !== undefined)
    return `has the server's own certificate alone. Put the intermediate of ${issuer} after it: authorities give both as fullchain.pem.`
  return undefined
}

function readChain(text: string, path: string): X509Certificate[] {
  try {
    return certificateBlocks(text).map((block) => new X509Certificate(block))
  } catch (cause) {
    throw new Error(
      `${path} has a certificate that cannot be read. Copy the file again, or ask your certificate authority for it in PEM.`,
      { cause },
    )
  }
}

function readKey(text: string, path: string): KeyObject {
  try {
    return createPrivateKey(text)
  } catch (cause) {
    throw new Error(`${path} holds no private key that can be read. ${keyHint(text)}`, { cause })
  }
}

/** DER and PKCS #12 begin with a SEQUENCE of a long length. Read as UTF-8 the length is lost, the byte before it is not. */
const isBinary = (text: string): boolean => text.startsWith('0\ufffd')
const FROM_BINARY = 'It is binary, as .p12, .pfx and .der are. Make PEM of it:'

function certificateHint(text: string): string {
  if (isBinary(text)) return `${FROM_BINARY} openssl pkcs12 -in FILE -nokeys, or openssl x509 -inform DER -in FILE.`
  if (text.includes('BEGIN CERTIFICATE REQUEST')) return 'It is a request for one: give what the authority made of it.'
  if (text.includes('PRIVATE KEY-----')) return 'It is a key: the certificate comes first, and the key second.'
  return "It must have a -----BEGIN CERTIFICATE----- block, the server's own first, then the intermediates."
}

function keyHint(text: string): string {
  if (text.includes('ENCRYPTED')) return 'It is encrypted; decrypt it with "openssl pkey" and protect the file instead.'
  if (isBinary(text)) return `${FROM_BINARY} openssl pkcs12 -in FILE -nocerts -nodes, or openssl pkey -inform DER -in FILE.`
  if (text.includes('BEGIN CERTIFICATE')) return 'It is a certificate: that comes first, and the key second.'
  return 'It must be a PEM file that begins with -----BEGIN PRIVATE KEY-----.'
}

function mismatch(chain: readonly X509Certificate[], key: KeyObject, certPath: string, keyPath: string): Error {
  if (chain.some((link) => link.checkPrivateKey(key)))
    return new Error(
      `The key belongs to a certificate of ${certPath} that is not the first. Put the server's own first, then the intermediates.`,
    )
  return new Error(`${keyPath} is not the key of the certificate in ${certPath}. Give the two that were issued together.`)
}

function checkDates(certificate: X509Certificate, path: string, now: number): void {
  const { validFromDate: from, validToDate: to } = certificate
  const subject = certificate.subject.replaceAll('\n', ', ') || 'the certificate'
  if (to.getTime() <= now)
    throw new Error(`${path}: ${subject} expired on ${to.toISOString()}. Renew it, and check why the renewal did not run.`)
  if (from.getTime() > now)
    throw new Error(`${path}: ${subject} is valid only from ${from.toISOString()}. Check this machine's clock.`)
}
