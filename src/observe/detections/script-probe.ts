/** One address sends one piece of script after another, to find a page that runs it. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { probing } from '../detecting/probing.ts'
import { answer, times } from '../detecting/replay.ts'

export const scriptProbe = defineDetection({
  name: 'script-probe',
  severity: 'medium',
  why: 'One address sends many different pieces of markup that would run as script in the pages of others.',
  anchors: ['CAPEC-63', 'CWE-79', 'WSTG-INPV-01', 'CrowdSec http-xss-probing'],
  needs: ['probe'],
  thresholds: {
    holds: count(5, 'different ones of one address that are borne at once'),
    leak: time(1000, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'raise-log-level'],
  replay: {
    fires: ({ holds }) =>
      times(holds + 1, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent(`<script>alert(${index})</script>`)}` }),
      ),
    nearMiss: ({ holds }) => [
      ...times(holds, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent(`<script>alert(${index})</script>`)}` }),
      ),
      ...times(holds * 3, (index) =>
        answer({ at: index * 10, target: `/search?q=${encodeURIComponent('1 < 2 and "b" > a')}${index}` }),
      ),
    ],
  },
  start: ({ thresholds, adminPaths, overflow }) =>
    overflow(
      probing('script', adminPaths, {
        ...thresholds,
        tell: ({ count }) => ({ why: `${count} different pieces of script from one address` }),
      }),
    ),
})
