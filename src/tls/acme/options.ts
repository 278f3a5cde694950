/** The options of automatic certificates, looked at before anybody is asked. */
import { isIP } from 'node:net'
import { parseKeyring, type KeyRing } from '../../crypto/keyring.ts'
import { isSecret, type Secret } from '../../crypto/secret.ts'
import type { OutboundOptions } from '../../outbound/index.ts'
import type { Report } from '../source.ts'
import type { CertificateStorage } from './storage.ts'

export interface AcmeOptions {
  /** Host names of the one certificate, at most 100. The first stands for it in reports. */
  readonly names: readonly string[]
  /** Who is asked: Let's Encrypt, its staging (whose certificates no browser trusts), or the https address of another directory. */
  readonly directory: 'letsencrypt' | 'letsencrypt-staging' | (string & {})
  /** Addresses of mail that the authority may write to. @default none */
  readonly contact?: readonly string[]
  /** That somebody has read and agrees to the terms of the authority. */
  readonly termsAgreed: boolean
  /** `databaseStorage(database)` for several hosts, or `await fileStorage(folder)`. */
  readonly storage: CertificateStorage
  /** The key ring that seals what is stored. */
  readonly keys: KeyRing | string | Secret<string>
  /** How it is proved that the names are ours, most wanted first. @default ['tls-alpn-01', 'http-01'] */
  readonly challenges?: readonly ChallengeType[]
  /** For authorities that know their customers: what they gave (RFC 8555 section 7.3.4). @default none */
  readonly externalAccount?: { readonly kid: string; readonly hmacKey: Secret<string> }
  /** A profile that the authority offers, as Let's Encrypt's `shortlived`. @default the authority's usual one */
  readonly profile?: string
  /** Hears what happens: `holdfast.emit`. @default nobody does */
  readonly report?: Report
  /** For an authority of one's own: what may be reached, and whose certificate is trusted. @default public addresses */
  readonly outbound?: OutboundOptions
  /** Milliseconds between two looks at the storage. @default 5000 */
  readonly every?: number
  /** The clock. @default Date.now */
  readonly now?: () => number
  /** A number from 0 to 1, so that not everybody renews at once. @default Math.random */
  readonly random?: () => number
}

export type ChallengeType = 'tls-alpn-01' | 'http-01'

/** What is left of the options once they are known to be good. */
export interface AcmeSetting {
  readonly names: readonly string[]
  readonly directory: string
  readonly contact: readonly string[]
  readonly storage: CertificateStorage
  readonly keys: KeyRing
  readonly challenges: readonly ChallengeType[]
  readonly externalAccount: AcmeOptions['externalAccount'] | undefined
  readonly profile: string | undefined
  readonly report: Report
  readonly outbound: OutboundOptions
  readonly every: number
  readonly now: () => number
  readonly random: () => number
}

/** Let's Encrypt, as its documentation names them. */
const DIRECTORIES: Readonly<Record<string, string>> = {
  letsencrypt: 'https://acme-v02.api.letsencrypt.org/directory',
  'letsencrypt-staging': 'https://acme-staging-v02.api.letsencrypt.org/directory',
}
const MOST_NAMES = 100
const LABEL = '[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?'
const HOST_NAME = new RegExp(`^(?:${LABEL}\\.)+${LABEL}$`)
const LOCAL = /(?:^|\.)(?:localhost|local|internal|test|invalid|example|home\.arpa|onion)$/
const KNOWN = new Set<string>([
  ...(['names', 'directory', 'contact', 'termsAgreed', 'storage', 'keys', 'challenges', 'externalAccount'] as const),
  ...(['profile', 'report', 'outbound', 'every', 'now', 'random'] as const satisfies readonly (keyof AcmeOptions)[]),
])

/** Throws RangeError that names the option and says what to write. */
export function readAcmeOptions(options: AcmeOptions): AcmeSetting {
  for (const name of Object.keys(options))
    if (!KNOWN.has(name)) throw new RangeError(`acme.${name} is not an option. There are ${[...KNOWN].join(', ')}.`)
  // oxlint-disable-next-line typescript/no-unnecessary-boolean-literal-compare -- 'false' from a configuration file is no yes
  if (options.termsAgreed !== true)
    throw new RangeError(
      'acme.termsAgreed is not true. Read the terms of the authority, and write `termsAgreed: true` if you agree.',
    )
  const { contact = [], challenges = ['tls-alpn-01', 'http-01'], keys, outbound = {}, every = 5000 } = options
  for (const address of contact)
    if (!/^[^\s@,?]+@[^\s@,?]+$/.test(address))
      throw new RangeError(`acme.contact has ${JSON.stringify(address)}. Write an address of mail.`)
  if (challenges.length === 0 || challenges.some((type) => type !== 'tls-alpn-01' && type !== 'http-01'))
    throw new RangeError(`acme.challenges is ${JSON.stringify(challenges)}. Write 'tls-alpn-01', 'http-01', or both.`)
  if (!Number.isInteger(every) || every < 100) throw new RangeError(`acme.every is ${every}. Give milliseconds, 100 or more.`)
  return {
    names: readNames(options.names, isPrivate(outbound)),
    directory: readDirectory(options.directory),
    contact,
    storage: options.storage,
    keys: typeof keys === 'string' || isSecret(keys) ? parseKeyring(keys as string | Secret, options.now) : (keys as KeyRing),
    challenges,
    externalAccount: options.externalAccount,
    profile: options.profile,
    report: options.report ?? (() => {}),
    outbound,
    every,
    now: options.now ?? Date.now,
    random: options.random ?? Math.random,
  }
}

/** A public authority vouches for public names alone; one of one's own for any. */
function isPrivate({ networks = [], insecureAllowHosts }: OutboundOptions): boolean {
  return networks.length > 0 || insecureAllowHosts !== undefined
}

function readNames(given: readonly string[], privately: boolean): readonly string[] {
  const names = [...new Set(given.map((name) => name.toLowerCase().replace(/\.$/, '')))]
  if (names.length === 0 || names.length > MOST_NAMES)
    throw new RangeError(`acme.names has ${names.length} names. Give 1 to ${MOST_NAMES}.`)
  for (const name of names) {
    if (name.startsWith('*.'))
      throw new RangeError(
        `acme.names has ${name}. A wildcard is proved by DNS-01 alone, which is not spoken here; name the hosts.`,
      )
    if (name.length > 253 || isIP(name) !== 0 || !HOST_NAME.test(name) || (!privately && LOCAL.test(name)))
      throw new RangeError(
        `acme.names has ${JSON.stringify(name.slice(0, 80))}, which is no public host name. For this machine use localCertificate.`,
      )
  }
  return names
}

function readDirectory(given: string): string {
  const url = DIRECTORIES[given] ?? given
  const parsed = URL.parse(url)
  if (parsed?.protocol === 'https:' && parsed.username === '' && parsed.password === '') return url
  throw new RangeError(
    `acme.directory is ${JSON.stringify(given.slice(0, 200))}. Write 'letsencrypt', 'letsencrypt-staging', or the https address of a directory.`,
  )
}
