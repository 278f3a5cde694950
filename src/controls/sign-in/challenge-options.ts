/** When browsers that are not known have to do some work before a form is looked at, and how much. */
import { challengeScriptVersion } from '../../console/challenge-script.ts'
import { invalid, withDefaults } from '../../engine/options.ts'

export interface ChallengeInput {
  /** `'attack'`: while sign-ins fail everywhere; `'always'`: at every form, too. @default 'attack' */
  readonly when?: 'attack' | 'always'
  /** Bits of the work, 8 to 22; each doubles it. Up to four are added while the attack goes on. @default 15 (a second or less) */
  readonly difficulty?: number
  /** How many failures in five minutes, over all accounts and networks, are an attack: 5 to 1000000. @default 200 */
  readonly failures?: number
}

export type ChallengeOptions = Required<ChallengeInput>

/** Throws HF_OPTION_INVALID for what would stop everybody, or nobody. */
export function readChallenge(input: ChallengeInput): ChallengeOptions {
  const name = 'signIn.challenge'
  const options = withDefaults<ChallengeOptions>(name, { when: 'attack', difficulty: 15, failures: 200 }, input)
  const { when, difficulty, failures } = options
  if (when !== 'attack' && when !== 'always') invalid(`${name}.when`, when, `Write 'attack' or 'always'.`)
  if (!Number.isInteger(difficulty) || difficulty < 8 || difficulty > 22)
    invalid(`${name}.difficulty`, difficulty, 'Give 8 to 22 bits: less stops nobody, more keeps a telephone busy for minutes.')
  if (!Number.isInteger(failures) || failures < 5 || failures > 1_000_000)
    invalid(`${name}.failures`, failures, 'Give 5 to 1000000 failures in five minutes.')
  return options
}

/** Where the script is. */
export function challengePath({ path }: { readonly path: string }): string {
  return `${path}/challenge.js`
}

/** Its address, which changes with it. */
export function scriptOfChallenge(options: { readonly path: string }): string {
  return `${challengePath(options)}?v=${challengeScriptVersion}`
}
