/** When browsers that are not known have to do some work before a form is looked at, and how much. */
import { challengeScriptVersion } from '../../console/challenge-script.ts'
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import type { Captcha } from './captcha/captcha.ts'

export interface ChallengeInput {
  /** `'attack'`: while sign-ins fail everywhere; `'always'`: at every form, too. @default 'attack' */
  readonly when?: 'attack' | 'always'
  /** Bits of the work, 8 to 22; each doubles it. Up to four are added while the attack goes on. @default 15 (a second or less) */
  readonly difficulty?: number
  /** How many failures in five minutes, over all accounts and networks, are an attack: 5 to 1000000. @default 200 */
  readonly failures?: number
  /** Somebody else's CAPTCHA in place of the work: `turnstile`, `hcaptcha`, `recaptcha`, or your own. @default none: no third party sees anybody */
  readonly captcha?: Captcha | undefined
  /** What is asked for when they do not answer: our work, or nothing and nobody comes through. @default 'work' */
  readonly whenCaptchaIsDown?: 'work' | 'refuse'
  /** How long they have to answer, a tenth of a second to 30 seconds. @default '5s' */
  readonly captchaTimeout?: Duration
}

export type ChallengeOptions = Required<Omit<ChallengeInput, 'captchaTimeout'>> & { readonly captchaTimeout: number }

const DEFAULTS: Required<ChallengeInput> = {
  ...{ when: 'attack', difficulty: 15, failures: 200 },
  ...{ captcha: undefined, whenCaptchaIsDown: 'work', captchaTimeout: '5s' },
}

/** Throws HF_OPTION_INVALID for what would stop everybody, or nobody. */
export function readChallenge(input: ChallengeInput): ChallengeOptions {
  const name = 'signIn.challenge'
  const options = withDefaults<Required<ChallengeInput>>(name, DEFAULTS, input)
  const { when, difficulty, failures } = options
  if (when !== 'attack' && when !== 'always') invalid(`${name}.when`, when, `Write 'attack' or 'always'.`)
  if (!Number.isInteger(difficulty) || difficulty < 8 || difficulty > 22)
    invalid(`${name}.difficulty`, difficulty, 'Give 8 to 22 bits: less stops nobody, more keeps a telephone busy for minutes.')
  if (!Number.isInteger(failures) || failures < 5 || failures > 1_000_000)
    invalid(`${name}.failures`, failures, 'Give 5 to 1000000 failures in five minutes.')
  return { ...options, captchaTimeout: readCaptcha(name, options) }
}

function readCaptcha(name: string, { captcha, whenCaptchaIsDown, captchaTimeout }: Required<ChallengeInput>): number {
  if (captcha !== undefined && (typeof captcha?.verify !== 'function' || typeof captcha.widget !== 'function'))
    invalid(`${name}.captcha`, captcha, 'Make it with turnstile, hcaptcha or recaptcha, or give an object of that shape.')
  if (whenCaptchaIsDown !== 'work' && whenCaptchaIsDown !== 'refuse')
    invalid(`${name}.whenCaptchaIsDown`, whenCaptchaIsDown, `Write 'work' or 'refuse'.`)
  const timeout = milliseconds(`${name}.captchaTimeout`, captchaTimeout)
  if (timeout < 100 || timeout > 30_000) invalid(`${name}.captchaTimeout`, captchaTimeout, `Write '100ms' to '30s'.`)
  return timeout
}

/** Where the script is. */
export function challengePath({ path }: { readonly path: string }): string {
  return `${path}/challenge.js`
}

/** Its address, which changes with it. */
export function scriptOfChallenge(options: { readonly path: string }): string {
  return `${challengePath(options)}?v=${challengeScriptVersion}`
}
