/** THE LIST of formats that other systems store. Each is read only, and made again as our own at the next sign-in. */
import type { ForeignFormat, PasswordSetting, Recipe } from '../algorithm.ts'
import { bcrypt, bcryptSha256 } from './bcrypt.ts'
import { betterAuth } from './better-auth.ts'
import { djangoArgon2, djangoBcrypt, djangoBcryptSha256, djangoPbkdf2, djangoScrypt } from './django.ts'
import { firebase } from './firebase.ts'
import { flaskSecurity } from './flask-security.ts'
import { ldap } from './ldap.ts'
import { phcArgon2 } from './phc-argon2.ts'
import { phcPbkdf2 } from './phc-pbkdf2.ts'
import { phcScrypt } from './phc-scrypt.ts'
import { phpass } from './phpass.ts'
import { salted } from './salted.ts'
import { shaCrypt } from './sha-crypt.ts'
import { werkzeugPbkdf2, werkzeugScrypt } from './werkzeug.ts'

export const foreignFormats: readonly ForeignFormat[] = [
  werkzeugScrypt,
  werkzeugPbkdf2,
  salted,
  djangoPbkdf2,
  djangoScrypt,
  djangoArgon2,
  djangoBcrypt,
  djangoBcryptSha256,
  flaskSecurity([phcArgon2, bcrypt, bcryptSha256, phcPbkdf2, phcScrypt, shaCrypt]),
  bcrypt,
  bcryptSha256,
  phcArgon2,
  phcScrypt,
  phcPbkdf2,
  phpass,
  shaCrypt,
  ldap,
  betterAuth,
  firebase,
]

/** The recipe of a stored hash of another system, or `undefined` when none of them reads it. */
export function readForeign(stored: string, setting: PasswordSetting): Recipe | undefined {
  return foreignFormats.find((format) => format.claims(stored))?.read(stored, setting)
}
