/** Options of the rate-limit control, and what `check` says of them. */
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { parseLimit, type Limit, type LimitInput } from './limit.ts'

export interface RateLimitInput {
  /**
   * Limits by name. Three names have a fixed meaning: `client`, taken by every request of a client network (an IPv4 address or an
   * IPv6 /64); `site`, by every request of an IPv6 /48; `principal`, by every request of a signed-in user. All others are taken
   * where a route names them: `routes: [{ path: 'POST /export', limit: 'export' }]`.
   * @default { client: '300/min', site: '1200/min', principal: '600/min' }
   */
  readonly limits?: Readonly<Record<string, LimitInput>>
  /** Counts and reports, refuses nothing. For finding the right numbers. @default false */
  readonly dryRun?: boolean
  /** Says in RateLimit and RateLimit-Policy what is left. Retry-After stands on every 429 either way. @default true */
  readonly headers?: boolean
}

export interface RateLimitOptions {
  readonly client: Limit
  readonly site: Limit
  readonly principal: Limit
  /** All limits, the three above included. */
  readonly named: ReadonlyMap<string, Limit>
  readonly dryRun: boolean
  readonly headers: boolean
}

const DEFAULTS: Required<RateLimitInput> = { limits: {}, dryRun: false, headers: true }
const DEFAULT_LIMITS = {
  client: '300/min',
  site: '1200/min',
  principal: '600/min',
} as const satisfies Record<string, LimitInput>

/** What their names say, whatever is written. */
const FIXED = { client: 'client', site: 'client', principal: 'principal' } as const

export function rateLimitOptions(input: RateLimitInput | undefined): RateLimitOptions {
  const { limits, dryRun, headers } = withDefaults<Required<RateLimitInput>>('rateLimit', DEFAULTS, input)
  if (typeof dryRun !== 'boolean') invalid('rateLimit.dryRun', dryRun, 'Write true or false.')
  if (typeof headers !== 'boolean') invalid('rateLimit.headers', headers, 'Write true or false.')
  if (typeof limits !== 'object' || limits === null || Array.isArray(limits)) {
    invalid('rateLimit.limits', limits, `Give an object such as { export: '5/min' }.`)
  }
  const named = new Map<string, Limit>()
  for (const [name, value] of Object.entries<LimitInput>({ ...DEFAULT_LIMITS, ...limits })) {
    named.set(name, parseLimit(name, value, dryRun))
  }
  const fixed = (name: keyof typeof FIXED): Limit => {
    const given = limits[name]
    if (typeof given === 'object' && given.per !== undefined && given.per !== FIXED[name]) {
      invalid(`rateLimit.limits.${name}.per`, given.per, `Leave it out: "${name}" has a fixed meaning.`)
    }
    const limit: Limit = { ...named.get(name)!, per: FIXED[name] }
    named.set(name, limit)
    return limit
  }
  return { client: fixed('client'), site: fixed('site'), principal: fixed('principal'), named, dryRun, headers }
}

export function* checkRateLimit({ client, site, named }: RateLimitOptions): Generator<Finding> {
  for (const limit of named.values()) {
    const { name, rate, per, dryRun } = limit
    if (dryRun) {
      yield {
        id: 'HF-RATE-LIMIT-1',
        severity: 'medium',
        what: `The limit "${name}" only reports (dryRun).`,
        fix: 'Turn dryRun off once the numbers are right.',
      }
    }
    if (perMinute(limit) > 60_000) {
      yield {
        id: 'HF-RATE-LIMIT-2',
        severity: 'low',
        what: `The limit "${name}" lets ${Math.round(perMinute(limit))} requests a minute through: it stops nobody.`,
        fix: 'Write the most that an honest user needs.',
      }
    }
    if (per === 'global' && rate.limit < 100) {
      yield {
        id: 'HF-RATE-LIMIT-3',
        severity: 'low',
        what: `The limit "${name}" is shared by everybody: one client can use up its ${rate.limit}.`,
        fix: `Use per: 'client' or per: 'principal', or a larger number.`,
      }
    }
  }
  if (perMinute(site) < perMinute(client)) {
    yield {
      id: 'HF-RATE-LIMIT-4',
      severity: 'low',
      what: 'The limit "site" is tighter than "client": one /64 can lock out its whole /48.',
      fix: 'Make "site" a few times as large as "client".',
    }
  }
}

function perMinute({ rate }: Limit): number {
  return (rate.limit * 60_000) / rate.period
}
