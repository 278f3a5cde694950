/** The way out. */
import type { Driver } from '../driver.ts'
import { fromExample } from '../driver.ts'

export const signOut: Driver = {
  way: 'sign-out',
  arrange: fromExample('signOut'),
  event: 'session_ended',
  behind: ({ sessions }) => sessions,
}
