/**
 * HTTPS on one's own machine: a certificate for localhost that is made once and kept in a folder.
 *
 * The authority that signs it is made with it, and its key is never stored: whoever takes the folder can imitate this machine's localhost,
 * but cannot issue a certificate, not even another for localhost. The price: when the certificate is made again (after two years, or for
 * other names), browsers must be told to trust the new authority. It is constrained to the names it was made for, so trusting it opens nothing else.
 * Source: RFC 5280 section 4.2.1.10, RFC 6761 section 6.3 (localhost), OWASP ASVS 5.0 12.2.
 */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { isIP, isIPv4 } from 'node:net'
import { join } from 'node:path'
import { createAuthority } from './authority.ts'
import { certificateBlocks } from './pem.ts'
import { preparePrivateFolder, readPrivateFile, replaceFile } from './private-files.ts'
import type { CertificatePair } from './server.ts'

export interface LocalCertificate extends CertificatePair {
  /** The certificate of the authority, PEM: what a browser or a client must trust. */
  readonly ca: string
  /** The path of that certificate, for import into a browser. */
  readonly caFile: string
  /** SHA-256 of the server's certificate, as the browser shows it in its warning: `AB:CD:…`. */
  readonly fingerprint256: string
  /** Whether it was made now: then browsers do not know it yet. */
  readonly created: boolean
}

export interface LocalCertificateOptions {
  /** Further names: under `.localhost` or `.test`, or addresses in 127.0.0.0/8. At most 32. @default none */
  readonly names?: readonly string[]
  /** Milliseconds since 1970. @default Date.now */
  readonly now?: () => number
}

const ALWAYS = ['localhost', '127.0.0.1', '::1']
const BUNDLE = 'localhost.pem' // key, certificate and authority in one file, so that they are never of different generations
const AUTHORITY = 'ca.pem'
const RENEW_BEFORE = 30 * 86_400_000
const MOST_NAMES = 32
const LOCAL_NAME = /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.){1,4}(?:localhost|test)$/

/**
 * The certificate kept in `folder` (made with mode 0700), or a new one when there is none, it expires within 30 days, its names are others,
 * or its file is damaged or readable by others. Refuses names that are not local, and a folder in which others may write.
 * Of two processes that start together in an empty folder one makes it and both use it.
 */
export async function localCertificate(
  folder: string,
  { names: further = [], now = Date.now }: LocalCertificateOptions = {},
): Promise<LocalCertificate> {
  const names = checkedNames(further)
  await preparePrivateFolder(folder)
  const file = join(folder, BUNDLE)
  const caFile = join(folder, AUTHORITY)

  const stored = await readPrivateFile(file)
  const kept = readBundle(stored, names, now())
  if (kept !== undefined) return { ...kept, caFile: await keepAuthority(caFile, kept.ca), created: false }

  const authority = await createAuthority(names, now())
  const { key, cert } = await authority.issue(names)
  const written = await replaceFile(file, key + cert + authority.ca, { onlyNew: stored === undefined })
  const made = readBundle(written ? key + cert + authority.ca : await readPrivateFile(file), names, now())
  if (made === undefined)
    throw new Error(`${file} was written by another process for other names. Give each its own folder, or both the same names.`)
  return { ...made, caFile: await keepAuthority(caFile, made.ca), created: written }
}

/** The parts of the bundle, or `undefined` when it does not serve these names for the next 30 days. */
function readBundle(
  text: string | undefined,
  names: readonly string[],
  now: number,
): Omit<LocalCertificate, 'created' | 'caFile'> | undefined {
  if (text === undefined) return undefined
  const [cert = '', ca = ''] = certificateBlocks(text)
  const key = text.slice(0, text.indexOf(cert))
  try {
    const leaf = new X509Certificate(cert)
    const authority = new X509Certificate(ca)
    if (!leaf.checkPrivateKey(createPrivateKey(key)) || !leaf.checkIssued(authority) || !leaf.verify(authority.publicKey))
      return undefined
    if (leaf.validToDate.getTime() - RENEW_BEFORE <= now || leaf.validFromDate.getTime() > now) return undefined
    if (leaf.subjectAltName?.split(', ').length !== names.length || !names.every((name) => covers(leaf, name))) return undefined
    return { key, cert, ca, fingerprint256: leaf.fingerprint256 }
  } catch {
    return undefined // damaged: made again
  }
}

function covers(leaf: X509Certificate, name: string): boolean {
  return (isIP(name) === 0 ? leaf.checkHost(name) : leaf.checkIP(name)) !== undefined
}

/** The authority's certificate in a file of its own, for browsers. It is public; the bundle is what counts. */
async function keepAuthority(path: string, ca: string): Promise<string> {
  if ((await readPrivateFile(path)) !== ca) await replaceFile(path, ca, { onlyNew: false })
  return path
}

function checkedNames(further: readonly string[]): string[] {
  const names = new Set([...ALWAYS, ...further.map((name) => name.toLowerCase())])
  if (names.size > MOST_NAMES) throw new RangeError(`A local certificate has at most ${MOST_NAMES} names, got ${names.size}.`)
  for (const name of names)
    if (!ALWAYS.includes(name) && !LOCAL_NAME.test(name) && !(isIPv4(name) && name.startsWith('127.')))
      throw new Error(
        `A local certificate is for names under .localhost or .test and addresses in 127.0.0.0/8, got ${JSON.stringify(name.slice(0, 80))}. For a public name use certificate files.`,
      )
  return [...names]
}
