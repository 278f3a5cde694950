/** A login as accounts work with it: its key for the look-up, and a keyed hash that counters and the log may hold. */
import { createSecretKey } from 'node:crypto'
import { hmac } from '../../crypto/hmac.ts'
import type { KeyRing } from '../../crypto/keyring.ts'
import { normaliseLogin } from './normalise.ts'

/** Both forms of one login. */
export interface LoginName {
  /** Empty when the text cannot be a login: no row has it, and the look-up is made all the same. */
  readonly key: string
  /** HMAC of the key: the same for one name, useless to who reads the log without our keys (CWE-532). */
  readonly mark: string
}

const LONGEST_MARKED = 254

/** Makes the reader of logins; its key is derived for this purpose alone. */
export function createNames(keys: Pick<KeyRing, 'subkey'>): (login: string) => LoginName {
  const key = createSecretKey(keys.subkey('accounts/login'))
  return (login) => {
    const normalised = normaliseLogin(login)
    const counted = normalised.ok ? normalised.value : `\0${login.slice(0, LONGEST_MARKED).toLowerCase()}`
    return { key: normalised.ok ? normalised.value : '', mark: hmac(key, counted).slice(0, 22) }
  }
}
