/** One address tries the same accounts over and over. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { event, times, SECOND } from '../detecting/replay.ts'
import { accountOf, failedLogin, networkOf } from '../detecting/signal.ts'
import { lengthOf } from '../detecting/words.ts'

const fail = (index: number, login = `login${index % 2}`) =>
  event('authn_login_fail', { at: index * 100, data: { door: 'password', login } })

/** How long an account counts as one that this address has tried. */
const TRIED_FOR = 600_000

export const bruteForceAddress = defineDetection({
  name: 'brute-force-address',
  severity: 'medium',
  why: 'One address fails at the same accounts again and again, as programs that guess do.',
  anchors: ['T1110', 'ASVS 6.3.1', 'CrowdSec http-generic-bf'],
  needs: ['authn_login_fail', 'authn_login_lock'],
  thresholds: {
    holds: count(5, 'repeated failures of one address that are borne at once; the first at each account is none of them'),
    leak: time(10 * SECOND, 'in which one is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'tighten-limit'],
  replay: {
    fires: ({ holds }) => times(holds + 3, (index) => fail(index)),
    nearMiss: ({ holds }) => times(holds + 2, (index) => fail(index)),
  },
  start: ({ thresholds: { holds, leak }, overflow }) =>
    overflow({
      ...{ holds, leak },
      by: (event) => failedLogin(event) && networkOf(event),
      // What is new is the part of credential-stuffing.
      repeat: failedLogin,
      remembers: TRIED_FOR,
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} repeated failures from one address within ${lengthOf(holds * leak)}` }),
    }),
})
