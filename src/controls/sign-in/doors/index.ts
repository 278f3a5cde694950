/** THE LIST of the web's doors, in the order in which the sign-in page offers them. */
import { again } from './again.ts'
import type { WebDoor } from './door.ts'
import { factor } from './factor.ts'
import { way } from './in.ts'
import { out } from './out.ts'
import { provider } from './provider.ts'
import { setUp } from './set-up.ts'

export const doors: readonly WebDoor[] = [
  way, // name and password
  again, // who is signed in proves it again
  factor, // the second step
  provider, // other providers say who it is
  out, // the way out
  setUp, // the first administrator
]
