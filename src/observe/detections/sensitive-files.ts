/** One address asks for files that deployments leave behind. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { probing } from '../detecting/probing.ts'
import { answer, times } from '../detecting/replay.ts'

const FILES = ['.env', '.git/config', 'dump.sql', 'backup.zip', '.aws/credentials', 'id_rsa']
const asked = (index: number, status = 404) =>
  answer({ at: index * 300, target: `/${'a'.repeat(Math.floor(index / FILES.length))}/${FILES[index % FILES.length]}`, status })

export const sensitiveFiles = defineDetection({
  name: 'sensitive-files',
  severity: 'medium',
  why: 'One address asks for secrets, backups and folders of version control that deployments leave behind.',
  anchors: ['T1595.003', 'CWE-538', 'CrowdSec http-sensitive-files'],
  needs: ['probe'],
  thresholds: {
    holds: count(4, 'different files of one address that are borne at once'),
    leak: time(5000, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'rotate-keys'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => asked(index)),
    nearMiss: ({ holds }) => [...times(holds, (index) => asked(index)), ...times(holds, (index) => asked(index, 200))],
  },
  start: ({ thresholds, adminPaths, overflow }) =>
    overflow({
      ...probing('sensitive-file', adminPaths, {
        ...thresholds,
        tell: ({ count }) => ({ why: `${count} files that are left behind by accident`, targetCount: count }),
      }),
      target: ({ path, target }) => ({ kind: 'route', value: path || target }),
    }),
})
