/** THE LIST of doors: every way in. A new one is a file here, a line below and a line in `Accounts.doors`. */
import type { Accounts } from '../types.ts'
import { passwordDoor, type DoorSetting } from './password.ts'
import { providerDoor } from './provider.ts'
import { secondFactorDoor } from './second-factor.ts'

export type { DoorSetting } from './password.ts'

type Doors = Accounts['doors']

const doors = {
  password: passwordDoor,
  secondFactor: secondFactorDoor,
  provider: providerDoor,
} satisfies { readonly [Name in keyof Doors]: (setting: DoorSetting) => Doors[Name] }

export const doorNames: readonly string[] = Object.keys(doors)

/** Hangs every door onto the one gate. */
export function openDoors(setting: DoorSetting): Doors {
  return { password: doors.password(setting), secondFactor: doors.secondFactor(setting), provider: doors.provider(setting) }
}
