/**
 * The Content-Security-Policy of every answer: strict, built on a nonce, and compiled before the first request.
 * A response whose nonce nobody asked for runs no script at all; one that asked runs what carries the nonce and what that loads.
 * Sources: W3C CSP Level 3 §8.2 (strict-dynamic), web.dev "Strict CSP"; OWASP CSP Cheat Sheet.
 */
import { HoldfastError } from '../../engine/errors.ts'
import { invalid } from '../../engine/options.ts'
import { compileCsp, NONCE, type CspDirectives } from '../../http/csp.ts'
import { compiled } from './compiled.ts'
import type { CspSources } from './slot.ts'

export type { CspSources } from './slot.ts'

/** Header values: with the nonce of the response, and for a response that used none. */
export interface ContentPolicy {
  withNonce(nonce: string): string
  readonly withoutNonce: string
  /** What X-Frame-Options must say to agree with `frame-ancestors`; nothing when it cannot say it. */
  readonly frameOptions: 'DENY' | 'SAMEORIGIN' | undefined
}

export interface ContentPolicyExtras {
  /** Sends reports to this endpoint of Reporting-Endpoints, and to this path for browsers that only know the old way. */
  readonly reportTo?: { readonly name: string; readonly path: string } | undefined
  /** Asks browsers to turn http links of the page into https. */
  readonly upgrade: boolean
  readonly trustedTypes: boolean
}

const NOTHING = "'none'"
const STRICT: Readonly<Record<string, readonly string[]>> = {
  'default-src': ["'self'"],
  'script-src': [NONCE, "'strict-dynamic'"],
  'script-src-attr': [NOTHING],
  'style-src': ["'self'", NONCE],
  'object-src': [NOTHING],
  'base-uri': [NOTHING],
  'form-action': ["'self'"],
  'frame-ancestors': [NOTHING],
}
/** What a user may leave out without a reason. */
const OPTIONAL = new Set(['upgrade-insecure-requests'])
/** Beside these, a script-src without nonce or hash lets nothing run: it says what 'none' says. */
const IDLE = new Set(["'strict-dynamic'", "'report-sample'"])

const RUNS_CODE = /^(?:default-src|script-src|script-src-elem|script-src-attr|worker-src|object-src|base-uri)$/
const STYLES = /^style-src/
const FRAMES_OR_FORMS = /^(?:frame-ancestors|form-action)$/
const EVERYWHERE = /^(?:\*|[a-z][a-z0-9+.-]*:(?:\/\/\*.*)?)$/i
const UNSAFE = /^'unsafe-/i

/** The directives to send. Throws HF_OPTION_INVALID or HF_OPTION_INSECURE for sources that weaken the policy or change nothing. */
export function mergeCsp(given: CspSources, insecure: boolean): CspDirectives {
  if (typeof given !== 'object' || given === null)
    invalid('headers.csp', given, `Give sources by directive: { 'img-src': ['data:'] }.`)
  const merged: Record<string, readonly string[] | true | false> = { ...STRICT }
  for (const [name, sources] of Object.entries(given)) {
    if (!insecure) refuseWeak(name, sources)
    merged[name] = insecure ? sources : add(merged, name, sources)
  }
  return merged
}

/** The same directives with more sources, for one page. Throws for what would weaken the policy, as `mergeCsp` does. */
export function widenCsp(directives: CspDirectives, more: CspSources): CspDirectives {
  const merged: Record<string, readonly string[] | true | false> = { ...directives }
  for (const [name, sources] of Object.entries(more)) {
    refuseWeak(name, sources)
    merged[name] = add(merged, name, sources)
  }
  return merged
}

/** Compiles the policy. Throws HF_OPTION_INVALID when a value could begin another directive (A103). */
export function compilePolicy(
  directives: CspDirectives,
  { reportTo, upgrade, trustedTypes }: ContentPolicyExtras,
): ContentPolicy {
  const all: CspDirectives = {
    ...directives,
    ...(upgrade && { 'upgrade-insecure-requests': directives['upgrade-insecure-requests'] ?? true }),
    ...(trustedTypes && { 'require-trusted-types-for': ["'script'"] }),
    ...(reportTo && { 'report-to': [reportTo.name], 'report-uri': [reportTo.path] }),
  }
  return compiled('headers.csp', directives, () => {
    const policy = compileCsp(all)
    const bare = compileCsp(Object.fromEntries(Object.entries(all).map(([name, value]) => [name, dropNonce(value)])))
    return {
      withNonce: (nonce) => policy.header(nonce),
      withoutNonce: bare.header(''),
      frameOptions: frameOptions(directives['frame-ancestors']),
    }
  })
}

function add(merged: CspDirectives, name: string, extra: readonly string[] | true | false): readonly string[] | true | false {
  if (!Array.isArray(extra)) return extra
  const base = merged[name] ?? merged[fallback(name)]
  if (!Array.isArray(base) || extra.includes(NOTHING)) return extra
  return [...new Set([...base.filter((source: string) => source !== NOTHING), ...extra])]
}

/** The directive that stands in while `name` is not given (CSP Level 3 §6.8.3); workers and frames do not inherit the nonce's trust. */
function fallback(name: string): string {
  if (name === 'script-src-elem') return 'script-src'
  if (name === 'style-src-elem' || name === 'style-src-attr') return 'style-src'
  return name.endsWith('-src') ? 'default-src' : ''
}

function refuseWeak(name: string, sources: readonly string[] | true | false): void {
  if (sources === false && !OPTIONAL.has(name)) insist(`headers.csp leaves out ${name}.`)
  if (!Array.isArray(sources)) return
  for (const source of sources as readonly string[]) {
    const unsafe = UNSAFE.test(source) && (RUNS_CODE.test(name) || STYLES.test(name))
    const everywhere = EVERYWHERE.test(source) && (RUNS_CODE.test(name) || FRAMES_OR_FORMS.test(name))
    if (unsafe || everywhere) insist(`headers.csp allows ${source} in ${name}.`)
    if ((name === 'script-src' || name === 'script-src-elem') && (!source.startsWith("'") || source === "'self'"))
      invalid(
        `headers.csp ${name}`,
        source,
        `Beside 'strict-dynamic' browsers ignore hosts and 'self'. Put the nonce on the script, or give its hash.`,
      )
  }
}

function insist(what: string): never {
  throw new HoldfastError('HF_OPTION_INSECURE', what, {
    fix: `If it must be, add headers.insecureCsp: { reason: 'why', until: 'YYYY-MM-DD' }; the lists in headers.csp then replace the strict ones.`,
  })
}

function dropNonce(value: readonly string[] | true | false): readonly string[] | true | false {
  if (!Array.isArray(value) || !value.includes(NONCE)) return value
  const rest = value.filter((source: string) => source !== NONCE)
  return rest.every((source) => IDLE.has(source)) ? [NOTHING] : rest
}

function frameOptions(ancestors: readonly string[] | true | false | undefined): ContentPolicy['frameOptions'] {
  if (!Array.isArray(ancestors) || ancestors.length !== 1) return undefined
  return ancestors[0] === NOTHING ? 'DENY' : ancestors[0] === "'self'" ? 'SAMEORIGIN' : undefined
}
