/** Who may make an account for themselves, as it is written in `signIn.signUp`. */
import type { SignUpPolicy } from '../../accounts/newcomers/types.ts'
import { invalid, withDefaults } from '../../engine/options.ts'

export interface SignUpInput {
  /** `'closed'`: nobody. `'invitation'`: who was invited. `'open'`: everybody who shows that they read the mail of an address. @default 'closed' */
  readonly mode?: SignUpMode
  /** Roles of those who were not invited; none that permits everything. @default [] */
  readonly roles?: readonly string[]
  /** What they sign in with: their address, or a name that they choose. @default 'address' */
  readonly login?: 'address' | 'name'
  /** The page that asks for an address; `{path}/finish` and `{path}/invitation` take the links of the letters. @default '/sign-up' */
  readonly path?: string
}

export type SignUpMode = SignUpPolicy['mode']

export interface SignUpOptions extends SignUpPolicy {
  readonly path: string
}

const NAME = 'signIn.signUp'
const DEFAULTS: SignUpOptions = { mode: 'closed', roles: [], login: 'address', path: '/sign-up' }
const MODES: readonly unknown[] = ['closed', 'invitation', 'open']
const LOGINS: readonly unknown[] = ['address', 'name']

/** Throws HF_OPTION_INVALID for what cannot be meant. The roles are looked at where they are known. */
export function readSignUp(input: SignUpMode | SignUpInput, checkPath: (name: string, value: string) => void): SignUpOptions {
  const given = typeof input === 'string' ? { mode: input } : input
  const options = withDefaults<SignUpOptions>(NAME, DEFAULTS, given)
  const { mode, roles, login, path } = options
  if (!MODES.includes(mode)) invalid(NAME, mode, `Write 'closed', 'invitation' or 'open'.`)
  if (!LOGINS.includes(login)) invalid(`${NAME}.login`, login, `Write 'address' or 'name'.`)
  const listed = Array.isArray(roles) && roles.every((role) => typeof role === 'string')
  if (!listed) invalid(`${NAME}.roles`, roles, `Write the names of roles: ['member'].`)
  checkPath(`${NAME}.path`, path)
  return { mode, roles: [...roles], login, path }
}
