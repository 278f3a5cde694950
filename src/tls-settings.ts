/** What the environment says of TLS: made for this machine, from files, asked for by ACME, or ended by a proxy. */
import { HoldfastError } from './engine/errors.ts'
import { invalid } from './engine/options.ts'

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
} as const

export type TlsSettings =
  | { readonly kind: 'local' }
  | { readonly kind: 'off' }
  | { readonly kind: 'files'; readonly cert: string; readonly key: string }
  | { readonly kind: 'acme'; readonly names: readonly string[]; readonly directory: string; readonly contact: readonly string[] }

/** Reads and checks. `text` gives a setting without the blanks around it, or nothing. */
export function readTlsSettings(text: (name: keyof typeof TLS_SETTINGS) => string | undefined, origin: string): TlsSettings {
  const given = text('HOLDFAST_TLS') ?? 'local'
  if (given === 'acme') return readAcme(text, origin)
  const stray = (
    ['HOLDFAST_ACME_TERMS', 'HOLDFAST_ACME_DIRECTORY', 'HOLDFAST_ACME_CONTACT', 'HOLDFAST_ACME_NAMES'] as const
  ).find((name) => text(name) !== undefined)
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

function readAcme(text: (name: keyof typeof TLS_SETTINGS) => string | undefined, origin: string): TlsSettings {
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
  }
}

function listOf(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}
