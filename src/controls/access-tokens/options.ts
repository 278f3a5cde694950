/** Where access tokens are accepted, and how they are made. Read by the control and by accounts, which makes them. */
import { DEFAULT_TOKENS, LONGEST_LIFE, type CustomClaims, type TokenSetting } from '../../accounts/index.ts'
import { SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../crypto/signing-key.ts'
import { readAccept, type Accept } from '../../engine/accept.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults, type InsecureOff } from '../../engine/options.ts'

export interface AccessTokensInput {
  /**
   * `'nowhere'`, `'everywhere'`, or beginnings of paths with a slash at the end: `['/api/']`. The kit's own pages never accept tokens.
   * A line of `routes` says otherwise for its own path: `{ path: 'GET /status', accessTokens: true }`. @default 'nowhere'
   */
  readonly accept?: Accept
  /** Whom tokens are for (`aud`). The first is this application, which takes no others; apps may ask for them. @default [the origin] */
  readonly audiences?: readonly string[]
  /** `'EdDSA'` (Ed25519), or `'ES256'` for readers that know no other. @default 'EdDSA' */
  readonly algorithm?: SigningAlgorithm
  /** How long an access token is good for; at most an hour. @default '5m' */
  readonly life?: Duration
  /** An app that asks for no new token for so long is signed out. @default '14d' */
  readonly idle?: Duration
  /** An app is signed out after so long in any case. @default '90d' */
  readonly absolute?: Duration
  /** How long one key signs; the next is published before. At least a day. @default '90d' */
  readonly rotate?: Duration
  /** Facts of your own in each access token, by name. None may have a name that the token needs for itself. @default none */
  readonly claims?: CustomClaims | undefined
}

export interface AccessTokensOptions extends Omit<TokenSetting, 'issuer'> {
  readonly accept: Accept
}

type Given = Required<Omit<AccessTokensInput, 'claims'>> & Pick<AccessTokensInput, 'claims'>

const HOUR = 3_600_000
const DAY = 24 * HOUR
const DEFAULTS: Given = { accept: 'nowhere', audiences: [], ...DEFAULT_TOKENS, claims: undefined }
const LEAST_LIFE = 30_000
const MOST_AUDIENCES = 16

/** With the control off the defaults hold; nothing is accepted then. Throws HF_OPTION_INVALID for what cannot work. */
export function readAccessTokensOptions(input?: AccessTokensInput | InsecureOff | false): AccessTokensOptions {
  const off = input === false || (typeof input === 'object' && input !== null && 'insecureOff' in input)
  const given = withDefaults<Given>('accessTokens', DEFAULTS, off ? undefined : input)
  const length = (name: 'life' | 'idle' | 'absolute' | 'rotate') => milliseconds(`accessTokens.${name}`, given[name])
  const [life, idle, absolute, rotate] = [length('life'), length('idle'), length('absolute'), length('rotate')]
  if (life < LEAST_LIFE || life > LONGEST_LIFE) invalid('accessTokens.life', given.life, `Give from '30s' to '1h'.`)
  if (idle <= life) invalid('accessTokens.idle', given.idle, 'Give longer than accessTokens.life.')
  if (absolute < idle) invalid('accessTokens.absolute', given.absolute, 'Give at least as long as accessTokens.idle.')
  if (rotate < DAY) invalid('accessTokens.rotate', given.rotate, `Give at least '1d'.`)
  const { algorithm, claims } = given
  if (!SIGNING_ALGORITHMS.includes(algorithm)) invalid('accessTokens.algorithm', algorithm, `Write 'EdDSA' or 'ES256'.`)
  if (claims !== undefined && typeof claims !== 'function')
    invalid('accessTokens.claims', claims, 'Give a function from the principal to an object.')
  const accept = readAccept('accessTokens.accept', given.accept)
  return { accept, audiences: readAudiences(given.audiences), algorithm, life, idle, absolute, rotate, claims }
}

function readAudiences(audiences: unknown): readonly string[] {
  const fix = `Write addresses or names, each once: ['https://app.example', 'https://billing.example'].`
  const listed = Array.isArray(audiences) && audiences.length <= MOST_AUDIENCES && new Set(audiences).size === audiences.length
  if (!listed) return invalid('accessTokens.audiences', audiences, fix)
  return (audiences as unknown[]).map((audience) =>
    typeof audience === 'string' && /^[!-~]{1,200}$/.test(audience) ? audience : invalid('accessTokens.audiences', audience, fix),
  )
}

/** OWASP ASVS 5.0, 9.2.1; RFC 9700 section 2.2. */
export function* checkAccessTokens({ accept, life, absolute }: AccessTokensOptions): Generator<Finding> {
  if (accept === 'everywhere') {
    const what = 'Access tokens are accepted at every route, those for people too.'
    yield { id: 'HF-ACCESS-TOKENS-1', severity: 'low', what, fix: `Name where apps ask: accessTokens: { accept: ['/api/'] }.` }
  }
  if (life > HOUR / 4) {
    const what = `Who takes an access token elsewhere than here believes it for ${Math.round(life / 60_000)} minutes after it was ended.`
    yield { id: 'HF-ACCESS-TOKENS-2', severity: 'low', what, fix: `Set accessTokens.life to '5m'; apps refresh by themselves.` }
  }
  if (absolute > 365 * DAY) {
    const what = `An app stays signed in for ${Math.round(absolute / DAY)} days.`
    yield { id: 'HF-ACCESS-TOKENS-3', severity: 'medium', what, fix: `Set accessTokens.absolute to '90d'.` }
  }
}
