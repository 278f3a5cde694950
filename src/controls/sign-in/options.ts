/** Where the kit's own doors are. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults, type InsecureOff } from '../../engine/options.ts'
import type { KitRoute } from '../../engine/policy.ts'
import type { DoorPath } from './doors/door.ts'
import { doors } from './doors/index.ts'
import { localPath } from '../../http/redirect.ts'
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
  /** The name on the pages. @default 'Holdfast' */
  readonly brand?: string
}

export interface SecondFactorInput {
  /** Users of these roles must have one. Until they do they are led to the enrolment. @default [] */
  readonly roles?: readonly string[]
  /** How long they may do without, from when it was first asked of them. Afterwards nothing but the enrolment works. 0: not at all. @default '7d' */
  readonly grace?: Duration
}

/** What all doors know of each other. */
export interface BaseOptions extends Required<Omit<SignInInput, 'secondFactor'>> {
  readonly againPath: string
  /** The page of the second step, `{path}/factor`. */
  readonly factorPath: string
  /** `grace` in milliseconds. */
  readonly secondFactor: { readonly roles: readonly string[]; readonly grace: number }
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
  brand: 'Holdfast',
}

/** `undefined` when the control is off. Throws HF_OPTION_INVALID for a path that is not one in canonical spelling, or stands twice. */
export function readSignInOptions(input?: SignInInput | InsecureOff | false): SignInOptions | undefined {
  if (input === false || (typeof input === 'object' && input !== null && 'insecureOff' in input)) return undefined
  const options = withDefaults<Required<SignInInput>>('signIn', DEFAULTS, input)
  const { path, signOutPath, setUpPath, afterSignIn, sessionsPath, factorsPath, identitiesPath, brand } = options
  const [againPath, factorPath] = [`${path}/again`, `${path}/factor`]
  const named = { path, signOutPath, setUpPath, sessionsPath, factorsPath, identitiesPath }
  for (const [name, value] of Object.entries(named)) checkPath(`signIn.${name}`, value)
  if (afterSignIn !== '/' && localPath(afterSignIn) === '/')
    invalid('signIn.afterSignIn', afterSignIn, `Write a path: '/dashboard'.`)
  if (typeof brand !== 'string' || brand === '' || brand.length > 80) invalid('signIn.brand', brand, 'Write 1 to 80 characters.')
  const base: BaseOptions = { ...options, againPath, factorPath, secondFactor: readSecondFactor(options.secondFactor) }
  const read = doors.map((door) => [door, door.read(input ?? {}, base)] as const).filter(([, own]) => own !== undefined)
  const pages = read.flatMap(([door, own]) => door.paths(own, base))
  const twice = pages.find(({ path: one }, index) => pages.findIndex((other) => other.path === one) !== index)
  if (twice !== undefined) invalid('One of the paths of signIn', twice.path, 'Give each page a path of its own.')
  return { ...base, doors: Object.fromEntries(read.map(([{ name }, own]) => [name, own])), pages }
}

function readSecondFactor(input: SecondFactorInput): SignInOptions['secondFactor'] {
  const name = 'signIn.secondFactor'
  const { roles, grace } = withDefaults<Required<SecondFactorInput>>(name, { roles: [], grace: '7d' }, input)
  const listed = Array.isArray(roles) && roles.every((role) => typeof role === 'string')
  if (!listed) invalid(`${name}.roles`, roles, `Write the names of roles: ['admin'].`)
  return { roles: [...roles], grace: grace === 0 ? 0 : milliseconds(`${name}.grace`, grace) }
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
    { path: `GET ${path}`, public: true, apiKeys: false },
    { path: `POST ${path}`, public: true, apiKeys: false, ...(fromOthers && { fromOthers }) },
  ])
}
