/** THE LIST of detections, in the order of the reference. A new one is a file here and a line below. */
import type { Detection } from '../detecting/definition.ts'
import { bruteForceAccount } from './brute-force-account.ts'
import { bruteForceAddress } from './brute-force-address.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { passwordSpraying } from './password-spraying.ts'
import { distributedFailures } from './distributed-failures.ts'
import { successAfterFailures } from './success-after-failures.ts'
import { userEnumeration } from './user-enumeration.ts'
import { lockoutBurst } from './lockout-burst.ts'
import { impossibleTravel } from './impossible-travel.ts'
import { newDevice } from './new-device.ts'
import { sessionContextChange } from './session-context-change.ts'
import { sessionAfterEnd } from './session-after-end.ts'
import { forgedSession } from './forged-session.ts'
import { tooManySessions } from './too-many-sessions.ts'
import { refreshTokenReuse } from './refresh-token-reuse.ts'
import { tokenForgery } from './token-forgery.ts'
import { secondFactorAbuse } from './second-factor-abuse.ts'
import { resetAbuse } from './reset-abuse.ts'
import { csrfBurst } from './csrf-burst.ts'
import { corsProbe } from './cors-probe.ts'
import { contentPolicyViolations } from './content-policy-violations.ts'
import { forcedBrowsing } from './forced-browsing.ts'
import { adminProbing } from './admin-probing.ts'
import { sensitiveFiles } from './sensitive-files.ts'
import { objectSweep } from './object-sweep.ts'
import { sqlProbe } from './sql-probe.ts'
import { scriptProbe } from './script-probe.ts'
import { traversalProbe } from './traversal-probe.ts'
import { attackTool } from './attack-tool.ts'
import { protocolAbuse } from './protocol-abuse.ts'
import { honeytoken } from './honeytoken.ts'
import { privilegeChangeOdd } from './privilege-change-odd.ts'
import { massRead } from './mass-read.ts'
import { monitoringSilenced } from './monitoring-silenced.ts'

/** Each stands in its own file of the same name. */
export const detections: readonly Detection[] = [
  bruteForceAccount,
  bruteForceAddress,
  credentialStuffing,
  passwordSpraying,
  distributedFailures,
  successAfterFailures,
  userEnumeration,
  lockoutBurst,
  impossibleTravel,
  newDevice,
  sessionContextChange,
  sessionAfterEnd,
  forgedSession,
  tooManySessions,
  refreshTokenReuse,
  tokenForgery,
  secondFactorAbuse,
  resetAbuse,
  csrfBurst,
  corsProbe,
  contentPolicyViolations,
  forcedBrowsing,
  adminProbing,
  sensitiveFiles,
  objectSweep,
  sqlProbe,
  scriptProbe,
  traversalProbe,
  attackTool,
  protocolAbuse,
  honeytoken,
  privilegeChangeOdd,
  massRead,
  monitoringSilenced,
]
