/** Options of the control `observe`, and what `check` says of them. */
import type { Site } from '../../engine/control.ts'
import { HoldfastError } from '../../engine/errors.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults, type Insecure } from '../../engine/options.ts'
import { Secret } from '../../crypto/secret.ts'
import { isOwnMachine } from '../../http/own-machine.ts'
import { secretWeakness } from '../../secrets/strength.ts'

export interface MetricsInput {
  /** Where they are scraped. @default '/metrics' */
  readonly path?: string
  /** What a scraper sends as `Authorization: Bearer …`; several, so that one can be replaced. At least 32 characters. @default none */
  readonly token?: string | Secret<string> | readonly (string | Secret<string>)[]
  /** Whether a scraper on the same machine needs no token. @default where `origin` is this machine: yes; elsewhere: no */
  readonly loopback?: boolean
  /** Takes a token that came without TLS from another machine, where the network is trusted. */
  readonly insecurePlaintext?: Insecure
}

export interface ObserveInput {
  /** What Prometheus may read; `false`: nothing is counted. @default `{}` where `origin` is this machine, elsewhere `false` */
  readonly metrics?: MetricsInput | false
  /** Says whether the process runs. `false`: nowhere. @default '/healthz' */
  readonly health?: string | false
  /** Says whether it should be sent requests. `false`: nowhere. @default '/readyz' */
  readonly ready?: string | false
}

export interface MetricsOptions {
  readonly path: string
  readonly tokens: readonly Secret<string>[]
  readonly loopback: boolean | undefined
  readonly insecurePlaintext: Insecure | undefined
}

export interface ObserveOptions {
  /** `undefined`: decided by the origin. */
  readonly metrics: MetricsOptions | false | undefined
  readonly health: string | false
  readonly ready: string | false
}

const DEFAULTS = {
  metrics: undefined as MetricsInput | false | undefined,
  health: '/healthz' as string | false,
  ready: '/readyz' as string | false,
}
const METRICS = {
  path: '/metrics',
  token: undefined as MetricsInput['token'],
  loopback: undefined as boolean | undefined,
  insecurePlaintext: undefined as Insecure | undefined,
}
const SHORTEST = 32

export function observeOptions(input: ObserveInput | undefined): ObserveOptions {
  const { metrics, health, ready } = withDefaults('observe', DEFAULTS, input)
  const options = {
    metrics: metrics === undefined || metrics === false ? metrics : metricsOptions(metrics),
    health: pathOf('observe.health', health),
    ready: pathOf('observe.ready', ready),
  }
  const paths = [options.health, options.ready, options.metrics && options.metrics.path].filter((path) => path)
  if (new Set(paths).size < paths.length) invalid('observe', 'one path for two things', 'Give each a path of its own.')
  return options
}

function metricsOptions(input: MetricsInput): MetricsOptions {
  const { path, token, loopback, insecurePlaintext } = withDefaults('observe.metrics', METRICS, input)
  if (loopback !== undefined && typeof loopback !== 'boolean')
    invalid('observe.metrics.loopback', loopback, 'Write true or false.')
  const tokens = (Array.isArray(token) ? token : token === undefined ? [] : [token]) as readonly (string | Secret<string>)[]
  if (insecurePlaintext !== undefined && tokens.length === 0)
    invalid('observe.metrics.insecurePlaintext', 'set without a token', 'Set `token`, or leave it out.')
  const checked = pathOf('observe.metrics.path', path)
  if (checked === false) return invalid('observe.metrics.path', path, 'Write observe.metrics: false to count nothing.')
  return { path: checked, tokens: tokens.map(readToken), loopback, insecurePlaintext }
}

/** The token is a secret: an error says what is wrong with it, and never what it is. */
function readToken(token: string | Secret<string>): Secret<string> {
  const text: unknown = token instanceof Secret ? token.reveal() : token
  if (typeof text !== 'string') return invalid('observe.metrics.token', typeof text, 'Give a text.')
  const weakness = text.length < SHORTEST ? `has ${text.length} characters, and ${SHORTEST} is the least` : secretWeakness(text)
  const wrong =
    weakness ??
    (/^[A-Za-z0-9._~+/-]+=*$/.test(text) ? undefined : 'has characters that a Bearer token cannot have (RFC 6750 §2.1)')
  if (wrong === undefined) return new Secret(text)
  throw new HoldfastError('HF_OPTION_INVALID', `observe.metrics.token ${wrong}.`, { fix: `Make one: openssl rand -hex 32.` })
}

function pathOf(option: string, path: string | false): string | false {
  if (path === false) return false
  if (typeof path === 'string' && /^\/[A-Za-z0-9._~/-]{1,200}$/.test(path) && !/\/\/|\/\.{1,2}(?:\/|$)/.test(path)) return path
  return invalid(option, path, `Write a plain path such as '/metrics'.`)
}

/** What is counted and who may read it, once the origin is known; nothing where nothing is. */
export function metricsFor(
  { metrics }: ObserveOptions,
  { hostname }: Pick<Site, 'hostname'>,
): (MetricsOptions & { readonly loopback: boolean }) | undefined {
  const own = isOwnMachine(hostname)
  const chosen = metrics ?? (own ? metricsOptions({}) : false)
  return chosen === false ? undefined : { ...chosen, loopback: chosen.loopback ?? own }
}

export function* checkObserve({ metrics }: ObserveOptions): Generator<Finding> {
  if (!metrics) return
  if (metrics.insecurePlaintext) {
    yield {
      id: 'HF-OBSERVE-1',
      severity: 'medium',
      what: `The token of ${metrics.path} is taken without TLS: ${metrics.insecurePlaintext.reason}`,
      fix: 'Scrape over https.',
    }
  }
  if (metrics.loopback === true) {
    yield {
      id: 'HF-OBSERVE-2',
      severity: 'low',
      what: `${metrics.path} is open to every program of this machine, and to who reaches it by a proxy here that is not declared and adds no header.`,
      fix: 'Set observe.metrics.token and take loopback away.',
    }
  }
}
