/** THE LIST of drills. To add one, add its file and its line here. */
import type { Drill } from './drill.ts'
import { accountTakeover } from './account-takeover.ts'
import { flood } from './flood.ts'
import { guessing } from './guessing.ts'
import { injectionProbing } from './injection-probing.ts'
import { insiderMisuse } from './insider-misuse.ts'
import { leakedKeys } from './leaked-keys.ts'
import { logSilenced } from './log-silenced.ts'
import { massRead } from './mass-read.ts'
import { passwordSpraying } from './password-spraying.ts'
import { privilegeEscalation } from './privilege-escalation.ts'
import { sessionTheft } from './session-theft.ts'
import { stolenToken } from './stolen-token.ts'

export { playDrill } from './play.ts'

export const drills: readonly Drill[] = [
  ...[guessing, passwordSpraying, stolenToken, leakedKeys, accountTakeover, sessionTheft],
  ...[privilegeEscalation, injectionProbing, flood, massRead, insiderMisuse, logSilenced],
]
