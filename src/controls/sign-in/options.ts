/** Where the kit's own doors are. */
import type { BrowserLives } from '../../accounts/types.ts'
import type { Principal } from '../../engine/facts.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults, type InsecureOff } from '../../engine/options.ts'
import type { KitRoute } from '../../engine/policy.ts'
import type { DoorPath } from './doors/door.ts'
import type { MagicLinkInput } from './doors/magic-link.ts'
import { doors } from './doors/index.ts'
import type { BreakGlassInput } from './doors/break-glass.ts'
import type { ChallengeInput } from './challenge-options.ts'
import type { FlaskSessionInput } from './flask-options.ts'
import type { RecoveryInput } from './recovery-options.ts'
import { localPath } from '../../http/redirect.ts'
import { readPasskey, type PasskeyInput, type PasskeyOptions } from './passkey-options.ts'
import { readSignUp, type SignUpInput, type SignUpMode, type SignUpOptions } from './sign-up-options.ts'
import type { Providers } from './providers/read.ts'

export interface SignInInput {
  /** The sign-in page; `{path}/again` asks a signed-in user to prove it again. @default '/login' */
  readonly path?: string
  /** The page to sign out. @default '/logout' */
  readonly signOutPath?: string
  /** Where the first administrator is made, once. @default '/setup' */
  readonly setUpPath?: string
  /** Where one goes who did not come from a page. @default '/' */
  readonly afterSignIn?: string
  /** Where the console control lists sessions; the sign-out page links to it. @default '/account/sessions' */
  readonly sessionsPath?: string
  /** Where the console control lists and enrols second factors. @default '/account/factors' */
  readonly factorsPath?: string
  /** Where the console control lists the accounts elsewhere that one can sign in with. @default '/account/identities' */
  readonly identitiesPath?: string
  /** Who else may say who somebody is, by an id of one's own: `{ google: google({ clientId, clientSecret }) }`. @default {} (nobody) */
  readonly providers?: Providers
  /** Who must have a second factor. @default { roles: [], grace: '7d' } (nobody must, everybody may) */
  readonly secondFactor?: SecondFactorInput
  /** Whether one may sign in with a passkey, and have passkeys and security keys as a second factor; needs `@simplewebauthn/server`. @default false */
  readonly passkey?: boolean | PasskeyInput
  /** Whether people may stay signed in on a device, by a box on the sign-in page. @default false */
  readonly remember?: RememberInput | false
  /** Whether a device may stand for the second factor, by a box on its page. A route with `aal: 2` asks all the same. @default false */
  readonly trustedDevice?: RememberInput | false
  /**
   * A new password by mail for who forgot theirs, the end of a lock, and with `lostFactor` a slow way for who lost the second factor.
   * @default true where the option `mail` is given, else false
   */
  readonly recovery?: boolean | RecoveryInput
  /** Signs in once whom an application on Flask, which is being moved from, had signed in. @default false */
  readonly insecureFlaskSession?: FlaskSessionInput | false
  /** Where the console control shows one's address of mail. @default '/account/address' */
  readonly addressPath?: string
  /** Who may make an account for themselves. More than `'closed'` needs mail. @default 'closed' */
  readonly signUp?: SignUpMode | SignUpInput
  /** Whether users whose address is not verified are led to verify it, and nothing else works until they do. Needs mail. @default false */
  readonly requireVerified?: boolean
  /** Whether one may sign in by a link in a letter. Needs mail. @default false */
  readonly magicLink?: MagicLinkInput | boolean
  /** Whether one may sign in by a code in a letter. Needs mail. @default false */
  readonly emailCode?: boolean
  /** Whether codes in letters may be a second factor, for who has no better one. Needs mail. @default false */
  readonly emailFactor?: boolean
  /** Whether a sealed account opens at `{path}/break-glass`, for the day on which nothing else does; see `holdfast break-glass`. @default false */
  readonly breakGlass?: BreakGlassInput | boolean
  /** Work that is asked of browsers while sign-ins fail everywhere. @default { when: 'attack', difficulty: 15, failures: 200 } */
  readonly challenge?: ChallengeInput
  /** The name on the pages and in letters. @default 'Holdfast' */
  readonly brand?: string
  /** Whether apps may sign in at the doors, with `"as": "token"`. @default whether `accessTokens` or a route accepts tokens */
  readonly tokens?: boolean
  /** Where apps get and renew tokens: `{tokensPath}/token`, `/refresh` and `/revoke`. @default '/auth' */
  readonly tokensPath?: string
  /** Whether the doors that need mail may be open. @default whether the option `mail` is given */
  readonly mail?: boolean
}

export type { FlaskSessionInput } from './flask-options.ts'
export type { RecoveryInput } from './recovery-options.ts'

export interface SecondFactorInput {
  /** Users of these roles must have one. Until they do they are led to the enrolment. @default [] */
  readonly roles?: readonly string[]
  /**
   * Who else must have one: asked at each request of whoever is signed in without. It answers at once; anything but `false` is yes. @default false (nobody else)
   */
  readonly when?: ((who: Principal) => boolean) | false
  /** How long they may do without, from when it was first asked of them. Afterwards nothing but the enrolment works. 0: not at all. @default '7d' */
  readonly grace?: Duration
}

export interface RememberInput {
  /** How long, from when the box was ticked; use does not extend it. An hour to 400 days. @default '30d' */
  readonly life?: Duration
}

/** What all doors know of each other. */
export interface BaseOptions extends Required<
  Omit<SignInInput, 'secondFactor' | 'passkey' | 'signUp' | 'remember' | 'trustedDevice'>
> {
  readonly againPath: string
  /** The page of the second step, `{path}/factor`. */
  readonly factorPath: string
  /** The page of a form that waited for a proof, `{path}/resume`. */
  readonly resumePath: string
  /** Of `remember` and `trustedDevice`, in milliseconds. */
  readonly lives: BrowserLives
  readonly signUp: SignUpOptions
  /** The page of the links that verify addresses, `{path}/verify-address`. */
  readonly verifyPath: string
  /** `grace` in milliseconds. */
  readonly secondFactor: {
    readonly roles: readonly string[]
    readonly when: ((who: Principal) => unknown) | false
    readonly grace: number
  }
  /** `undefined` while passkeys are off. */
  readonly passkey: PasskeyOptions | undefined
}

export interface SignInOptions extends BaseOptions {
  /** What each door that is open has read of its options, by its name. */
  readonly doors: Readonly<Record<string, unknown>>
  /** The pages of all of them. */
  readonly pages: readonly DoorPath[]
}

const DEFAULTS: Required<SignInInput> = {
  path: '/login',
  signOutPath: '/logout',
  setUpPath: '/setup',
  afterSignIn: '/',
  sessionsPath: '/account/sessions',
  factorsPath: '/account/factors',
  identitiesPath: '/account/identities',
  providers: {},
  secondFactor: {},
  passkey: false,
  recovery: true,
  insecureFlaskSession: false,
  addressPath: '/account/address',
  signUp: 'closed',
  requireVerified: false,
  remember: false,
  trustedDevice: false,
  magicLink: false,
  emailCode: false,
  emailFactor: false,
  breakGlass: false,
  challenge: {},
  brand: 'Holdfast',
  tokens: false,
  tokensPath: '/auth',
  mail: false,
}

/** `undefined` when the control is off. Throws HF_OPTION_INVALID for a path that is not one in canonical spelling, or stands twice. */
export function readSignInOptions(input?: SignInInput | InsecureOff | false): SignInOptions | undefined {
  if (input === false || (typeof input === 'object' && input !== null && 'insecureOff' in input)) return undefined
  const options = withDefaults<Required<SignInInput>>('signIn', DEFAULTS, input)
  const { path, signOutPath, setUpPath, afterSignIn, sessionsPath, factorsPath, addressPath, requireVerified, brand } = options
  const { tokensPath, identitiesPath } = options
  const [againPath, factorPath, verifyPath] = [`${path}/again`, `${path}/factor`, `${path}/verify-address`]
  const resumePath = `${path}/resume`
  const named = { path, signOutPath, setUpPath, sessionsPath, factorsPath, addressPath, tokensPath, identitiesPath }
  for (const [name, value] of Object.entries(named)) checkPath(`signIn.${name}`, value)
  if (afterSignIn !== '/' && localPath(afterSignIn) === '/')
    invalid('signIn.afterSignIn', afterSignIn, `Write a path: '/dashboard'.`)
  if (typeof brand !== 'string' || !/^[^\p{Cc}\p{Zl}\p{Zp}]{1,80}$/u.test(brand))
    invalid('signIn.brand', brand, 'Write 1 to 80 characters on one line.')
  if (typeof options.mail !== 'boolean') invalid('signIn.mail', options.mail, 'Write true or false, or leave it out.')
  if (typeof options.tokens !== 'boolean') invalid('signIn.tokens', options.tokens, 'Write true or false, or leave it out.')
  if (typeof requireVerified !== 'boolean') invalid('signIn.requireVerified', requireVerified, 'Write true or false.')
  if (requireVerified && !options.mail)
    invalid('signIn.requireVerified', true, 'Give the option `mail`: without letters nobody could verify an address.')
  const signUp = readSignUp(options.signUp, checkPath)
  const secondFactor = readSecondFactor(options.secondFactor)
  const passkey = readPasskey(options.passkey)
  const { remember, trustedDevice, ...rest } = options
  const lives = readLives(remember, trustedDevice)
  const base: BaseOptions = { ...rest, againPath, factorPath, resumePath, verifyPath, lives, signUp, secondFactor, passkey }
  const read = doors.map((door) => [door, door.read(input ?? {}, base)] as const).filter(([, own]) => own !== undefined)
  const pages = read.flatMap(([door, own]) => door.paths(own, base))
  const twice = pages.find(({ path: one }, index) => pages.findIndex((other) => other.path === one) !== index)
  if (twice !== undefined) invalid('One of the paths of signIn', twice.path, 'Give each page a path of its own.')
  return { ...base, doors: Object.fromEntries(read.map(([{ name }, own]) => [name, own])), pages }
}

/** Whether anybody must have one. */
export function demandsSecondFactor({ secondFactor: { roles, when } }: Pick<BaseOptions, 'secondFactor'>): boolean {
  return roles.length > 0 || when !== false
}

function readSecondFactor(input: SecondFactorInput): SignInOptions['secondFactor'] {
  const name = 'signIn.secondFactor'
  const defaults = { roles: [], when: false, grace: '7d' } as const
  const { roles, when, grace } = withDefaults<Required<SecondFactorInput>>(name, defaults, input)
  const listed = Array.isArray(roles) && roles.every((role) => typeof role === 'string')
  if (!listed) invalid(`${name}.roles`, roles, `Write the names of roles: ['admin'].`)
  if (when !== false && typeof when !== 'function')
    invalid(`${name}.when`, when, 'Write (who) => who.tenant !== undefined, or false.')
  return { roles: [...roles], when, grace: grace === 0 ? 0 : milliseconds(`${name}.grace`, grace) }
}

function readLives(remember: RememberInput | false, trustedDevice: RememberInput | false): BrowserLives {
  return {
    ...(remember && { remember: readLife('signIn.remember', remember) }),
    ...(trustedDevice && { trust: readLife('signIn.trustedDevice', trustedDevice) }),
  }
}

function readLife(name: string, input: RememberInput): number {
  const { life } = withDefaults<Required<RememberInput>>(name, { life: '30d' }, input)
  const read = milliseconds(`${name}.life`, life)
  if (read < 3_600_000 || read > 400 * 86_400_000)
    invalid(`${name}.life`, life, `Give '1h' to '400d': browsers keep no cookie longer.`)
  return read
}

function checkPath(name: string, value: string): void {
  const fits = typeof value === 'string' && value.length > 1 && !value.endsWith('/') && !/[?%]/.test(value)
  if (!fits || localPath(value) !== value) invalid(name, value, `Write a path without escapes or a slash at its end: '/login'.`)
}

/** The lines of the central table for the pages that are there for people who are not signed in. */
export function kitRoutes(options: SignInOptions | undefined): KitRoute[] {
  if (options === undefined) return []
  const open = options.pages.filter((page) => page.open)
  return open.flatMap(({ path, fromOthers }) => [
    { path: `GET ${path}`, public: true, apiKeys: false, accessTokens: false },
    { path: `POST ${path}`, public: true, apiKeys: false, accessTokens: false, ...(fromOthers && { fromOthers }) },
  ])
}
