/**
 * A certificate and its key from files, checked before the server starts: what is wrong is said then, and not by every browser.
 * Source: RFC 5280, OWASP ASVS 5.0 12.2.2, 12.1.
 */
import { createPrivateKey, X509Certificate, type KeyObject } from 'node:crypto'
import { open } from 'node:fs/promises'
import { createSecureContext } from 'node:tls'
import { certificateBlocks } from './pem.ts'
import { tlsOptions, type CertificatePair } from './server.ts'

export interface CertificateFiles extends CertificatePair {
  /** SHA-256 of the certificate, as browsers show it: `AB:CD:…`. */
  readonly fingerprint256: string
  /** Milliseconds since 1970 at which the first certificate of the chain expires. */
  readonly expires: number
  /** Whether accounts other than the owner and group can read the key's file: worth a finding. Always false on Windows. */
  readonly keyIsWorldReadable: boolean
}

const LARGEST_FILE = 256 * 1024

/**
 * Reads both PEM files. Throws, with what to do, when one cannot be read or parsed, the key is encrypted or another one's, a certificate of the
 * chain is expired or not yet valid, the server's own does not stand first, or OpenSSL refuses them (an RSA key under 2048 bits, SHA-1).
 */
export async function certificateFiles(
  certPath: string,
  keyPath: string,
  { now = Date.now }: { readonly now?: () => number } = {},
): Promise<CertificateFiles> {
  // One after the other, so that with both gone it is always the certificate that is named.
  const certificate = await readFile(certPath, 'certificate')
  const privateKey = await readFile(keyPath, 'private key')
  const chain = readChain(certificate.text, certPath)
  const key = readKey(privateKey.text, keyPath)
  const [leaf] = chain
  if (leaf === undefined)
    throw new Error(
      `${certPath} holds no certificate. It must have a -----BEGIN CERTIFICATE----- block, the server's own first, then the intermediates.`,
    )
  if (!leaf.checkPrivateKey(key)) throw mismatch(chain, key, certPath, keyPath)
  for (const link of chain) checkDates(link, certPath, now())
  const pair = { key: privateKey.text, cert: certificate.text }
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
    expires: Math.min(...chain.map((link) => link.validToDate.getTime())),
    keyIsWorldReadable: process.platform !== 'win32' && (privateKey.mode & 0o007) !== 0,
  }
}

async function readFile(path: string, what: string): Promise<{ text: string; mode: number }> {
  try {
    await using file = await open(path, 'r')
    const { size, mode } = await file.stat()
    if (size > LARGEST_FILE) throw new RangeError(`it has ${size} bytes, more than the ${LARGEST_FILE} of any ${what}`)
    return { text: await file.readFile('utf8'), mode }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The ${what} cannot be read: ${reason}. Give the path of a PEM file that this process may read.`, { cause })
  }
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
    const hint = text.includes('ENCRYPTED')
      ? 'It is encrypted; decrypt it with "openssl pkey" and protect the file instead.'
      : 'It must be a PEM file that begins with -----BEGIN PRIVATE KEY-----.'
    throw new Error(`${path} holds no private key that can be read. ${hint}`, { cause })
  }
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
