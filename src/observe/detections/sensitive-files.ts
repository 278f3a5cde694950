/** One address asks for files that deployments leave behind. */
import { claimOf } from '../detecting/claims.ts'
import { count, defineDetection, time } from '../detecting/definition.ts'
import { answer, times } from '../detecting/replay.ts'
import { askersOf, type AnswerSignal } from '../detecting/signal.ts'

const FILES = ['.env', '.git/config', 'dump.sql', 'backup.zip', '.aws/credentials', 'id_rsa']
const asked = (index: number, status = 404) =>
  answer({ at: index * 300, target: `/${'a'.repeat(Math.floor(index / FILES.length))}/${FILES[index % FILES.length]}`, status })

export const sensitiveFiles = defineDetection({
  name: 'sensitive-files',
  severity: 'medium',
  why: 'One address asks for secrets, backups and folders of version control that deployments leave behind.',
  anchors: ['T1595.003', 'CWE-538', 'CrowdSec http-sensitive-files'],
  needs: ['answer'],
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
  start({ thresholds: { holds, leak }, bucket, adminPaths, fire }) {
    const files = bucket<AnswerSignal>({
      holds,
      leak,
      target: ({ path, target }) => ({ kind: 'route', value: path || target }),
      overflow({ key, signal, count, targets }) {
        fire(
          { key, actors: askersOf(signal), targets, targetCount: count, why: `${count} files that are left behind by accident` },
          signal,
        )
      },
    })
    return {
      answer(signal) {
        const claim = claimOf(signal, adminPaths)
        if (claim?.kind === 'sensitive-file') files.pour(signal.network, signal, claim.value)
      },
    }
  },
})
