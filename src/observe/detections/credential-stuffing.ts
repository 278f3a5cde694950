/** One address, or its neighbours, try many accounts: pairs of name and password that leaked elsewhere. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, SECOND } from '../detecting/replay.ts'
import { accountOf, clientOf, failedLogin, loginOf, networkOf, widerNetworkOf } from '../detecting/signal.ts'

const fail = (index: number, login = `login${index}`, client = '203.0.113.7') =>
  event('authn_login_fail', { at: index * 100, client, data: { door: 'password', login } })

export const credentialStuffing = defineDetection({
  name: 'credential-stuffing',
  severity: 'high',
  why: 'Many accounts fail from one place, as when a list of leaked passwords is tried.',
  anchors: ['T1110.004', 'ASVS 6.3.1', 'AppSensor AE1'],
  needs: ['authn_login_fail', 'authn_login_lock'],
  thresholds: {
    holds: count(5, 'accounts that may fail from one address at once'),
    wide: count(20, 'accounts that may fail from one network (/24, or /48 of IPv6) at once'),
    leak: time(10 * SECOND, 'in which one account is forgotten'),
  },
  automatic: ['block-client'],
  offered: ['block-network', 'require-step-up', 'tighten-limit'],
  replay: {
    fires: ({ holds }) => times(holds + 1, (index) => fail(index)),
    nearMiss: ({ holds }) => times(holds * 2, (index) => fail(index, `login${index % holds}`, address(index * 256))),
  },
  start({ thresholds: { holds, wide, leak }, overflow }) {
    const common = { leak, differ: loginOf, target: accountOf }
    return [
      overflow({
        ...{ ...common, holds },
        by: (event) => failedLogin(event) && networkOf(event),
        tell: ({ count }) => ({ why: `${count} accounts failed from one address in short order`, targetCount: count }),
      }),
      overflow({
        ...{ ...common, holds: wide },
        by: (event) => failedLogin(event) && widerNetworkOf(event),
        tell: ({ key, signal, count }) => ({
          why: `${count} accounts failed from one network in short order`,
          actors: [{ kind: 'network', value: key }, clientOf(signal)],
          targetCount: count,
        }),
      }),
    ]
  },
})
