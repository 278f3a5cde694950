/** Settings from the environment: one table, so that `--help`, the reader and the documentation cannot disagree. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Secret } from '../crypto/secret.ts'
import { HoldfastError } from '../engine/errors.ts'
import { invalid } from '../engine/options.ts'
import { hint } from '../engine/suggest.ts'
import { readSecretsFile } from '../secrets/secrets-file.ts'
import { readSecretText, whyUnread } from '../secrets/secret-text.ts'
import { repeatedSecret, secretWeakness } from '../secrets/strength.ts'
import { isOwnMachine } from '../http/own-machine.ts'
import type { MailOptions } from './mail-options.ts'
import { readTlsSettings, TLS_SETTINGS, type TlsSettings } from './tls-settings.ts'

interface Line {
  readonly what: string
  readonly default: string
  /** Secrets may also be given as `NAME_FILE`: the path of a file that holds the value. */
  readonly secret?: true
}

/** Every setting there is. */
export const SETTINGS = {
  PORT: { what: 'Port to listen on', default: '8443' },
  HOLDFAST_DATA: { what: 'Folder of the database and the keys', default: '.holdfast' },
  HOLDFAST_DATABASE_URL: { what: 'A SQLite path or a postgres:// URL', default: '<data>/holdfast.sqlite', secret: true },
  HOLDFAST_REDIS_URL: { what: 'Redis for limits shared by several processes', default: 'none', secret: true },
  HOLDFAST_ORIGIN: { what: 'The address that browsers use', default: 'https://localhost:<PORT>' },
  ...TLS_SETTINGS,
  HOLDFAST_TRUSTED_PROXIES: { what: 'Addresses or networks of your proxies, with commas between', default: 'none' },
  HOLDFAST_KEYS: {
    what: 'The key ring, from `holdfast keys generate`',
    default: '<data>/keys, made at first start',
    secret: true,
  },
  HOLDFAST_PEPPER: {
    what: 'A key ring of its own for passwords, from `holdfast keys generate`',
    default: 'none',
    secret: true,
  },
  HOLDFAST_MAIL: {
    what: 'A mail server, smtps://user:password@host, or `file`, `console`, `none`',
    default: '`file` (<data>/mail) on localhost, else none',
    secret: true,
  },
  HOLDFAST_MAIL_FROM: { what: 'Who sends letters, an address or `Name <address>`', default: 'noreply@<host of the origin>' },
  HOLDFAST_OIDC_ISSUER: { what: 'A provider of OpenID Connect that may say who somebody is: its https address', default: 'none' },
  HOLDFAST_OIDC_CLIENT_ID: { what: 'What that provider calls this application', default: 'none' },
  HOLDFAST_OIDC_CLIENT_SECRET: { what: 'The secret that it gave to this application', default: 'none', secret: true },
  HOLDFAST_SECRETS_KEY: {
    what: 'Opens the file of sealed secrets; what the environment does not set is read there',
    default: 'none, and no file is read',
    secret: true,
  },
  HOLDFAST_SECRETS: { what: 'The file of sealed secrets, from `holdfast secrets`', default: 'holdfast.secrets' },
  HOLDFAST_ALERT_MAIL: {
    what: 'Who gets a letter when something must not be missed: addresses, with commas between',
    default: 'none',
  },
  HOLDFAST_ALERT_WEBHOOK: { what: 'A server of yours that is told the same, https://', default: 'none', secret: true },
  HOLDFAST_ALERT_WEBHOOK_SECRET: {
    what: 'What it is signed with: whsec_ and 24 to 64 random bytes as base64',
    default: 'none',
    secret: true,
  },
  HOLDFAST_METRICS_TOKEN: {
    what: 'What Prometheus sends to read `/metrics` from another machine: 32 characters at least',
    default: 'none: this machine alone, where the origin is localhost',
    secret: true,
  },
  HOLDFAST_LOG: { what: '`stdout`, or the path of a file', default: 'stdout' },
} as const satisfies Record<string, Line>

type Name = keyof typeof SETTINGS

export interface Settings {
  readonly port: number
  readonly data: string
  readonly databaseUrl: Secret<string> | undefined
  readonly redisUrl: Secret<string> | undefined
  readonly origin: string
  readonly tls: TlsSettings
  /** Where http leads to https. */
  readonly httpPort: number | undefined
  readonly trustedProxies: readonly string[]
  readonly keys: Secret<string> | undefined
  readonly pepper: Secret<string> | undefined
  /** For the option `mail`. */
  readonly mail: MailOptions | undefined
  /** All three of the settings, or none. */
  readonly oidc: { readonly issuer: string; readonly clientId: string; readonly clientSecret: Secret<string> } | undefined
  /** For channels of the option `alerts`. */
  readonly alerts: {
    readonly mail: readonly string[]
    readonly webhook: { readonly url: Secret<string>; readonly secret: Secret<string> } | undefined
  }
  readonly metricsToken: Secret<string> | undefined
  readonly log: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks the environment. Throws HoldfastError, naming the variable, for what cannot be meant. */
export function readSettings(given: Environment): Settings {
  refuseMisspelt(given)
  const environment = withFile(given)
  refuseWeak(environment)
  const text = (name: Name) => (environment[name]?.trim() ? environment[name].trim() : undefined)
  const port = readPort('PORT', text('PORT'))
  const data = text('HOLDFAST_DATA') ?? '.holdfast'
  const origin = text('HOLDFAST_ORIGIN') ?? `https://localhost:${port}`
  return {
    port,
    data,
    databaseUrl: readSecret(environment, 'HOLDFAST_DATABASE_URL'),
    redisUrl: readSecret(environment, 'HOLDFAST_REDIS_URL'),
    origin,
    tls: readTlsSettings(text, origin),
    httpPort: text('HOLDFAST_HTTP_PORT') === undefined ? undefined : readPort('HOLDFAST_HTTP_PORT', text('HOLDFAST_HTTP_PORT')),
    trustedProxies: listOf(text('HOLDFAST_TRUSTED_PROXIES')),
    keys: readSecret(environment, 'HOLDFAST_KEYS'),
    pepper: readSecret(environment, 'HOLDFAST_PEPPER'),
    mail: readMail(readSecret(environment, 'HOLDFAST_MAIL'), text('HOLDFAST_MAIL_FROM'), origin, data),
    oidc: readOidc(
      text('HOLDFAST_OIDC_ISSUER'),
      text('HOLDFAST_OIDC_CLIENT_ID'),
      readSecret(environment, 'HOLDFAST_OIDC_CLIENT_SECRET'),
    ),
    alerts: { mail: listOf(text('HOLDFAST_ALERT_MAIL')), webhook: readWebhook(environment) },
    metricsToken: readSecret(environment, 'HOLDFAST_METRICS_TOKEN'),
    log: text('HOLDFAST_LOG') ?? 'stdout',
  }
}

function listOf(text = ''): readonly string[] {
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
}

function readWebhook(environment: Environment): Settings['alerts']['webhook'] {
  const url = readSecret(environment, 'HOLDFAST_ALERT_WEBHOOK')
  const secret = readSecret(environment, 'HOLDFAST_ALERT_WEBHOOK_SECRET')
  if (url !== undefined && secret !== undefined) return { url, secret }
  if (url === undefined && secret === undefined) return undefined
  const missing = url === undefined ? 'HOLDFAST_ALERT_WEBHOOK' : 'HOLDFAST_ALERT_WEBHOOK_SECRET'
  return invalid(missing, undefined, 'Set both, or neither: a webhook that is not signed says nothing.')
}

/** The environment, and for secrets that it does not set what the sealed file holds under the same name. */
function withFile(environment: Environment): Environment {
  const key = readSecret(environment, 'HOLDFAST_SECRETS_KEY')
  if (key === undefined) {
    const unread = environment['HOLDFAST_SECRETS']?.trim()
    if (!unread) return environment
    return invalid('HOLDFAST_SECRETS', unread, 'Give the key that opens it in HOLDFAST_SECRETS_KEY, or take it away.')
  }
  const path = environment['HOLDFAST_SECRETS']?.trim() || 'holdfast.secrets'
  try {
    const file = readSecretsFile(readFileSync(path, 'utf8'), key)
    const names = Object.entries(SETTINGS).flatMap(([name, line]: [string, Line]) => (line.secret ? [name] : []))
    const missing = names.filter((name) => !environment[name]?.trim() && !environment[`${name}_FILE`]?.trim())
    return { ...environment, ...Object.fromEntries(missing.map((name) => [name, file.get(name)?.reveal()])) }
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `The secrets in ${path} cannot be read: ${(cause as Error).message}`, {
      fix: 'Give the key that sealed them in HOLDFAST_SECRETS_KEY, or take that setting away.',
      cause,
    })
  }
}

/** Secrets of programs that somebody could guess, or that stand under two names. Keys are looked at where they are used. */
function refuseWeak(environment: Environment): void {
  const client = readSecret(environment, 'HOLDFAST_OIDC_CLIENT_SECRET')
  const weakness = client && secretWeakness(client)
  if (weakness !== undefined)
    throw new HoldfastError('HF_OPTION_INVALID', `HOLDFAST_OIDC_CLIENT_SECRET ${weakness}.`, {
      fix: 'Let the provider make a new one.',
    })
  const twice = repeatedSecret(namedSecrets(environment))
  if (twice)
    throw new HoldfastError('HF_OPTION_INVALID', `${twice[0]} and ${twice[1]} are the same.`, {
      fix: 'Make one of its own for each: whoever learns the one has the other.',
    })
}

/** Secrets that only programs use, by where they stand. Of rings each key, since another id does not make it another key. */
function namedSecrets(environment: Environment): Readonly<Record<string, string | Secret | undefined>> {
  const rings = (['HOLDFAST_KEYS', 'HOLDFAST_PEPPER', 'HOLDFAST_SECRETS_KEY'] as const).flatMap((name) => {
    const keys = readSecret(environment, name)?.reveal().split(',') ?? []
    const named = (index: number) => (keys.length === 1 ? name : `Key ${index + 1} of ${name}`)
    return keys.map((key, index) => [named(index), key.slice(key.indexOf(':') + 1).trim()] as const)
  })
  const others = (['HOLDFAST_OIDC_CLIENT_SECRET', 'HOLDFAST_METRICS_TOKEN', 'HOLDFAST_ALERT_WEBHOOK_SECRET'] as const).map(
    (name) => [name, readSecret(environment, name)] as const,
  )
  return Object.fromEntries([...rings, ...others])
}

/** The table as help text. */
export function describeSettings(): string {
  const width = Math.max(...Object.keys(SETTINGS).map((name) => name.length)) + 1
  const rows = Object.entries(SETTINGS).map(
    ([name, line]: [string, Line]) =>
      `  ${name.padEnd(width)}${line.what} [${line.default}]${line.secret ? `\n${' '.repeat(width + 2)}or ${name}_FILE` : ''}`,
  )
  return rows.join('\n')
}

/** A misspelt setting would be a silent default. `HOLDFAST_TEST_*` belongs to the tests. */
function refuseMisspelt(environment: Environment): void {
  const known = Object.entries(SETTINGS).flatMap(([name, line]: [string, Line]) =>
    line.secret ? [name, `${name}_FILE`] : [name],
  )
  for (const name of Object.keys(environment)) {
    if (!name.startsWith('HOLDFAST_') || name.startsWith('HOLDFAST_TEST_') || known.includes(name)) continue
    throw new HoldfastError('HF_OPTION_UNKNOWN', `${name} is not a setting.`, { fix: hint(name, known) })
  }
}

function readPort(name: string, text: string | undefined): number {
  if (text === undefined) return 8443
  const port = /^\d{1,5}$/.test(text) ? Number(text) : Number.NaN
  return port <= 65_535 ? port : invalid(name, text, 'Give a number from 0 to 65535.')
}

/** On one's own machine letters go into a folder, where links can be opened; elsewhere somebody says where they go. */
function readMail(way: Secret | undefined, sender: string | undefined, origin: string, data: string): MailOptions | undefined {
  const hostname = URL.canParse(origin) ? new URL(origin).hostname : ''
  const text = way?.reveal() ?? (isOwnMachine(hostname) ? 'file' : 'none')
  if (text === 'none') return undefined
  const from = sender ?? `noreply@${hostname.startsWith('[') ? 'localhost' : hostname}`
  if (text === 'file') return { from, transport: { file: join(data, 'mail') } }
  if (text === 'console') return { from, transport: 'console' }
  if (/^smtps?:\/\//i.test(text)) return { from, transport: new Secret(text) }
  throw new HoldfastError('HF_OPTION_INVALID', 'HOLDFAST_MAIL is not a way for letters.', {
    fix: 'Give the URL of a mail server, smtps://user:password@host, or `file`, `console` or `none`.',
  })
}

function readOidc(
  issuer: string | undefined,
  clientId: string | undefined,
  clientSecret: Secret<string> | undefined,
): Settings['oidc'] {
  if (issuer !== undefined && clientId !== undefined && clientSecret !== undefined) return { issuer, clientId, clientSecret }
  if (issuer === undefined && clientId === undefined && clientSecret === undefined) return undefined
  const missing =
    issuer === undefined
      ? 'HOLDFAST_OIDC_ISSUER'
      : clientId === undefined
        ? 'HOLDFAST_OIDC_CLIENT_ID'
        : 'HOLDFAST_OIDC_CLIENT_SECRET'
  return invalid(
    missing,
    undefined,
    'Set HOLDFAST_OIDC_ISSUER, HOLDFAST_OIDC_CLIENT_ID and HOLDFAST_OIDC_CLIENT_SECRET together, or none of them.',
  )
}

function readSecret(environment: Environment, name: Name): Secret<string> | undefined {
  const [direct, file] = [environment[name]?.trim(), environment[`${name}_FILE`]?.trim()]
  if (direct && file)
    throw new HoldfastError('HF_OPTION_INVALID', `${name} and ${name}_FILE are both set.`, { fix: 'Keep one of them.' })
  if (direct) return new Secret(direct)
  if (!file) return undefined
  try {
    return new Secret(readSecretText(file))
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `${name}_FILE names ${JSON.stringify(file)}, which ${whyUnread(cause)}.`, {
      fix: 'Check the path, its permissions, and what is in it.',
      cause,
    })
  }
}
