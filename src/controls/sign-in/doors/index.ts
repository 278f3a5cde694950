/** THE LIST of the web's doors, in the order in which the sign-in page offers them. */
import { again } from './again.ts'
import type { WebDoor } from './door.ts'
import { factor } from './factor.ts'
import { way } from './in.ts'
import { invitation } from './invitation.ts'
import { out } from './out.ts'
import { remember } from './remember.ts'
import { setUp } from './set-up.ts'
import { tokens } from './tokens.ts'
import { signUp } from './sign-up.ts'
import { verifyAddress } from './verify-address.ts'

export const doors: readonly WebDoor[] = [
  way, // name and password
  again, // who is signed in proves it again
  factor, // the second step
  remember, // the second step, for whom the browser remembers
  out, // the way out
  setUp, // the first administrator
  tokens, // what apps need
  signUp, // an account for everybody
  invitation, // an account for who was invited
  verifyAddress, // the address of an account
]
