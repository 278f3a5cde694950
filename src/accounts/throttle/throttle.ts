/**
 * How often one may fail: per account, per network, and per wider IPv6 network. Only failures count in the end, and all counts
 * lie in the `once` store, so several processes share them and a restart keeps them.
 *
 * The account's limit is the same for names that do not exist. Each time it is used up the wait doubles, up to a quarter of an hour, so
 * that it never locks the owner out for good; and a browser in which the owner signed in before has a count of its own, which no
 * stranger can use up, nor their network. Sources: OWASP ASVS 5.0 6.3.1, OWASP Authentication Cheat Sheet, OWASP "Slow Down Online
 * Guessing Attacks with Device Cookies"; attacks A34, A38, A39, A44, A180, A184; CVE-2019-5421, CVE-2024-32868; decision 26.
 */
import { Client } from '../../engine/facts.ts'
import type { Emit } from '../../engine/events.ts'
import type { AtomicStore, Rate } from '../../store/atomic.ts'
import type { Breaker } from './breaker.ts'
import { createGrowingWait } from './growing-wait.ts'
import type { KnownDevices } from './known-devices.ts'
import { createTally } from './tally.ts'
import type { Origin } from '../types.ts'

/** Each as so many in a burst, refilled evenly over the period. */
export interface Limits {
  /** Failures of one account in a burst. @default 5 a minute */
  readonly burst: Rate
  /** Failures of one account in the long run. @default 20 in 15 minutes */
  readonly account: Rate
  /** Failures from one IPv4 address or IPv6 /64. @default 20 in 5 minutes */
  readonly network: Rate
  /** Failures from one IPv6 /48. @default 100 in 5 minutes */
  readonly site: Rate
  /** Failures in browsers that are not known, of all accounts and networks together, before the breaker opens. @default 200 in 5 minutes */
  readonly everywhere: Rate
  /** Failures of one account's second factors, all kinds together, in a burst. @default 5 in 5 minutes */
  readonly factorBurst: Rate
  /** The same in the long run. @default 20 a day */
  readonly factor: Rate
}

/** Five guesses at once, then ever slower, in the end five in a quarter of an hour: about 500 a day for one account, however many guess. */
export const DEFAULT_LIMITS: Limits = {
  burst: { limit: 5, period: 60_000 },
  account: { limit: 20, period: 900_000 },
  network: { limit: 20, period: 300_000 },
  site: { limit: 100, period: 300_000 },
  everywhere: { limit: 200, period: 300_000 },
  factorBurst: { limit: 5, period: 300_000 },
  factor: { limit: 20, period: 86_400_000 },
}

/**
 * The limits of the second factor in the place of the password's. Three of a million codes fit at any time: with 20 guesses a day,
 * somebody who has the password needs more than 30 years for an even chance (NIST SP 800-63B-4 section 3.2.2 asks for a limit).
 */
export function factorLimits(limits: Limits): Limits {
  return { ...limits, account: limits.factor, burst: limits.factorBurst }
}

/** Leave to look at one secret. Exactly one of its three ends is called: `succeed`, `fail` or `cancel`. */
export interface Attempt {
  readonly door: string
  /** The account's keyed hash, as it was given. */
  readonly mark: string | undefined
  /** Whether this account failed lately; after a success it is worth a warning. */
  readonly failedBefore: boolean
  /** It was right: nothing counts, and what failed in this browser, or in those that are unknown, is forgotten. */
  succeed(): Promise<void>
  /** It was wrong: it counts, and says so. `userId` only where there is one. */
  fail(userId?: string): Promise<void>
  /** It was not looked at (too busy): as if it had not been. */
  cancel(): Promise<void>
}

/** `retryAfter`: whole seconds. */
export type Admission = { readonly ok: true; readonly attempt: Attempt } | { readonly ok: false; readonly retryAfter: number }

/** What stands before every secret that can be guessed. */
export interface Throttle {
  /** Takes from every limit that applies before anything is looked at. `mark`: the account's keyed hash, where the secret is an account's. */
  admit(door: string, mark: string | undefined, from: Origin): Promise<Admission>
  /** The owner came in from here by all that it takes: the failures of the account are forgotten that were counted together with theirs. */
  welcome(mark: string, from: Origin): Promise<void>
  /** The account's failures are forgotten wherever they were made; those of networks and of other accounts stay (L85). */
  unlock(mark: string): Promise<void>
}

/** An account that takes no more for a while, as long as it is not known whether there is one. */
export interface Locked {
  readonly mark: string
  readonly userId: string | undefined
}

interface Setting {
  readonly once: AtomicStore
  readonly emit: Emit
  readonly now: () => number
  readonly limits: Limits
  /** Knows browsers in which the owner signed in before. @default none is known */
  readonly devices?: Pick<KnownDevices, 'read'> | undefined
  /** Told of the failures in browsers that are not known. @default nobody is */
  readonly breaker?: Pick<Breaker, 'failed'> | undefined
  /** Before the keys of what is counted for an account, so that two throttles count apart. Networks are counted together. @default 'accounts' */
  readonly counts?: string
  /** Told when an account's last attempt was used up; the answer waits for it. @default nobody is */
  readonly onLock?: (locked: Locked) => Promise<void>
}

interface Bucket {
  readonly scope: 'network' | 'account'
  readonly key: string
  readonly rate: Rate
}

/** What applies to one attempt. */
interface Standing {
  /** The network first: a network that is blocked cannot take from anybody's account. */
  readonly buckets: readonly Bucket[]
  /** Key of the wait that grows; `undefined` where the secret is nobody's. */
  readonly wait: string | undefined
  /** Whether the account knows the browser. */
  readonly known: boolean
}

/** Longer than any count lasts. */
const UNLOCKED_FOR = 30 * 86_400_000

/** Makes the throttle. It says `authn_login_lock`, `authn_login_fail` and `authn_login_fail_max`; logins appear as keyed hashes alone. */
export function createThrottle({ once, emit, now, limits, devices, breaker, counts = 'accounts', onLock }: Setting): Throttle {
  const tally = createTally(once)
  const { limit: burst, period } = limits.burst
  const waits = createGrowingWait(once, { burst, first: period / burst })

  function networksOf(from: Origin): Bucket[] {
    const site = from.site ?? from.exchange?.get(Client)?.site
    return [
      { scope: 'network', key: `accounts:fail:network:${from.network}`, rate: limits.network },
      ...(site === undefined ? [] : [{ scope: 'network', key: `accounts:fail:site:${site}`, rate: limits.site } as const]),
    ]
  }

  /** A browser that the account knows answers for itself alone: neither strangers nor neighbours of its network can stop it. */
  async function standingOf(mark: string | undefined, from: Origin): Promise<Standing> {
    if (mark === undefined) return { buckets: networksOf(from), wait: undefined, known: false }
    const device = devices?.read(from.knownDevice, mark)
    const since = await once.get(unlockedKey(mark), now())
    const whose = `${mark}${device === undefined ? '' : `:${device}`}${since === undefined ? '' : `:${since}`}`
    const own: Bucket[] = [
      { scope: 'account', key: `${counts}:fail:account:${whose}`, rate: limits.account },
      { scope: 'account', key: `${counts}:fail:burst:${whose}`, rate: limits.burst },
    ]
    const known = device !== undefined
    return { buckets: known ? own : [...networksOf(from), ...own], wait: `${counts}:fail:wait:${whose}`, known }
  }

  async function giveBack(buckets: readonly Bucket[]): Promise<void> {
    for (const { key, rate } of buckets) await tally.giveBack(key, rate, now())
  }

  const unlockedKey = (mark: string) => `${counts}:unlocked:${mark}`

  async function forget({ buckets, wait }: Standing): Promise<void> {
    for (const { scope, key } of buckets) if (scope === 'account') await tally.clear(key)
    if (wait !== undefined) await waits.clear(wait)
  }

  return {
    async welcome(mark, from) {
      await forget(await standingOf(mark, from))
    },

    async unlock(mark) {
      // Counts begin anew under another key: those of the browsers that the owner uses cannot be listed.
      await once.put(unlockedKey(mark), String(now()), UNLOCKED_FOR, now())
    },

    async admit(door, mark, from) {
      const data = { door, login: mark }
      const standing = await standingOf(mark, from)
      const { buckets, wait } = standing

      function refuse({ scope }: Pick<Bucket, 'scope'>, retryAfter: number): Admission {
        emit({ type: 'authn_login_lock', data: { ...data, scope } }, from.exchange)
        return { ok: false, retryAfter: Math.max(1, Math.ceil(retryAfter / 1000)) }
      }

      // Looked at first: who is refused anyway, a flood of guesses, makes the store write nothing.
      const left = wait === undefined ? 0 : await waits.left(wait, now())
      for (const bucket of buckets) {
        if (bucket.scope === 'account' && left > 0) return refuse(bucket, left)
        const { ok, retryAfter } = await tally.look(bucket.key, bucket.rate, now())
        if (!ok) return refuse(bucket, retryAfter)
      }
      const taken: Bucket[] = []
      let failedBefore = false
      let used = false
      for (const bucket of buckets) {
        const { ok, remaining, retryAfter } = await tally.take(bucket.key, bucket.rate, now())
        if (!ok) {
          await giveBack(taken)
          return refuse(bucket, retryAfter)
        }
        taken.push(bucket)
        if (bucket.scope !== 'account') continue
        failedBefore ||= remaining < bucket.rate.limit - 1
        used ||= remaining === 0
      }
      const attempt: Attempt = {
        door,
        mark,
        failedBefore,
        async succeed() {
          await giveBack(taken.filter(({ scope }) => scope === 'network'))
          await forget(standing)
        },
        async fail(userId) {
          emit({ type: 'authn_login_fail', data: { ...data, userId } }, from.exchange)
          if (!standing.known) await breaker?.failed(from.exchange)
          if (wait !== undefined) await waits.fail(wait, used, now())
          if (!used) return
          emit({ type: 'authn_login_fail_max', data: { ...data, userId } }, from.exchange)
          if (mark !== undefined) await onLock?.({ mark, userId })
        },
        cancel: () => giveBack(taken),
      }
      return { ok: true, attempt }
    },
  }
}
