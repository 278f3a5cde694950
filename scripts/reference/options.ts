/** `options.md`: every option of `createHoldfast`, from the comments of the interfaces. */
import { controls } from '../../src/controls/index.ts'
import { OPTION_NAMES } from '../../src/options.ts'
import { readInterface, type Member } from './interfaces.ts'
import { code, page, table, value } from './markdown.ts'

interface Source {
  readonly file: string
  readonly name: string
  /** Where its members stand, below the control's own key: `hsts`. */
  readonly under?: string
}

/** Where each control's options are declared. A control that is missing here fails the generator. */
const SOURCES: Readonly<Record<string, readonly Source[]>> = {
  client: [{ file: 'src/controls/client/client.ts', name: 'ClientOptions' }],
  requestId: [],
  headers: [
    { file: 'src/controls/headers/headers.ts', name: 'HeadersOptions' },
    { file: 'src/controls/headers/fixed.ts', name: 'FixedOptions' },
    { file: 'src/controls/headers/transport.ts', name: 'TransportOptions', under: 'hsts' },
    { file: 'src/controls/headers/headers.ts', name: 'ReportingOptions', under: 'reporting' },
  ],
  target: [],
  observe: [
    { file: 'src/controls/observe/options.ts', name: 'ObserveInput' },
    { file: 'src/controls/observe/options.ts', name: 'MetricsInput', under: 'metrics' },
  ],
  hosts: [{ file: 'src/controls/hosts/hosts.ts', name: 'HostsOptions' }],
  https: [],
  containment: [{ file: 'src/controls/containment/options.ts', name: 'ContainmentInput' }],
  cors: [{ file: 'src/controls/cors/cors.ts', name: 'CorsOptions' }],
  rateLimit: [
    { file: 'src/controls/rate-limit/options.ts', name: 'RateLimitInput' },
    { file: 'src/controls/rate-limit/limit.ts', name: 'LimitDetails', under: 'limits.<name>' },
  ],
  body: [{ file: 'src/controls/body/options.ts', name: 'BodyInput' }],
  session: [
    { file: 'src/controls/session/options.ts', name: 'SessionInput' },
    { file: 'src/controls/session/options.ts', name: 'ConcurrentInput', under: 'concurrent' },
  ],
  accessTokens: [{ file: 'src/controls/access-tokens/options.ts', name: 'AccessTokensInput' }],
  apiKeys: [{ file: 'src/controls/api-keys/options.ts', name: 'ApiKeysInput' }],
  clientCertificates: [
    { file: 'src/controls/client-certificates/client-certificates.ts', name: 'ClientCertificatesInput' },
    { file: 'src/controls/client-certificates/client-certificates.ts', name: 'Service', under: 'services.<name>' },
  ],
  restrictions: [],
  csrf: [{ file: 'src/controls/csrf/options.ts', name: 'CsrfOptions' }],
  authenticate: [],
  signIn: [
    { file: 'src/controls/sign-in/options.ts', name: 'SignInInput' },
    { file: 'src/controls/sign-in/options.ts', name: 'SecondFactorInput', under: 'secondFactor' },
    { file: 'src/controls/sign-in/options.ts', name: 'RememberInput', under: 'remember' },
    { file: 'src/controls/sign-in/sign-up-options.ts', name: 'SignUpInput', under: 'signUp' },
    { file: 'src/controls/sign-in/recovery-options.ts', name: 'RecoveryInput', under: 'recovery' },
    { file: 'src/controls/sign-in/passkey-options.ts', name: 'PasskeyInput', under: 'passkey' },
    { file: 'src/controls/sign-in/flask-options.ts', name: 'FlaskSessionInput', under: 'insecureFlaskSession' },
  ],
  console: [{ file: 'src/controls/console/options.ts', name: 'ConsoleOptions' }],
  authorize: [{ file: 'src/controls/authorize/authorize.ts', name: 'AuthorizeOptions' }],
}

export function optionsPage(): string {
  return page(
    'Options of createHoldfast',
    'An option that is not known, or has a value that cannot work, stops the process at start-up. `origin` is the only one that must be given.',
    '## Its own',
    members(readInterface('src/options.ts', 'HoldfastOptions')),
    '### `log`, into a file',
    members(readInterface('src/services/logging.ts', 'FileLog')),
    '### `log.rotate`',
    members(readInterface('src/services/logging.ts', 'RotateInput')),
    '### `log.syslog`',
    members(readInterface('src/observe/logs/syslog-options.ts', 'SyslogOptions')),
    '### `mail`',
    members(readInterface('src/settings/mail-options.ts', 'MailOptions')),
    '### `mail.transport`, by SMTP',
    members(readInterface('src/settings/mail-options.ts', 'SmtpOptions')),
    '### `mail.transport`, into a folder',
    members(readInterface('src/settings/mail-options.ts', 'FileOptions')),
    '### `routes`: one line of the table',
    members(readInterface('src/engine/policy.ts', 'RouteOptions')),
    '### `passwords`',
    members(readInterface('src/settings/passwords.ts', 'PasswordsOptions')),
    '### `passwords.leaked`',
    members(readInterface('src/crypto/password/leaked.ts', 'LeakedOptions')),
    '### `passwords.imported`',
    members(readInterface('src/crypto/password/foreign/secrets.ts', 'ImportedSecrets')),
    '### `passwords.hashing`',
    members(readInterface('src/crypto/password/hasher.ts', 'HasherOptions')),
    '## What a route may require',
    'For `requires(…)` of each adapter, and for `authorize.everywhere`. All that is named must hold.',
    members(readInterface('src/engine/policy.ts', 'Requirement')),
    '## Weaker settings',
    'An option whose name begins with `insecure` takes both of these. A control is turned off with `{ insecureOff: { reason, until } }`; `false` does it outside production only.',
    members(readInterface('src/engine/options.ts', 'Insecure')),
    '## Of each control',
    ...controls.map(({ name }) => ofControl(name)),
  )
}

/** The folder of a control, from its option's name: `rateLimit` is `rate-limit`. */
export function folderOf(control: string): string {
  return `src/controls/${control.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
}

function ofControl(name: string): string {
  const sources = SOURCES[name]
  if (sources === undefined) throw new Error(`scripts/reference/options.ts does not say where the options of "${name}" are.`)
  if (OPTION_NAMES.includes(name)) throw new Error(`"${name}" is a control and an option.`)
  const all = sources.flatMap(({ file, name: type, under }) => read(file, type, under))
  const title = `### \`${name}\``
  const more = `[What it stops, and what it does not](../../${folderOf(name)}/README.md)`
  return [title, more, all.length === 0 ? 'It has no options.' : members(all)].join('\n\n')
}

function read(file: string, name: string, under: string | undefined): Member[] {
  const found = readInterface(file, name)
  return under === undefined ? found : found.map((member) => ({ ...member, name: `${under}.${member.name}` }))
}

function members(list: readonly Member[]): string {
  const rows = list.map(({ name, type, what, default: given, optional }) => [
    code(name),
    code(type),
    given === undefined ? (optional ? 'none' : 'must be given') : value(given),
    what,
  ])
  return table(['Option', 'Type', 'Default', 'What it is'], rows)
}
