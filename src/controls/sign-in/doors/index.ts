/** THE LIST of the web's doors, in the order in which the sign-in page offers them. */
import { again } from './again.ts'
import type { WebDoor } from './door.ts'
import { breakGlass } from './break-glass.ts'
import { changeAddress } from './change-address.ts'
import { keepAccount } from './keep-account.ts'
import { notMe } from './not-me.ts'
import { undoAddress } from './undo-address.ts'
import { emailCode } from './email-code.ts'
import { emailFactor } from './email-factor.ts'
import { factor } from './factor.ts'
import { way } from './in.ts'
import { flaskSession } from './flask-session.ts'
import { lostFactor } from './lost-factor.ts'
import { newPassword } from './new-password.ts'
import { invitation } from './invitation.ts'
import { magicLink } from './magic-link.ts'
import { out } from './out.ts'
import { passkeyFactor } from './passkey-factor.ts'
import { passkeySignUp } from './passkey-sign-up.ts'
import { passkey } from './passkey.ts'
import { remember } from './remember.ts'
import { recover } from './recover.ts'
import { resume } from './resume.ts'
import { provider } from './provider.ts'
import { setUp } from './set-up.ts'
import { tokens } from './tokens.ts'
import { unlock } from './unlock.ts'
import { signUp } from './sign-up.ts'
import { verifyAddress } from './verify-address.ts'

export const doors: readonly WebDoor[] = [
  way, // name and password
  again, // who is signed in proves it again
  resume, // what waited for that is sent
  magicLink, // a link in a letter
  emailCode, // a code in a letter
  factor, // the second step
  emailFactor, // its code in a letter
  passkey, // a passkey alone
  passkeySignUp, // a new account with a passkey in place of a password
  passkeyFactor, // a passkey or security key as the second step
  remember, // the second step, for whom the browser remembers
  newPassword, // a password that has had its time
  recover, // who forgot the password
  lostFactor, // who lost the second factor
  unlock, // who is locked out
  flaskSession, // whom an application on Flask had signed in
  provider, // other providers say who it is
  out, // the way out
  setUp, // the first administrator
  tokens, // what apps need
  signUp, // an account for everybody
  invitation, // an account for who was invited
  verifyAddress, // the address of an account
  changeAddress, // another one
  undoAddress, // the one before again
  keepAccount, // an account that is being deleted
  breakGlass, // the sealed account
  notMe, // an owner who knows nothing of it
]
