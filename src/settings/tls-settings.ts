/** What the environment says of TLS: made for this machine, from files, asked for by ACME, or ended by a proxy. */
import { readFileSync } from 'node:fs'
import { HoldfastError } from '../engine/errors.ts'
import { invalid } from '../engine/options.ts'
import type { OutboundOptions } from '../outbound/index.ts'

/** The rows of the table of settings. */
export const TLS_SETTINGS = {
  HOLDFAST_TLS: { what: "`local`, `off` (behind a proxy), `acme` (Let's Encrypt), or `cert.pem,key.pem`", default: 'local' },
  HOLDFAST_HTTP_PORT: { what: 'Port on which http leads to https, and ACME may ask by HTTP-01', default: 'none' },
  HOLDFAST_ACME_TERMS: { what: '`agreed`: somebody has read and agrees to the terms of the authority', default: 'none' },
  HOLDFAST_ACME_DIRECTORY: {
    what: '`letsencrypt`, `letsencrypt-staging`, or the https address of a directory',
    default: 'letsencrypt',
  },
  HOLDFAST_ACME_CONTACT: { what: 'Addresses of mail for the authority, with commas between', default: 'none' },
  HOLDFAST_ACME_NAMES: { what: 'Further host names of the certificate, with commas between', default: 'none' },
  HOLDFAST_ACME_CA: { what: 'File with the certificates (PEM) by which an authority of your own is known', default: "Node's" },
  HOLDFAST_ACME_NETWORKS: { what: 'Private networks in which an authority of your own is, with commas between', default: 'none' },
  HOLDFAST_ACME_INSECURE_LOCAL_UNTIL: {
    what: 'Last day (YYYY-MM-DD) on which an authority on this very machine may be asked: for tests',
    default: 'never',
  },
} as const

export type TlsSettings =
  | { readonly kind: 'local' }
  | { readonly kind: 'off' }
  | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  | AcmeSettings

export interface AcmeSettings {
  readonly kind: 'acme'
  readonly names: readonly string[]
  readonly directory: string
  readonly contact: readonly string[]
  /** Where an authority of one's own is, and how it is known. Empty for a public one. */
  readonly outbound: Pick<OutboundOptions, 'ca' | 'networks' | 'insecureAllowHosts'>
}

type Text = (name: keyof typeof TLS_SETTINGS) => string | undefined

const ACME_ONLY = (Object.keys(TLS_SETTINGS) as (keyof typeof TLS_SETTINGS)[]).filter((name) => name.startsWith('HOLDFAST_ACME_'))

/** Reads and checks. `text` gives a setting without the blanks around it, or nothing. */
export function readTlsSettings(text: Text, origin: string): TlsSettings {
  const given = text('HOLDFAST_TLS') ?? 'local'
  if (given === 'acme') return readAcme(text, origin)
  const stray = ACME_ONLY.find((name) => text(name) !== undefined)
  if (stray !== undefined) invalid(stray, text(stray), 'It says something only with HOLDFAST_TLS=acme.')
  if (given === 'local' || given === 'off') return { kind: given }
  const [cert, key, ...more] = listOf(given)
  if (cert && key && more.length === 0) return { kind: 'files', cert, key }
  return invalid(
    'HOLDFAST_TLS',
    given,
    'Write `local`, `off`, `acme`, or the paths of certificate and key with a comma between: `cert.pem,key.pem`.',
  )
}

function readAcme(text: Text, origin: string): TlsSettings {
  if (text('HOLDFAST_ACME_TERMS') !== 'agreed')
    throw new HoldfastError('HF_OPTION_INVALID', 'HOLDFAST_TLS=acme, and nobody agreed to the terms of the authority.', {
      fix: "Read them (Let's Encrypt: https://letsencrypt.org/repository/), and set HOLDFAST_ACME_TERMS=agreed.",
    })
  const host = URL.parse(origin)?.hostname ?? ''
  return {
    kind: 'acme',
    names: [...new Set([host, ...listOf(text('HOLDFAST_ACME_NAMES') ?? '')])],
    directory: text('HOLDFAST_ACME_DIRECTORY') ?? 'letsencrypt',
    contact: listOf(text('HOLDFAST_ACME_CONTACT') ?? ''),
    outbound: readAuthority(text),
  }
}

/** How an authority of one's own is reached. A public one is reached as everything public is. */
function readAuthority(text: Text): AcmeSettings['outbound'] {
  const [ca, networks, until] = (
    ['HOLDFAST_ACME_CA', 'HOLDFAST_ACME_NETWORKS', 'HOLDFAST_ACME_INSECURE_LOCAL_UNTIL'] as const
  ).map(text)
  const directory = URL.parse(text('HOLDFAST_ACME_DIRECTORY') ?? '')
  if (until !== undefined && directory === null)
    invalid('HOLDFAST_ACME_INSECURE_LOCAL_UNTIL', until, 'Name the authority in HOLDFAST_ACME_DIRECTORY, or take this away.')
  return {
    ...(ca !== undefined && { ca: readCa(ca) }),
    ...(networks !== undefined && { networks: listOf(networks) }),
    ...(until !== undefined && {
      insecureAllowHosts: { hosts: [`${directory!.hostname}:${directory!.port || 443}`], reason: LOCAL_AUTHORITY, until },
    }),
  }
}

const LOCAL_AUTHORITY = 'HOLDFAST_ACME_INSECURE_LOCAL_UNTIL allows an authority on this machine'

function readCa(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `HOLDFAST_ACME_CA: ${path} cannot be read.`, {
      fix: "Give the path of the authority's certificates in PEM.",
      cause,
    })
  }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
