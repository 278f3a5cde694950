/** One address spells a path that leads out of its folder in one way after another. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { probing } from '../detecting/probing.ts'
import { answer, times } from '../detecting/replay.ts'

export const traversalProbe = defineDetection({
  name: 'traversal-probe',
  severity: 'medium',
  why: 'One address sends different spellings of a path that leads out of its folder.',
  anchors: ['CAPEC-126', 'CWE-22', 'WSTG-ATHZ-01', 'CrowdSec http-path-traversal-probing'],
  needs: ['probe'],
  thresholds: {
    holds: count(3, 'different ones of one address that are borne at once'),
    leak: time(10_000, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'raise-log-level'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) => answer({ at: index * 500, target: `/files?name=${'../'.repeat(index + 1)}etc/passwd` })),
    nearMiss: ({ holds }) => [
      ...times(holds, (index) => answer({ at: index * 500, target: `/files?name=${'../'.repeat(index + 1)}etc/passwd` })),
      ...times(holds * 3, (index) => answer({ at: index * 500, target: `/files?name=report..${index}.txt&range=1..${index}` })),
    ],
  },
  start: ({ thresholds, adminPaths, overflow }) =>
    overflow(
      probing('traversal', adminPaths, {
        ...thresholds,
        tell: ({ count }) => ({ why: `${count} different ways out of a folder from one address` }),
      }),
    ),
})
