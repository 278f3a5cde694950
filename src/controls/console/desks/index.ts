/** THE LIST of desks, in the order of the top bar. */
import { apps } from './apps.ts'
import { approvals } from './approvals.ts'
import { address } from './address.ts'
import { api } from './api.ts'
import type { ConsoleDesk } from './desk.ts'
import { exportDesk } from './export.ts'
import { profile } from './profile.ts'
import { factors } from './factors.ts'
import { identities } from './identities.ts'
import { impersonation } from './impersonation.ts'
import { keys } from './keys.ts'
import { mailFactor } from './mail-factor.ts'
import { members } from './members.ts'
import { password } from './password.ts'
import { sessions } from './sessions.ts'
import { tenants } from './tenants.ts'

export const desks: readonly ConsoleDesk[] = [
  profile, // who one is
  exportDesk, // all that is kept, as a file
  sessions, // where one is signed in
  apps, // and with which apps
  password, // the password
  factors, // the second factor
  mailFactor, // its codes in letters
  identities, // accounts of other providers
  keys, // API keys
  address, // the address of mail
  members, // who belongs to one; its pages stand under those of the next
  tenants, // in which organisation one acts
  impersonation, // as whom one acts
  approvals, // what waits for a second person
  api, // what programs may do
]
