/** THE LIST of the web's doors, in the order in which the sign-in page offers them. */
import { again } from './again.ts'
import type { WebDoor } from './door.ts'
import { factor } from './factor.ts'
import { way } from './in.ts'
import { out } from './out.ts'
import { setUp } from './set-up.ts'
import { tokens } from './tokens.ts'

export const doors: readonly WebDoor[] = [
  way, // name and password
  again, // who is signed in proves it again
  factor, // the second step
  out, // the way out
  setUp, // the first administrator
  tokens, // what apps need
]
