/** Where the kit's pages for signed-in users are. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { localPath } from '../../http/redirect.ts'

export interface ConsoleOptions {
  /** The list of one's sessions stands at `{path}/sessions`. @default '/account' */
  readonly path: string
  /** The sign-in control's page, for those who just ended their own session. @default '/login' */
  readonly signInPath: string
  /** The sign-in control's page to sign out. @default '/logout' */
  readonly signOutPath: string
  /** The sign-in control's page that asks again who one is. @default '/login/again' */
  readonly againPath: string
  /** Which other providers can be linked, at `{path}/identities`. @default those of `signIn.providers` */
  readonly providers: readonly LinkableProvider[]
  /** Whether there is a page of one's API keys, at `{path}/keys`. @default whether `apiKeys` or a route accepts keys */
  readonly keys: boolean
  /** Whether one's passkeys and security keys stand among the second factors. @default whether `signIn.passkey` is on */
  readonly passkeys: boolean
  /** Whether there is a page of the apps one is signed in with, at `{path}/apps`. @default whether `signIn.tokens` is on */
  readonly apps: boolean
  /** Whether `{path}/openapi.json` describes to those who are signed in what programs may do. @default true */
  readonly api: boolean
  /** Whether there is a page of one's address of mail, at `{path}/address`. @default whether there is mail */
  readonly address: boolean
  /** Whether codes in letters may be a second factor, at `{path}/mail-codes`. @default `signIn.emailFactor` */
  readonly mailCodes: boolean
  /** How long one's own deletion of the account can be taken back, a day to 90 days; `false`: nobody deletes their own. @default '14d' */
  readonly deletion: Duration | false
  /** What the application keeps of a user, as JSON, for the file at `{path}/export`. @default nothing */
  readonly exportMore: ((userId: string) => Promise<unknown>) | undefined
  /** Whether one chooses there in which tenant one acts, at `{path}/tenants`. @default whether `tenants` is set */
  readonly tenants: boolean
  /** Whether those who may act there as a user, at `{path}/impersonation`. @default whether `impersonation` is set */
  readonly impersonation: boolean
  /**
   * Whether those who may say yes there as a second person, at `{path}/approvals`; `'unlisted'`: they do, and the bar does not name it.
   * @default true where `approval` is set, otherwise 'unlisted', for the responses that two decide
   */
  readonly approvals: boolean | 'unlisted'
  /** The name on the pages. @default 'Holdfast' */
  readonly brand: string
}

export interface LinkableProvider {
  readonly id: string
  readonly label: string
  readonly issuer: string
  /** Where linking begins. */
  readonly path: string
}

const DAY = 86_400_000

const DEFAULTS: ConsoleOptions = {
  path: '/account',
  signInPath: '/login',
  signOutPath: '/logout',
  againPath: '/login/again',
  providers: [],
  keys: false,
  passkeys: false,
  apps: false,
  api: true,
  address: false,
  mailCodes: false,
  deletion: '14d',
  exportMore: undefined,
  tenants: false,
  impersonation: false,
  approvals: false,
  brand: 'Holdfast',
}

const SWITCHES = [
  ...(['keys', 'passkeys', 'apps', 'address', 'mailCodes', 'api'] as const),
  ...(['tenants', 'impersonation'] as const),
] as const

/** Throws HF_OPTION_INVALID for a path that is not one in canonical spelling. */
export function readConsoleOptions(input?: Partial<ConsoleOptions>): ConsoleOptions {
  const options = withDefaults('console', DEFAULTS, input)
  const { path, signInPath, signOutPath, againPath, brand } = options
  for (const [name, value] of Object.entries({ path, signInPath, signOutPath, againPath })) {
    const fits = typeof value === 'string' && value.length > 1 && !value.endsWith('/') && !/[?%]/.test(value)
    if (!fits || localPath(value) !== value)
      invalid(`console.${name}`, value, `Write a path without escapes or a slash at its end: '/account'.`)
  }
  for (const name of SWITCHES)
    if (typeof options[name] !== 'boolean') invalid(`console.${name}`, options[name], 'Write true or false.')
  if (typeof options.approvals !== 'boolean' && options.approvals !== 'unlisted')
    invalid('console.approvals', options.approvals, "Write true, false or 'unlisted'.")
  if (!Array.isArray(options.providers))
    invalid('console.providers', options.providers, 'Leave it out: it follows signIn.providers.')

  const { deletion, exportMore } = options
  const grace = deletion === false ? DAY : milliseconds('console.deletion', deletion)
  if (grace < DAY || grace > 90 * DAY) invalid('console.deletion', deletion, `Write '14d', or another time of a day to 90 days.`)
  if (exportMore !== undefined && typeof exportMore !== 'function')
    invalid('console.exportMore', exportMore, 'Give a function of the id of a user.')
  if (typeof brand !== 'string' || brand === '' || brand.length > 80) invalid('console.brand', brand, 'Write 1 to 80 characters.')
  return options
}
