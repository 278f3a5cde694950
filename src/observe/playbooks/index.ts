/** THE LIST of playbooks: what to do about the incidents that are most common. To add one, add its file and its line here. */
import { accountTakeover } from './account-takeover.ts'
import { credentialStuffing } from './credential-stuffing.ts'
import { flood } from './flood.ts'
import { injectionProbing } from './injection-probing.ts'
import { insiderMisuse } from './insider-misuse.ts'
import { leakedApiKey } from './leaked-api-key.ts'
import { logSilenced } from './log-silenced.ts'
import { lostSigningKey } from './lost-signing-key.ts'
import { massRead } from './mass-read.ts'
import type { Playbook } from './playbook.ts'
import { privilegeEscalation } from './privilege-escalation.ts'
import { sessionTheft } from './session-theft.ts'

export const playbooks: readonly Playbook[] = [
  credentialStuffing,
  accountTakeover,
  sessionTheft,
  leakedApiKey,
  privilegeEscalation,
  massRead,
  injectionProbing,
  insiderMisuse,
  lostSigningKey,
  flood,
  logSilenced,
]

/** The one for what was detected: of several the one that most detections name. */
export function playbookFor(detections: readonly string[]): Playbook | undefined {
  const fits = (playbook: Playbook) => detections.filter((name) => playbook.detections.includes(name)).length
  const [best] = playbooks.toSorted((a, b) => fits(b) - fits(a))
  return best && fits(best) > 0 ? best : undefined
}
