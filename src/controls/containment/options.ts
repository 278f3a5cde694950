/** Options of the containment control, and what `check` says of them. */
import type { Finding } from '../../engine/finding.ts'
import { invalid, wholeNumber, withDefaults } from '../../engine/options.ts'
import { parseNetworks, type Network } from '../../http/ip.ts'

export interface ContainmentInput {
  /** Addresses and networks that are never blocked: your offices, your monitoring. Loopback and declared proxies never are. @default [] */
  readonly own?: readonly string[]
  /** How many responses may be applied in an hour without a person, all together. 0: a person decides each. @default 30 */
  readonly automaticPerHour?: number
  /** Routes that are closed together: `{ export: ['POST /export', '/api/export'] }`, for `disable-route feature:export`. @default {} */
  readonly features?: Readonly<Record<string, readonly string[]>>
  /** Exact paths that stay open whatever is closed, beside the doors. @default [] */
  readonly spared?: readonly string[]
}

export interface ContainmentOptions {
  readonly own: readonly Network[]
  readonly automaticPerHour: number
  readonly features: ReadonlyMap<string, readonly string[]>
  readonly spared: readonly string[]
}

const DEFAULTS: Required<ContainmentInput> = { own: [], automaticPerHour: 30, features: {}, spared: [] }
const MOST_AUTOMATIC = 1000
const ROUTE = /^(?:[A-Z]{3,16} )?\/(?:[^\s?#*]*\/)?(?:\*|[^\s?#*]*)$/

export function readContainmentOptions(input?: ContainmentInput): ContainmentOptions {
  const { own, automaticPerHour, features, spared } = withDefaults<Required<ContainmentInput>>('containment', DEFAULTS, input)
  if (!Array.isArray(own)) invalid('containment.own', own, `Give a list such as ['203.0.113.0/24'].`)
  if (!isStrings(spared) || spared.some((path) => !path.startsWith('/')))
    invalid('containment.spared', spared, `Give a list of exact paths such as ['/healthz'].`)
  return {
    own: own.flatMap(readOwn),
    automaticPerHour: wholeNumber('containment.automaticPerHour', automaticPerHour, 0, MOST_AUTOMATIC),
    features: readFeatures(features),
    spared,
  }
}

function readOwn(text: unknown): readonly Network[] {
  const networks = typeof text === 'string' ? parseNetworks(text) : undefined
  return networks ?? invalid('containment.own', text, `Give addresses or networks such as '203.0.113.0/24', or 'private'.`)
}

function readFeatures(features: Required<ContainmentInput>['features']): ReadonlyMap<string, readonly string[]> {
  const shape = `Give an object such as { export: ['POST /export'] }.`
  if (typeof features !== 'object' || features === null || Array.isArray(features))
    invalid('containment.features', features, shape)
  return new Map(
    Object.entries(features).map(([name, routes]) => {
      if (!/^[a-z][a-z0-9-]{0,31}$/.test(name))
        invalid('A name in containment.features', name, 'Write lower-case letters and "-".')
      if (!isStrings(routes) || routes.length === 0 || !routes.every((route) => ROUTE.test(route)))
        invalid(`containment.features.${name}`, routes, `Give exact paths: ['POST /export', '/export'].`)
      return [name, routes]
    }),
  )
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string')
}

export function* checkContainment({ own }: ContainmentOptions): Generator<Finding> {
  for (const { family, bits, text } of own) {
    if (bits >= (family === 4 ? 16 : 32) || text.startsWith('127.') || text === '10.0.0.0/8' || text === '172.16.0.0/12') continue
    if (text === 'fc00::/7') continue
    yield {
      id: 'HF-CONTAINMENT-1',
      severity: 'medium',
      what: `${text} can never be blocked.`,
      fix: 'Name the addresses that are your own in containment.own.',
    }
  }
}
