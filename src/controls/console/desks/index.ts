/** THE LIST of desks, in the order of the top bar. */
import type { ConsoleDesk } from './desk.ts'
import { factors } from './factors.ts'
import { identities } from './identities.ts'
import { keys } from './keys.ts'
import { sessions } from './sessions.ts'

export const desks: readonly ConsoleDesk[] = [
  sessions, // where one is signed in
  factors, // the second factor
  identities, // accounts of other providers
  keys, // API keys
]
