/**
 * A certificate and its key from files, checked before the server starts: what is wrong is said then, and not by every browser.
 * Source: RFC 5280, OWASP ASVS 5.0 12.2.2, 12.1.
 */
import { constants, open } from 'node:fs/promises'
import { checkedPair, type CheckedPair } from './checked-pair.ts'

export interface CertificateFiles extends CheckedPair {
  /** Whether accounts other than the owner and group can read the key's file: worth a finding. Always false on Windows. */
  readonly keyIsWorldReadable: boolean
}

export interface CertificateFilesOptions {
  /** The clock. @default Date.now */
  readonly now?: () => number
  /** The address that browsers use: a certificate for another name is refused. @default any name will do */
  readonly origin?: string
}

const LARGEST_FILE = 256 * 1024

/**
 * Reads both PEM files. Throws, with what to do, when one cannot be read or parsed, the key is encrypted or another one's, a certificate of the
 * chain is expired or not yet valid, the server's own does not stand first, its names do not cover the origin, or it is too weak.
 */
export async function certificateFiles(
  certPath: string,
  keyPath: string,
  options: CertificateFilesOptions = {},
): Promise<CertificateFiles> {
  // One after the other, so that with both gone it is always the certificate that is named.
  const certificate = await readFile(certPath, 'certificate')
  const privateKey = await readFile(keyPath, 'private key')
  const names = { certPath, keyPath }
  const pair = checkedPair({ cert: certificate.text, key: privateKey.text }, { ...options, ...names })
  return { ...pair, keyIsWorldReadable: process.platform !== 'win32' && (privateKey.mode & 0o007) !== 0 }
}

async function readFile(path: string, what: string): Promise<{ text: string; mode: number }> {
  try {
    // Without waiting for who would write into a pipe: the start would stand still, and nobody would say why.
    await using file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    const state = await file.stat()
    const { size, mode } = state
    if (!state.isFile() && !state.isDirectory()) throw new RangeError('it is a pipe or a device, and no file')
    if (size > LARGEST_FILE) throw new RangeError(`it has ${size} bytes, more than the ${LARGEST_FILE} of any ${what}`)
    return { text: await file.readFile('utf8'), mode }
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new Error(`The ${what} cannot be read: ${reason}. Give the path of a PEM file that this process may read.`, { cause })
  }
}
