/** THE LIST of verbs, in the order of the help. A new one is a file here and a line below. */
import type { Command } from '../command.ts'
import { alerts } from './alerts.ts'
import { apiKeys } from './api-keys.ts'
import { approvals } from './approvals.ts'
import { apps } from './apps.ts'
import { audit } from './audit.ts'
import { db } from './db.ts'
import { breakGlass } from './break-glass.ts'
import { detections } from './detections.ts'
import { doors } from './doors.ts'
import { drill } from './drill.ts'
import { explain } from './explain.ts'
import { incident } from './incident.ts'
import { invitations } from './invitations.ts'
import { keys } from './keys.ts'
import { mail } from './mail.ts'
import { migrate } from './migrate.ts'
import { secrets } from './secrets.ts'
import { sessions } from './sessions.ts'
import { tenants } from './tenants.ts'
import { tls } from './tls.ts'
import { users } from './users.ts'

/** Each stands in its own file of the same name. */
export const commands: readonly Command[] = [
  users,
  invitations,
  tenants,
  sessions,
  apps,
  apiKeys,
  approvals,
  breakGlass,
  doors,
  detections,
  explain,
  audit,
  incident,
  drill,
  mail,
  alerts,
  keys,
  secrets,
  tls,
  migrate,
  db,
]
