/** Letters of recovery are asked for again and again: to flood a mailbox, or to hide another letter among them. */
import { count, defineDetection, time, type Overflow } from '../detecting/definition.ts'
import { address, event, times, HOUR, MINUTE } from '../detecting/replay.ts'
import { accountOf, clientOf, fact, networkOf, type EventSignal } from '../detecting/signal.ts'

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
  start({ thresholds, bucket, seen, fire }) {
    const { leak } = thresholds
    const known = seen(leak)
    const tell =
      (what: string) =>
      ({ key, signal, count, targets }: Overflow<EventSignal>) =>
        fire(
          { key: `${what} ${key}`, actors: [clientOf(signal)], targets, why: `${count} letters of recovery asked ${what}` },
          signal,
        )
    const accounts = bucket<EventSignal>({
      holds: thresholds.account,
      leak,
      target: accountOf,
      overflow: tell('for one account'),
    })
    const addresses = bucket<EventSignal>({
      holds: thresholds.address,
      leak,
      target: accountOf,
      overflow: tell('by one address'),
    })
    return {
      event(event) {
        const login = fact(event, 'login')
        if (login === undefined) return
        accounts.pour(login, event)
        const from = networkOf(event)
        // The first letter to a name that nobody has is the part of user-enumeration.
        const first = known(from, login, event.time)
        if (!first || fact(event, 'userId') !== undefined) addresses.pour(from, event)
      },
    }
  },
})
