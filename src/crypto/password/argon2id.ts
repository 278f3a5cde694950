/**
 * Argon2id as `$argon2id$v=19$m=19456,t=2,p=1[,keyid=…]$salt$hash`.
 * Source: RFC 9106; OWASP Password Storage Cheat Sheet (19 MiB, two passes, one lane); PHC string format,
 * https://github.com/P-H-C/phc-string-format.
 */
import { randomBytes, timingSafeEqual } from 'node:crypto'
import type { PasswordAlgorithm, PasswordSetting } from './algorithm.ts'
import type { Argon2Parameters } from './argon2-engine.ts'

/** OWASP's second choice: the least memory of those with two passes. The stronger ones need more memory for each sign-in at a time. */
export const OWASP_PARAMETERS: Argon2Parameters = { memory: 19456, passes: 2, parallelism: 1 }

const SALT_BYTES = 16
const HASH_BYTES = 32
/** What is looked at where there is nothing: nobody has the password of this. */
const NO_SALT = randomBytes(SALT_BYTES)
const NOTHING = randomBytes(HASH_BYTES)
const LONGEST_STORED = 320
const PHC =
  /^\$argon2id\$v=19\$m=([1-9]\d{0,6}),t=([1-9]\d?),p=([1-9]\d?)(?:,keyid=([A-Za-z0-9+/]{1,44}))?\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/

/** OWASP's equal choices, KiB → the fewest passes. */
const FEWEST_PASSES: readonly (readonly [memory: number, passes: number])[] = [
  [47104, 1],
  [19456, 2],
  [12288, 3],
  [9216, 4],
  [7168, 5],
]

/** Whether the parameters are at least one of OWASP's choices. */
export function areStrong({ memory, passes }: Argon2Parameters): boolean {
  return FEWEST_PASSES.some(([least, fewest]) => memory >= least && passes >= fewest)
}

/**
 * Whether the cost is one that a server will pay: at most 256 MiB, 16 passes, 8 lanes, and 1 GiB gone over in all.
 * A hash that was slipped into the database, or imported, must not stop the process (CWE-400).
 */
export function areBounded({ memory, passes, parallelism }: Argon2Parameters): boolean {
  if (![memory, passes, parallelism].every((cost) => Number.isInteger(cost) && cost >= 1)) return false
  return memory <= 262_144 && passes <= 16 && parallelism <= 8 && memory >= 8 * parallelism && memory * passes <= 1_048_576
}

export const argon2id: PasswordAlgorithm = {
  id: 'argon2id',

  async hash(password, setting) {
    const keyId = setting.pepper?.current
    const secret = keyId === undefined ? undefined : pepper(setting, keyId)
    const salt = randomBytes(SALT_BYTES)
    const hash = await derive(password, salt, secret, setting.parameters, HASH_BYTES, setting)
    const { memory, passes, parallelism } = setting.parameters
    const key = keyId === undefined ? '' : `,keyid=${base64(Buffer.from(keyId))}`
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}${key}$${base64(salt)}$${base64(hash)}`
  },

  async workForNothing(password, setting) {
    const keyId = setting.pepper?.current
    const secret = keyId === undefined ? undefined : pepper(setting, keyId)
    timingSafeEqual(NOTHING, await derive(password, NO_SALT, secret, setting.parameters, HASH_BYTES, setting))
  },

  read(stored, setting) {
    const found = stored.length <= LONGEST_STORED ? PHC.exec(stored) : null
    if (found === null) return undefined
    const [, m, t, p, encodedKeyId, encodedSalt = '', encodedHash = ''] = found
    const parameters: Argon2Parameters = { memory: Number(m), passes: Number(t), parallelism: Number(p) }
    const keyId = encodedKeyId === undefined ? undefined : Buffer.from(encodedKeyId, 'base64').toString()
    const secret = keyId === undefined ? undefined : pepper(setting, keyId)
    if (!areBounded(parameters) || (keyId !== undefined && secret === undefined)) return undefined
    const salt = Buffer.from(encodedSalt, 'base64')
    const hash = Buffer.from(encodedHash, 'base64')
    return {
      current: keyId === setting.pepper?.current && hash.length === HASH_BYTES && isSame(parameters, setting.parameters),
      async matches(password) {
        return timingSafeEqual(hash, await derive(password, salt, secret, parameters, hash.length, setting))
      },
    }
  },
}

function pepper(setting: PasswordSetting, keyId: string): Buffer | undefined {
  return setting.pepper?.subkey('password-pepper', keyId)
}

function derive(
  password: Uint8Array,
  salt: Uint8Array,
  secret: Uint8Array | undefined,
  parameters: Argon2Parameters,
  length: number,
  setting: PasswordSetting,
): Promise<Uint8Array> {
  setting.onWork({ algorithm: 'argon2id', ...parameters })
  return setting.engine({ password, salt, secret, parameters, length })
}

/** Any difference counts, also a stronger hash: accounts with one cost all take the same time, so the time tells nothing. */
function isSame(a: Argon2Parameters, b: Argon2Parameters): boolean {
  return a.memory === b.memory && a.passes === b.passes && a.parallelism === b.parallelism
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}
