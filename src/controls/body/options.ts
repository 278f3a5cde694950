/** Options of the body control: sizes, counts and which types are JSON. */
import { milliseconds, type Duration } from '../../engine/duration.ts'
import type { Finding } from '../../engine/finding.ts'
import { invalid, withDefaults, wholeNumber } from '../../engine/options.ts'
import { parseMediaType } from '../../http/media-type.ts'

export interface BodyInput {
  /** Largest JSON body in bytes, before and after decoding. @default 102400 */
  readonly json?: number
  /** Largest form in bytes, before and after decoding. @default 102400 */
  readonly form?: number
  /** Largest body in bytes that a handler reads as a stream. A route can say its own `bodyLimit`. @default 1048576 */
  readonly raw?: number
  /** Arrays and objects inside each other. @default 32 */
  readonly depth?: number
  /** Members of all JSON objects of a body together. @default 1000 */
  readonly keys?: number
  /** Elements of all JSON arrays of a body together. @default 10000 */
  readonly elements?: number
  /** Fields of a form, however they are spelled. @default 200 */
  readonly fields?: number
  /** Time for the whole body of a JSON or form request. @default '30s' */
  readonly timeout?: Duration
  /** Media types beside application/json that are read as JSON. @default ['application/problem+json', 'application/merge-patch+json'] */
  readonly jsonTypes?: readonly string[]
}

export interface BodyOptions extends Required<Omit<BodyInput, 'timeout'>> {
  /** Milliseconds. */
  readonly timeout: number
}

const DEFAULTS: Required<BodyInput> = {
  json: 102_400,
  form: 102_400,
  raw: 1_048_576,
  depth: 32,
  keys: 1000,
  elements: 10_000,
  fields: 200,
  timeout: '30s',
  jsonTypes: ['application/problem+json', 'application/merge-patch+json'],
}

const MEGABYTE = 1_048_576

/** Above these, one request costs so much memory or time that a few of them at once are an attack. */
const ADVISED = {
  json: 4 * MEGABYTE,
  form: 4 * MEGABYTE,
  raw: 100 * MEGABYTE,
  keys: 20_000,
  elements: 200_000,
  fields: 2000,
} as const

export function bodyOptions(input: BodyInput | undefined): BodyOptions {
  const options = withDefaults<Required<BodyInput>>('body', DEFAULTS, input)
  for (const size of ['json', 'form', 'raw'] as const) wholeNumber(`body.${size}`, options[size], 1, 1024 * MEGABYTE)
  wholeNumber('body.depth', options.depth, 1, 256)
  for (const count of ['keys', 'elements', 'fields'] as const) wholeNumber(`body.${count}`, options[count], 1, 1_000_000)
  for (const type of options.jsonTypes) checkJsonType(type)
  return { ...options, timeout: milliseconds('body.timeout', options.timeout) }
}

function checkJsonType(type: string): void {
  const media = parseMediaType(type)
  const exact = media.ok && media.type === type && (type.endsWith('+json') || type === 'application/json')
  if (exact) return
  const fix = `Write a type in lower case without parameters that ends in "+json", such as 'application/vnd.api+json'. Others are read by the route, with body: 'raw'.`
  invalid('body.jsonTypes', type, fix)
}

export function* checkBody(options: BodyOptions): Generator<Finding> {
  for (const [name, most] of Object.entries(ADVISED) as [keyof typeof ADVISED, number][]) {
    if (options[name] <= most) continue
    yield {
      id: 'HF-BODY-1',
      severity: 'medium',
      what: `body.${name} is ${options[name]}: a few such requests at once exhaust the process.`,
      fix: `Stay at or below ${most}, and raise bodyLimit on the one route that needs it.`,
    }
  }
  if (options.timeout > 300_000) {
    yield {
      id: 'HF-BODY-2',
      severity: 'low',
      what: `body.timeout lets a slow client hold a request for ${Math.round(options.timeout / 1000)} s.`,
      fix: 'Stay at or below five minutes.',
    }
  }
}
