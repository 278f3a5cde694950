/** THE LIST of drivers, one for each way of the matrix. */
import type { Driver } from '../driver.ts'
import { accessToken } from './access-token.ts'
import { again } from './again.ts'
import { apiKey } from './api-key.ts'
import { basic } from './basic.ts'
import { breakGlass } from './break-glass.ts'
import { changeAddress } from './change-address.ts'
import { emailCode } from './email-code.ts'
import { emailFactor } from './email-factor.ts'
import { flaskSession } from './flask-session.ts'
import { invitation } from './invitation.ts'
import { keepAccount } from './keep-account.ts'
import { lostFactor } from './lost-factor.ts'
import { magicLink } from './magic-link.ts'
import { newPassword } from './new-password.ts'
import { notMe } from './not-me.ts'
import { passkey } from './passkey.ts'
import { passkeyFactor } from './passkey-factor.ts'
import { passkeySignUp } from './passkey-sign-up.ts'
import { password } from './password.ts'
import { provider } from './provider.ts'
import { recovery } from './recovery.ts'
import { refresh } from './refresh.ts'
import { remember } from './remember.ts'
import { secondFactor } from './second-factor.ts'
import { setUp } from './set-up.ts'
import { signOut } from './sign-out.ts'
import { signUp } from './sign-up.ts'
import { tokens } from './tokens.ts'
import { undoAddress } from './undo-address.ts'
import { unlock } from './unlock.ts'
import { verifyAddress } from './verify-address.ts'

export const drivers: readonly Driver[] = [
  ...[password, again, secondFactor, emailFactor, passkey, passkeyFactor, magicLink, emailCode, provider, remember, newPassword],
  ...[recovery, lostFactor, unlock, flaskSession, signOut, setUp, tokens, refresh, signUp, passkeySignUp, invitation],
  ...[verifyAddress, changeAddress, undoAddress, keepAccount, notMe, breakGlass, apiKey, basic, accessToken],
]
