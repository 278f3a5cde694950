/**
 * rate-limit: how often a client, a network, a user or everybody may ask, before anything is done that costs.
 * Stops floods, guessing and scraping, also from many addresses of one IPv6 network and across the edge of a window (attacks A30,
 * A32, A34, A37, A38, A40–A43). Sources: OWASP API Security 2023 API4, OWASP ASVS 5.0 V2.4, RFC 6585 §4 (429), GCRA (ITU-T I.371).
 */
import { defineControl, type Verdict } from '../../engine/control.ts'
import type { Exchange } from '../../engine/exchange.ts'
import { Client, Principal } from '../../engine/facts.ts'
import { HoldfastError } from '../../engine/errors.ts'
import { deny, type Reply } from '../../engine/reply.ts'
import { hint } from '../../engine/suggest.ts'
import { limitField, policyField, retryAfter } from '../../http/rate-limit-fields.ts'
import type { Taken } from '../../store/atomic.ts'
import { ApiKey } from '../api-keys/slot.ts'
import type { Limit } from './limit.ts'
import { checkRateLimit, rateLimitOptions, type RateLimitInput, type RateLimitOptions } from './options.ts'
import { createQuiet } from '../../engine/quiet.ts'
import { Limits } from './slot.ts'

/** A limit with the beginning of its keys. */
interface Rule extends Limit {
  readonly prefix: string
}

/** What one request takes from, in this order, and what the answer says of it. */
interface Plan {
  readonly rules: readonly Rule[]
  readonly policy: string
}

export const rateLimit = defineControl<'rateLimit', RateLimitInput, RateLimitOptions>({
  name: 'rateLimit',
  needs: [Client],
  gives: [Limits],
  options: rateLimitOptions,
  check: checkRateLimit,

  start({ options, limits: store, routes, emit }) {
    const rules = new Map([...options.named].map(([name, limit]) => [name, { ...limit, prefix: prefixOf(name) }]))
    for (const name of routes.limits ?? []) find(name)
    const quiet = createQuiet()
    const byClient = [rules.get('client')!]
    const bySite = [...byClient, rules.get('site')!]
    const plans = { v4: plansFor(byClient, rules), v6: plansFor(bySite, rules) }
    const principalRule = rules.get('principal')!

    function enter(x: Exchange): Verdict | Promise<Verdict> {
      x.set(Limits, limits)
      const named = x.route.limit ?? ''
      const plan = (x.need(Client).site === undefined ? plans.v4 : plans.v6).get(named)
      if (plan === undefined) return void find(named)
      if (options.headers) x.head.set('ratelimit-policy', plan.policy)
      return takeAll(x, plan.rules, 0, undefined)
    }

    const limits: Limits = {
      principal(x) {
        const routeRule = x.route.limit === undefined ? undefined : find(x.route.limit)
        const own = routeRule?.per === 'principal' ? [routeRule] : []
        const rule = x.get(ApiKey)?.perMinute === undefined ? principalRule : ownRule(x.get(ApiKey)!)
        const all = x.get(Principal) ? [rule, ...own] : own
        return all.length === 0 ? undefined : takeAll(x, all, 0, undefined)
      },
      take: (name, x) => takeAll(x, [find(name)], 0, undefined),
    }

    /** What the key was made with stands in place of the limit for every user. */
    function ownRule({ perMinute = 0 }: ApiKey): Rule {
      return { ...principalRule, rate: { limit: perMinute, period: 60_000 } }
    }

    function find(name: string): Rule {
      const rule = rules.get(name)
      if (rule !== undefined) return rule
      throw new HoldfastError('HF_OPTION_INVALID', `There is no limit "${name}" in rateLimit.limits.`, {
        fix: hint(name, [...rules.keys()]),
      })
    }

    /** Takes from each rule in turn and stops at the first refusal. Stays synchronous as long as the store does. */
    function takeAll(
      x: Exchange,
      all: readonly Rule[],
      from: number,
      tightest: Tightest | undefined,
    ): Verdict | Promise<Verdict> {
      for (let index = from; index < all.length; index++) {
        const rule = all[index]!
        const taken = take(x, rule)
        if (taken instanceof Promise) return settle(x, all, index, taken, tightest)
        const refusal = judge(x, rule, taken)
        if (refusal !== undefined) return refusal
        tightest = tighter(tightest, rule, taken)
      }
      if (tightest !== undefined) tell(x, tightest)
      return undefined
    }

    /** A store on another host: the rest is asked for at once, not one after the other. */
    async function settle(
      x: Exchange,
      all: readonly Rule[],
      index: number,
      first: Promise<Taken>,
      tightest: Tightest | undefined,
    ): Promise<Verdict> {
      const rest = all.slice(index + 1).map((rule) => take(x, rule))
      const answers = await Promise.all([first, ...rest])
      for (const [offset, taken] of answers.entries()) {
        const rule = all[index + offset]!
        const refusal = judge(x, rule, taken)
        if (refusal !== undefined) return refusal
        tightest = tighter(tightest, rule, taken)
      }
      if (tightest !== undefined) tell(x, tightest)
      return undefined
    }

    function take(x: Exchange, rule: Rule): Taken | Promise<Taken> {
      return store.take(rule.prefix + subject(x, rule), rule.rate, x.time)
    }

    function judge(x: Exchange, rule: Rule, taken: Taken): Reply | undefined {
      if (taken.allowed) return undefined
      const { name, per, dryRun, prefix } = rule
      const times = quiet.heard(prefix + subject(x, rule), x.time)
      if (times > 0) emit({ type: 'excess_rate_limit_exceeded', data: { limit: name, per, times, ...(dryRun && { dryRun }) } }, x)
      if (dryRun) return undefined
      tell(x, { rule, taken })
      return deny(429, 'too-many-requests', {
        reason: `limit ${name}`,
        head: { 'retry-after': retryAfter(taken.retryAfter / 1000) },
      })
    }

    function tell(x: Exchange, { rule, taken }: Tightest): void {
      if (options.headers) x.head.set('ratelimit', limitField(rule.name, taken.remaining, taken.resetAfter / 1000))
    }

    return { enter }
  },
})

interface Tightest {
  readonly rule: Rule
  readonly taken: Taken
}

/** Of two limits the one that leaves less is what an honest client must know. */
function tighter(known: Tightest | undefined, rule: Rule, taken: Taken): Tightest {
  return known !== undefined && known.taken.remaining <= taken.remaining ? known : { rule, taken }
}

/** One plan for each limit a route may name, and one for those that name none. Limits by user wait until the user is known. */
function plansFor(always: readonly Rule[], rules: ReadonlyMap<string, Rule>): ReadonlyMap<string, Plan> {
  const plans = new Map([['', planOf(always, [])]])
  for (const [name, rule] of rules) plans.set(name, planOf(always, always.includes(rule) ? [] : [rule]))
  return plans
}

function planOf(always: readonly Rule[], own: readonly Rule[]): Plan {
  const said = [...always, ...own].map(({ name, rate }) => ({ name, quota: rate.limit, window: Math.ceil(rate.period / 1000) }))
  return { rules: [...always, ...own.filter(({ per }) => per !== 'principal')], policy: policyField(said) }
}

/** Lengths stand before the parts, so that no two lists of parts make the same key (attack A41). */
function prefixOf(name: string): string {
  return `limit/${name.length}:${name}/`
}

/** Who is counted. The path is not part of it: another spelling of a route is no other bucket (attack A40). */
function subject(x: Exchange, { name, per }: Rule): string {
  if (per === 'global') return ''
  const principal = per === 'principal' ? x.get(Principal) : undefined
  // Programs have counts of their own: what one uses up is not taken from its owner's browser.
  if (principal?.apiKey !== undefined) return `k${principal.apiKey.length}:${principal.apiKey}`
  if (principal) return `p${principal.id.length}:${principal.id}`
  const client = x.need(Client)
  const key = name === 'site' ? (client.site ?? client.network) : client.network
  return `c${key.length}:${key}`
}
