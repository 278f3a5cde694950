/** THE LIST of responses, from the mildest to what touches everybody. To add one, add its file and its line here. */
import { blockClient } from './block-client.ts'
import { blockNetwork } from './block-network.ts'
import { disableRoute } from './disable-route.ts'
import { endAllSessions } from './end-all-sessions.ts'
import { endSession } from './end-session.ts'
import { endUserSessions } from './end-user-sessions.ts'
import { forcePasswordChange } from './force-password-change.ts'
import { lockAccount } from './lock-account.ts'
import { markHoneytoken } from './mark-honeytoken.ts'
import { notifyUser } from './notify-user.ts'
import { raiseLogLevel } from './raise-log-level.ts'
import { readOnly } from './read-only.ts'
import { requireStepUp } from './require-step-up.ts'
import type { Response } from './response.ts'
import { revokeApiKey } from './revoke-api-key.ts'
import { revokeApp } from './revoke-app.ts'
import { rotateKeys } from './rotate-keys.ts'
import { slowDown } from './slow-down.ts'
import { snapshotEvidence } from './snapshot-evidence.ts'
import { tightenLimit } from './tighten-limit.ts'

export const responses: readonly Response[] = [
  snapshotEvidence, // first: what is written down cannot be changed by what comes after
  raiseLogLevel,
  notifyUser,
  markHoneytoken,
  slowDown,
  requireStepUp,
  endSession,
  endUserSessions,
  revokeApp,
  revokeApiKey,
  blockClient,
  blockNetwork,
  lockAccount,
  forcePasswordChange,
  tightenLimit,
  disableRoute,
  rotateKeys,
  readOnly,
  endAllSessions,
]

export function responseNamed(name: string): Response | undefined {
  return responses.find((response) => response.name === name)
}
