/** The link that keeps an account which is to be deleted. */
import type { Driver } from '../driver.ts'
import { fromExample, DAY } from '../driver.ts'

export const keepAccount: Driver = {
  way: 'keep-account',
  arrange: fromExample('keepAccount'),
  life: 60 * DAY,
  event: 'user_deletion_stopped',
  behind: ({ deletions }) => deletions,
}
