/** Somebody who is no administrator looks for the pages of administrators. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { probing } from '../detecting/probing.ts'
import { answer, times, SECOND } from '../detecting/replay.ts'

const PATHS = ['/admin', '/phpmyadmin', '/administrator', '/manager/html', '/actuator', '/adminer']
const asked = (index: number, status = 404, path = PATHS[index % PATHS.length]!) =>
  answer({ at: index * SECOND, target: index < PATHS.length ? path : `${path}/${index}`, status })

export const adminProbing = defineDetection({
  name: 'admin-probing',
  severity: 'medium',
  why: 'Somebody who may not looks for pages of administrators, ours or those of well-known programs.',
  anchors: ['T1595.003', 'CrowdSec http-admin-interface-probing'],
  needs: ['probe'],
  thresholds: {
    holds: count(2, 'different ones that are borne at once'),
    leak: time(10 * SECOND, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'end-user-sessions'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => asked(index)),
    nearMiss: ({ holds }) => [
      ...times(holds * 3, (index) => asked(index % holds, 403)),
      ...times(holds * 3, (index) => asked(index, 200)),
    ],
  },
  start: ({ thresholds, adminPaths, overflow }) =>
    overflow(
      probing('admin-path', adminPaths, {
        ...thresholds,
        tell: ({ count }) => ({
          why: `${count} pages of administrators asked for by somebody who may not`,
          targetCount: count,
        }),
      }),
    ),
})
