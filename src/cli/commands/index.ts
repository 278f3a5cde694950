/** THE LIST of verbs, in the order of the help. A new one is a file here and a line below. */
import type { Command } from '../command.ts'
import { apiKeys } from './api-keys.ts'
import { apps } from './apps.ts'
import { keys } from './keys.ts'
import { migrate } from './migrate.ts'
import { sessions } from './sessions.ts'
import { users } from './users.ts'

/** Each stands in its own file of the same name. */
export const commands: readonly Command[] = [users, sessions, apps, apiKeys, keys, migrate]
