/** The option `insecureFlaskSession` of the sign-in: how the application that is being moved from signed its cookies. */
import type { SigningOptions } from '../../crypto/itsdangerous.ts'
import { reveal, type Secret } from '../../crypto/secret.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults, type Insecure } from '../../engine/options.ts'

export interface FlaskSessionInput extends Insecure {
  /** `SECRET_KEY` of the application on Flask. Whoever has it can sign in as anybody without a second factor, until the last day. */
  readonly secret: string | Secret
  /** The login here of the user whom the cookie names there; `undefined` when they did not come along. */
  readonly loginOf: (id: string) => string | undefined | Promise<string | undefined>
  /** Name of the cookie. @default 'session' */
  readonly cookie?: string
  /** Where the cookie has the id: Flask-Login's `_user_id`. @default '_user_id' */
  readonly userIdKey?: string
  /** How old a cookie may be, at most 31 days. @default '31d' */
  readonly maxAge?: Duration
  /** @default 'cookie-session' */
  readonly salt?: string
  /** @default 'hmac' */
  readonly keyDerivation?: SigningOptions['keyDerivation']
  /** @default 'sha1' */
  readonly digest?: SigningOptions['digest']
}

export interface FlaskSessionOptions extends SigningOptions, Insecure {
  readonly path: string
  readonly cookie: string
  readonly userIdKey: string
  readonly loginOf: FlaskSessionInput['loginOf']
}

const NAME = 'signIn.insecureFlaskSession'
const LONGEST = 31 * 86_400_000
const DEFAULTS = { cookie: 'session', userIdKey: '_user_id', salt: 'cookie-session' }
const SIGNED = { maxAge: '31d', keyDerivation: 'hmac', digest: 'sha1' } as const
const DERIVATIONS: readonly unknown[] = ['hmac', 'concat', 'django-concat', 'none']
const DIGESTS: readonly unknown[] = ['sha1', 'sha256', 'sha512']

/** `undefined` when it is off. Throws HF_OPTION_INVALID for what no cookie could have been signed with. */
export function readFlaskSession(
  input: FlaskSessionInput | false | undefined,
  { path }: { readonly path: string },
): FlaskSessionOptions | undefined {
  if (input === undefined || input === false) return undefined
  const required = { secret: '', loginOf: noLogin, reason: '', until: '' }
  const options = withDefaults<Required<FlaskSessionInput>>(NAME, { ...required, ...DEFAULTS, ...SIGNED }, input)
  const { secret, loginOf, cookie, userIdKey, salt, keyDerivation, digest } = options
  if (reveal(secret).length < 8) invalid(`${NAME}.secret`, 'too short', 'Give the SECRET_KEY of the application on Flask.')
  if (loginOf === noLogin || typeof loginOf !== 'function')
    invalid(`${NAME}.loginOf`, undefined, 'Give a function from the id in the cookie to the login of the user here.')
  for (const [name, text] of Object.entries({ cookie, userIdKey, salt }))
    if (typeof text !== 'string' || text === '') invalid(`${NAME}.${name}`, text, 'Write a name.')
  if (!DERIVATIONS.includes(keyDerivation)) invalid(`${NAME}.keyDerivation`, keyDerivation, `Write one of ${DERIVATIONS.join()}.`)
  if (!DIGESTS.includes(digest)) invalid(`${NAME}.digest`, digest, `Write one of ${DIGESTS.join()}.`)
  const maxAge = milliseconds(`${NAME}.maxAge`, options.maxAge)
  if (maxAge > LONGEST) invalid(`${NAME}.maxAge`, options.maxAge, 'Write at most 31 days.')
  return { ...options, maxAge, path: `${path}/continue` }
}

function noLogin(): undefined {
  return undefined
}
