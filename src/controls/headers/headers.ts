/**
 * Tells browsers what the answers of this application may do, on every answer: pages, errors, redirects, files.
 * Stops injected script and style, framing, sniffing, leaks to other origins and shared caches, and downgrades (A103, A104).
 * Sources: W3C CSP Level 3, RFC 6797, RFC 9111 §5.2.2.5; OWASP Secure Headers Project, ASVS 5.0 3.4.
 */
import { defineControl } from '../../engine/control.ts'
import { Encrypted, Nonce, Principal } from '../../engine/facts.ts'
import { slot, type Exchange } from '../../engine/exchange.ts'
import { compileHead } from '../../engine/head.ts'
import type { Finding } from '../../engine/finding.ts'
import { checkInsecure, invalid, wholeNumber, withDefaults, type Insecure } from '../../engine/options.ts'
import { compileReportingEndpoints } from '../../http/reporting.ts'
import { canonicalTarget } from '../../http/target.ts'
import { compilePolicy, mergeCsp, widenCsp, type ContentPolicy, type CspSources } from './content-policy.ts'
import { MoreSources } from './slot.ts'
import { FIXED_DEFAULTS, fixedHeaders, type FixedOptions } from './fixed.ts'
import { createCollector } from './reports.ts'
import { readTransport, type TransportOptions } from './transport.ts'

export interface ReportingOptions {
  /** Where browsers post their reports. Open to everybody. @default '/_holdfast/reports' */
  readonly path?: string
  /** Kinds of violation that become an event each minute. @default 100 */
  readonly groupsPerMinute?: number
}

export interface HeadersOptions extends FixedOptions {
  /** Sources by directive, added to the strict policy: `{ 'img-src': ['data:'] }`. @default {} */
  readonly csp?: CspSources
  /** Trusted Types: strings cannot reach `innerHTML` and its like. @default 'report' */
  readonly trustedTypes?: 'off' | 'report' | 'enforce'
  /** Strict-Transport-Security; sent on encrypted answers only. @default a year, no subdomains, no preload */
  readonly hsts?: TransportOptions
  /** The collector, or `false` for none. @default {} */
  readonly reporting?: ReportingOptions | false
  /** Lets `csp` replace strict lists with weaker ones. @default none */
  readonly insecureCsp?: Insecure | undefined
  /** The policy only reports and blocks nothing. @default none */
  readonly insecureReportOnly?: Insecure | undefined
}

const DEFAULTS: Required<HeadersOptions> = {
  ...FIXED_DEFAULTS,
  csp: {},
  trustedTypes: 'report',
  hsts: {},
  reporting: {},
  insecureCsp: undefined,
  insecureReportOnly: undefined,
}
const REPORTING: Required<ReportingOptions> = { path: '/_holdfast/reports', groupsPerMinute: 100 }
const ENDPOINT = 'holdfast'
const NONCE_BYTES = 16
const HALF_A_YEAR = 15_552_000

const NonceValue = slot<string>('nonce-value')

export const headers = defineControl({
  name: 'headers',
  needs: [Encrypted],
  gives: [Nonce],

  options(input: HeadersOptions | undefined) {
    const options = withDefaults('headers', DEFAULTS, input)
    const { csp, trustedTypes, insecureCsp, insecureReportOnly } = options
    if (!['off', 'report', 'enforce'].includes(trustedTypes))
      invalid('headers.trustedTypes', trustedTypes, `Write 'off', 'report' or 'enforce'.`)
    const reporting = readReporting(options.reporting)
    const directives = mergeCsp(csp, insecureCsp !== undefined)
    compilePolicy(directives, { upgrade: false, trustedTypes: false })
    return {
      directives,
      trustedTypes,
      reporting,
      insecureCsp,
      insecureReportOnly,
      fixed: fixedHeaders(options),
      transport: readTransport(options.hsts),
      corp: options.corp,
    }
  },

  *check({ insecureCsp, insecureReportOnly, transport, corp }): Iterable<Finding> {
    if (insecureCsp)
      yield {
        id: 'HF-HEADERS-1',
        severity: 'high',
        what: `The content policy is weaker than strict: ${insecureCsp.reason}.`,
        fix: 'Use nonces or hashes and remove headers.insecureCsp.',
      }
    if (insecureReportOnly)
      yield {
        id: 'HF-HEADERS-2',
        severity: 'high',
        what: `The content policy blocks nothing: ${insecureReportOnly.reason}.`,
        fix: 'Remove headers.insecureReportOnly.',
      }
    if (transport.seconds < HALF_A_YEAR)
      yield {
        id: 'HF-HEADERS-3',
        severity: 'low',
        what: `Browsers insist on https for ${transport.seconds} seconds only.`,
        fix: `Set headers.hsts.maxAge to '365d', with a ramp if it is new.`,
      }
    if (corp === 'cross-origin')
      yield {
        id: 'HF-HEADERS-4',
        severity: 'low',
        what: 'Every site may embed the answers.',
        fix: `Set headers.corp to 'same-site' or 'same-origin'.`,
      }
  },

  start({ options, site, now, random, emit }) {
    const { directives, trustedTypes, reporting, insecureCsp, insecureReportOnly, transport } = options
    if (insecureCsp) checkInsecure('headers.insecureCsp', insecureCsp, now())
    if (insecureReportOnly) checkInsecure('headers.insecureReportOnly', insecureReportOnly, now())
    const reportTo = reporting && { name: ENDPOINT, path: reporting.path }
    const extras = { reportTo, upgrade: site.secure, trustedTypes: trustedTypes === 'enforce' }
    const policy = compilePolicy(directives, extras)
    const widened = new WeakMap<CspSources, ContentPolicy>()
    const policyName = insecureReportOnly ? 'content-security-policy-report-only' : 'content-security-policy'
    const lines: (readonly [string, string | null])[] = [...options.fixed]
    if (policy.frameOptions !== undefined) lines.push(['x-frame-options', policy.frameOptions])
    if (reportTo) lines.push(['reporting-endpoints', compileReportingEndpoints({ [ENDPOINT]: reportTo.path })])
    if (reportTo && trustedTypes === 'report' && !insecureReportOnly)
      lines.push(['content-security-policy-report-only', typesOnly(reportTo)])
    const fixed = compileHead(lines)

    /** Exactly the page that asks for more gets it. */
    function policyOf(more: CspSources | undefined): ContentPolicy {
      if (more === undefined) return policy
      const known = widened.get(more) ?? compilePolicy(widenCsp(directives, more), extras)
      widened.set(more, known)
      return known
    }
    const collect = reporting && createCollector({ emit, now, groupsPerMinute: reporting.groupsPerMinute })

    return {
      // Early, so that a later control may put its own value in place of ours.
      enter(x) {
        x.fixed = fixed
        if (site.secure && x.need(Encrypted)) x.head.set('strict-transport-security', transport.at(x.time))
        x.set(Nonce, () => nonceOf(x, random))
        if (!collect || x.target !== reporting.path || x.method !== 'POST') return undefined
        x.path = reporting.path
        return collect(x)
      },
      leave(x) {
        const nonce = x.get(NonceValue)
        const { withNonce, withoutNonce } = policyOf(x.get(MoreSources))
        if (!x.head.has(policyName)) x.head.set(policyName, nonce === undefined ? withoutNonce : withNonce(nonce))
        const personal = nonce !== undefined || x.cookies.length > 0 || x.get(Principal)
        if (personal && !x.head.has('cache-control')) x.head.set('cache-control', 'no-store')
      },
    }
  },

  /** Pages ask for a nonce all the same; nothing tells the browser what it is for. */
  off({ random }) {
    return { enter: (x) => x.set(Nonce, () => nonceOf(x, random)) }
  },
})

/** Made at the first call, then the same for the whole response. */
function nonceOf(x: Exchange, random: (bytes: number) => string): string {
  const made = x.get(NonceValue)
  if (made !== undefined) return made
  const nonce = random(NONCE_BYTES)
  x.set(NonceValue, nonce)
  return nonce
}

function typesOnly({ name, path }: { readonly name: string; readonly path: string }): string {
  return `require-trusted-types-for 'script'; report-to ${name}; report-uri ${path}`
}

function readReporting(input: ReportingOptions | false): Required<ReportingOptions> | undefined {
  if (input === false) return undefined
  const reporting = withDefaults('headers.reporting', REPORTING, input)
  const where = typeof reporting.path === 'string' ? canonicalTarget(reporting.path) : undefined
  if (!where?.ok || where.search !== '' || where.path !== reporting.path || /[,;]/.test(where.path))
    invalid('headers.reporting.path', reporting.path, `Write a plain path such as '/_holdfast/reports'.`)
  wholeNumber('headers.reporting.groupsPerMinute', reporting.groupsPerMinute, 1, 10_000)
  return reporting
}
