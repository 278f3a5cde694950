/** THE LIST of verbs, in the order of the help. A new one is a file here and a line below. */
import type { Command } from '../command.ts'
import { apiKeys } from './api-keys.ts'
import { apps } from './apps.ts'
import { detections } from './detections.ts'
import { doors } from './doors.ts'
import { explain } from './explain.ts'
import { invitations } from './invitations.ts'
import { keys } from './keys.ts'
import { mail } from './mail.ts'
import { migrate } from './migrate.ts'
import { secrets } from './secrets.ts'
import { sessions } from './sessions.ts'
import { tenants } from './tenants.ts'
import { users } from './users.ts'

/** Each stands in its own file of the same name. */
export const commands: readonly Command[] = [
  users,
  invitations,
  tenants,
  sessions,
  apps,
  apiKeys,
  doors,
  detections,
  explain,
  mail,
  keys,
  secrets,
  migrate,
]
