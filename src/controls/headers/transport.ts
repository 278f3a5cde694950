/**
 * Strict-Transport-Security with a ramp, so that a site that finds a forgotten http corner is locked out of it for minutes and not for a year.
 * Sources: RFC 6797 §11.3 and §11.4, OWASP HSTS Cheat Sheet; hstspreload.org ("increase the max-age in stages").
 */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import { invalid, withDefaults } from '../../engine/options.ts'
import { compileHsts, type HstsOptions } from '../../http/hsts.ts'
import { compiled } from './compiled.ts'

export interface TransportOptions {
  /** How long browsers insist on https. @default '365d' */
  readonly maxAge?: Duration
  /** Whether every subdomain has https as well. @default false */
  readonly includeSubDomains?: boolean
  /** Asks to be built into browsers, which takes months to undo: needs a year and all subdomains. @default false */
  readonly preload?: boolean
  /** The day https was first served to all, `YYYY-MM-DD`: 5 minutes in its first week, a week until day 30, then `maxAge`. @default '' (no ramp) */
  readonly ramp?: string
}

const DEFAULTS: Required<TransportOptions> = { maxAge: '365d', includeSubDomains: false, preload: false, ramp: '' }
const DAY = 86_400_000
const FIRST = { days: 7, seconds: 300 }
const SECOND = { days: 30, seconds: 604_800 }

export interface Transport {
  /** The header value at this time. */
  at(time: number): string
  /** Seconds, when the ramp is over. */
  readonly seconds: number
}

/** Throws HF_OPTION_INVALID for a time or a day that is none, and where the preload rules are not met. */
export function readTransport(input: TransportOptions | undefined): Transport {
  const { maxAge, includeSubDomains, preload, ramp } = withDefaults('headers.hsts', DEFAULTS, input)
  const seconds = Math.floor(milliseconds('headers.hsts.maxAge', maxAge) / 1000)
  const [full, first, second] = [
    compile({ maxAge: seconds, includeSubDomains, preload }),
    compile({ maxAge: Math.min(FIRST.seconds, seconds), includeSubDomains }),
    compile({ maxAge: Math.min(SECOND.seconds, seconds), includeSubDomains }),
  ]
  if (ramp === '') return { at: () => full, seconds }
  const start = readDay(ramp)
  const [secondFrom, fullFrom] = [start + FIRST.days * DAY, start + SECOND.days * DAY]
  return { at: (time) => (time >= fullFrom ? full : time >= secondFrom ? second : first), seconds }
}

function compile(options: HstsOptions): string {
  return compiled('headers.hsts', options, () => compileHsts(options))
}

function readDay(text: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN
  return Number.isNaN(time) ? invalid('headers.hsts.ramp', text, `Write the day as 'YYYY-MM-DD'.`) : time
}
