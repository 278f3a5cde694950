/** The same password is tried at many accounts, from as many addresses. What is compared is a cut keyed hash that no log holds. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, answer, times, MINUTE, SECOND } from '../detecting/replay.ts'
import { lengthOf } from '../detecting/words.ts'

const wrong = (index: number, password = 'tag1') =>
  answer({
    at: index * SECOND,
    client: address(index),
    target: '/login',
    status: 401,
    failed: { login: `login${index}`, password },
  })

export const passwordSpraying = defineDetection({
  name: 'password-spraying',
  severity: 'high',
  why: 'One wrong password is tried at many accounts, slowly and from many addresses, so that no account and no address stands out.',
  anchors: ['T1110.003', 'ASVS 6.3.1'],
  needs: ['answer'],
  thresholds: {
    holds: count(10, 'accounts at which the same wrong password may be tried'),
    leak: time(30 * MINUTE, 'in which one account is forgotten'),
  },
  automatic: [],
  offered: ['tighten-limit', 'require-step-up', 'notify-user'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => wrong(index)),
    nearMiss: ({ holds }) => times(holds * 2, (index) => wrong(index, `tag${index % 2}`)),
  },
  start: ({ thresholds: { holds, leak }, overflow }) =>
    overflow({
      ...{ holds, leak },
      by: ({ failed }) => failed?.password,
      differ: ({ failed }) => failed?.login,
      target: ({ failed }) => failed && { kind: 'login', value: failed.login },
      tell: ({ count }) => ({
        why: `the same wrong password at ${count} accounts within ${lengthOf(holds * leak)}`,
        targetCount: count,
      }),
    }),
})
