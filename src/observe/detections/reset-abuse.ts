/** Letters of recovery are asked for again and again: to flood a mailbox, or to hide another letter among them. */
import { count, defineDetection, time } from '../detecting/definition.ts'
import { address, event, times, HOUR, MINUTE } from '../detecting/replay.ts'
import { accountOf, fact, loginOf, networkOf } from '../detecting/signal.ts'

const asked = (index: number, login: string) =>
  event('authn_recovery_asked', { at: index * MINUTE, client: address(index), data: { login, userId: `id of ${login}` } })

export const resetAbuse = defineDetection({
  name: 'reset-abuse',
  severity: 'medium',
  why: 'Letters of recovery are asked for again and again, for one account or by one address.',
  anchors: ['WSTG-ATHN-09', 'CAPEC-50'],
  needs: ['authn_recovery_asked'],
  thresholds: {
    account: count(3, 'for one account that are borne at once'),
    address: count(10, 'by one address for accounts that there are, or again for those that there are not'),
    leak: time(HOUR, 'in which one of either is forgotten'),
  },
  automatic: ['tighten-limit'],
  offered: ['notify-user', 'block-client'],
  replay: {
    fires: ({ account }) => times(account + 1, (index) => asked(index, 'login')),
    nearMiss: ({ account }) => times(account * 2, (index) => asked(index, `login${index % 2}`)),
  },
  start: ({ thresholds: { account, address: many, leak }, overflow }) => [
    overflow({
      ...{ holds: account, leak, kind: 'account' },
      by: loginOf,
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} letters of recovery asked for one account` }),
    }),
    overflow({
      ...{ holds: many, leak, kind: 'address' },
      by: (event) => loginOf(event) && networkOf(event),
      // The first letter to a name that nobody has is the part of user-enumeration.
      repeat: (event) => (fact(event, 'userId') === undefined ? loginOf(event) : undefined),
      remembers: leak,
      target: accountOf,
      tell: ({ count }) => ({ why: `${count} letters of recovery asked by one address` }),
    }),
  ],
})
