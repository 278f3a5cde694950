/**
 * Codes of an authenticator app: six digits that change every 30 seconds. Each counts once, and none that is older than the last
 * one accepted, so a code that was read over the shoulder or caught by a false page is worth nothing after its owner used it.
 * Sources: RFC 6238, RFC 4226 (160 bits, section 4 R6), NIST SP 800-63B-4 section 3.1.4; CVE-2015-7225, CVE-2021-43177, CVE-2024-8796.
 */
import { HOTP, Secret as Otp, TOTP } from 'otpauth'
import { equal } from '../../crypto/equal.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { Factor, FactorSetting } from './factor.ts'

/** What apps of all makers understand; they ignore or refuse other values. */
const SHAPE = { algorithm: 'SHA1', digits: 6, period: 30 } as const
const PERIOD = SHAPE.period * 1000
/** A step before and a step after, for clocks that differ and people who type slowly (RFC 6238 section 5.2). */
const DRIFT = 1
const SECRET_BYTES = 20
/** Escaped; the issuer stands in the address twice. */
const LONGEST_ISSUER = 96
const LONGEST_LABEL = 192
export const TOTP_PURPOSE = 'accounts/totp'
const CODE = /^\d{6}$/

export const totp: Factor = {
  kind: 'totp',
  amr: 'otp',

  read(typed) {
    const code = typed.length > 32 ? '' : typed.replaceAll(/[\s-]/g, '')
    return CODE.test(code) ? code : undefined
  },

  async match(setting, { userId, code }) {
    const row = await setting.database.kysely
      .selectFrom('hf_factors')
      .select(['value', 'version', 'last_step'])
      .where('user_id', '=', userId)
      .where('kind', '=', 'totp')
      .executeTakeFirst()
    if (!row) return undefined
    const step = stepOf(openSecret(setting, userId, row.value), code, setting.now(), row.last_step)
    return step === undefined ? undefined : { kind: 'totp', version: row.version, step }
  },

  async spend(tx, userId, credential, now) {
    if (credential.kind !== 'totp') return false
    const { numUpdatedRows } = await tx
      .updateTable('hf_factors')
      .set({ last_step: credential.step, used_at: now })
      .where('user_id', '=', userId)
      .where('kind', '=', 'totp')
      .where('version', '=', credential.version)
      .where('last_step', '<', credential.step)
      .executeTakeFirst()
    return numUpdatedRows === 1n
  },
}

/** A new secret of 160 bits, from base64url text of so many random bytes. */
export function newSecret(random: (bytes: number) => string): Buffer {
  return Buffer.from(random(SECRET_BYTES), 'base64url')
}

/** As it is stored: sealed to this user and this kind, so that a row moved to somebody else opens for nobody. */
export function sealSecret({ keys }: Pick<FactorSetting, 'keys'>, userId: string, secret: Buffer): string {
  return keys.seal(TOTP_PURPOSE, secret, [userId, 'totp'])
}

/** Throws HF_KEYS_INVALID when the key that sealed it is gone: a fault of the operator's, and no reason to let anybody in. */
export function openSecret({ keys }: Pick<FactorSetting, 'keys'>, userId: string, sealed: string): Buffer {
  const opened = keys.open(TOTP_PURPOSE, sealed, [userId, 'totp'])
  if (opened.ok) return opened.plaintext
  throw new HoldfastError('HF_KEYS_INVALID', `The second factor of user ${userId} cannot be opened: ${opened.reason}.`, {
    fix: 'Put the key that was in use when it was enrolled back into the ring, or run "holdfast users reset-factors".',
  })
}

/** The latest step within the drift, and after `last`, whose code this is. All are compared, whichever fits. */
export function stepOf(secret: Buffer, code: string, now: number, last: number): number | undefined {
  const current = Math.floor(now / PERIOD)
  let found: number | undefined
  for (let step = current - DRIFT; step <= current + DRIFT; step++) {
    if (equal(codeOf(secret, step), code) && step > last) found = step
  }
  return found
}

/** What an app shows during a step. */
export function codeOf(secret: Buffer, step: number): string {
  return HOTP.generate({ ...SHAPE, secret: secretOf(secret), counter: step })
}

/** The secret as text for typing, and as the address that a QR code carries. */
export function describeSecret(secret: Buffer, { issuer, login }: { readonly issuer: string; readonly login: string }) {
  const otp = secretOf(secret)
  const named = { issuer: cut(issuer, LONGEST_ISSUER), label: cut(login, LONGEST_LABEL) }
  return { text: otp.base32, uri: new TOTP({ ...SHAPE, secret: otp, ...named }).toString() }
}

/** Whole characters, as many as fit once they are escaped: the picture has to stay readable. A colon would end the name for apps. */
function cut(text: string, most: number): string {
  let [kept, length] = ['', 0]
  for (const character of text.toWellFormed().replaceAll(':', ' ')) {
    length += encodeURIComponent(character).length
    if (length > most) break
    kept += character
  }
  return kept
}

function secretOf(bytes: Buffer): Otp {
  return Otp.fromHex(bytes.toString('hex'))
}
