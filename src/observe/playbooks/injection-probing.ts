/** Playbook: somebody looks for a way in with tools: SQL, paths, scripts, files that should not be there. */
import { definePlaybook, KEEP, LEARN, TAKE } from './playbook.ts'

export const injectionProbing = definePlaybook({
  name: 'injection-probing',
  title: 'Somebody probes for holes',
  what: 'Requests carry SQL, path traversal or script, or ask for files and pages that do not exist.',
  severity: 'medium',
  detections: ['sql-probe', 'traversal-probe', 'attack-tool', 'sensitive-files', 'forced-browsing', 'protocol-abuse'],
  created: '2026-11-21',
  modified: '2026-11-21',
  steps: [
    TAKE,
    {
      title: 'Look for an answer that should not be',
      who: 'responder',
      phase: 'detect',
      what: 'Everybody is probed; what matters is what succeeded. Look at what was reached: a 200 or a 500 where a 4xx belongs.',
      command: 'holdfast incident show ID',
      done: 'Each answer below 400, and each 500, is explained.',
    },
    {
      title: 'Refuse the address',
      who: 'responder',
      phase: 'contain',
      what: 'It gives quiet, not safety: the next address is cheap.',
      response: { name: 'block-client', on: ['client'] },
      done: 'The probes have stopped.',
    },
    {
      title: 'Close what answered',
      who: 'administrator',
      phase: 'contain',
      what: 'Only where something answered: close the route until it is mended.',
      response: { name: 'disable-route', on: ['route'] },
      gate: 'Who cannot work without it?',
      done: 'The request that succeeded is refused.',
    },
    {
      title: 'Mend it',
      who: 'administrator',
      phase: 'remove',
      what: 'Write the request as a test that fails, mend the cause, and look for its siblings.',
      done: 'The test passes, and the route is open again.',
    },
    KEEP,
    LEARN,
  ],
})
