/** THE LIST of doors: every way in. A new one is a file here, a line below and a line in `Accounts.doors`. */
import type { Accounts } from '../types.ts'
import { flaskSessionDoor } from './flask-session.ts'
import { breakGlassDoor } from './break-glass.ts'
import { changeAddressDoor } from './change-address.ts'
import { notMeDoor } from './not-me.ts'
import { emailCodeDoor } from './email-code.ts'
import { magicLinkDoor } from './magic-link.ts'
import { passkeyDoor } from './passkey.ts'
import { lostFactorDoor } from './lost-factor.ts'
import { newPasswordDoor } from './new-password.ts'
import { passwordDoor, type DoorSetting } from './password.ts'
import { recoveryDoor } from './recovery.ts'
import { unlockDoor } from './unlock.ts'
import { invitationDoor } from './invitation.ts'
import { rememberDoor } from './remember.ts'
import { providerDoor } from './provider.ts'
import { secondFactorDoor } from './second-factor.ts'
import { signUpDoor } from './sign-up.ts'
import { verifyAddressDoor } from './verify-address.ts'

export type { DoorSetting } from './password.ts'

type Doors = Accounts['doors']

const doors = {
  password: passwordDoor,
  secondFactor: secondFactorDoor,
  passkey: passkeyDoor,
  newPassword: newPasswordDoor,
  recovery: recoveryDoor,
  lostFactor: lostFactorDoor,
  unlock: unlockDoor,
  flaskSession: flaskSessionDoor,
  signUp: signUpDoor,
  invitation: invitationDoor,
  verifyAddress: verifyAddressDoor,
  magicLink: magicLinkDoor,
  emailCode: emailCodeDoor,
  remember: rememberDoor,
  provider: providerDoor,
  changeAddress: changeAddressDoor,
  notMe: notMeDoor,
  breakGlass: breakGlassDoor,
} satisfies { readonly [Name in keyof Doors]: (setting: DoorSetting) => Doors[Name] }

export const doorNames: readonly string[] = Object.keys(doors)

/** Hangs every door onto the one gate. */
export function openDoors(setting: DoorSetting): Doors {
  return {
    password: doors.password(setting),
    secondFactor: doors.secondFactor(setting),
    passkey: doors.passkey(setting),
    newPassword: doors.newPassword(setting),
    recovery: doors.recovery(setting),
    lostFactor: doors.lostFactor(setting),
    unlock: doors.unlock(setting),
    flaskSession: doors.flaskSession(setting),
    signUp: doors.signUp(setting),
    invitation: doors.invitation(setting),
    verifyAddress: doors.verifyAddress(setting),
    magicLink: doors.magicLink(setting),
    emailCode: doors.emailCode(setting),
    remember: doors.remember(setting),
    provider: doors.provider(setting),
    changeAddress: doors.changeAddress(setting),
    notMe: doors.notMe(setting),
    breakGlass: doors.breakGlass(setting),
  }
}
