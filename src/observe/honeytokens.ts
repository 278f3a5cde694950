/**
 * Decoys: routes, form fields, accounts, API keys and rows that nobody has a reason to touch. What touches one is told at once.
 * Sources: OWASP Top 10:2025 A09 ("honeytokens"), OWASP AppSensor HT1–HT3, MITRE Engage "Lures".
 */
import { invalid, refuseUnknown } from '../engine/options.ts'
import { html, type SafeHtml } from '../html/html.ts'

export interface HoneytokensOptions {
  /** Paths that no page links to, by exact text: `'/wp-login.php'`, `'/.env'`. @default none */
  readonly routes?: readonly string[]
  /** Names of form fields that no person sees; `honeytokens.field` plants them. @default none */
  readonly fields?: readonly string[]
  /** Names to sign in with that nobody has. @default none */
  readonly accounts?: readonly string[]
  /** Keys that open nothing, from `holdfast detections decoy-key`: leave one where secrets should not lie. @default none */
  readonly apiKeys?: readonly string[]
  /** Values of rows that stand for nobody, such as an address of mail. Told when they are read (`read`), or sent to us. @default none */
  readonly rows?: readonly string[]
}

/** What a request carries that a decoy could be among. */
export interface Carried {
  readonly path: string
  readonly target: string
  readonly body: unknown
  /** What stands in `authorization` and `x-api-key`. */
  readonly credentials: string
  /** The keyed hash of the name that failed to sign in. */
  readonly login: string | undefined
  /** Id of the user who asked. */
  readonly user: string | undefined
  /** What the answer gave out, as the application says it. */
  readonly given: readonly string[]
}

export interface Touched {
  readonly kind: 'route' | 'field' | 'account' | 'api-key' | 'row'
  readonly name: string
}

export interface Honeytokens {
  /** A field of this name for a form: hidden from eyes, from screen readers, from the keyboard and from what fills forms in. */
  field(name: string): SafeHtml
  /** The names of `fields`, so that an application can leave them out of what it parses. */
  readonly fields: readonly string[]
}

/** Looks for decoys in what a request carried. */
export interface Traps {
  /** Which decoys the request touched. */
  touched(carried: Carried): Touched[]
}

/** What is looked for. Accounts by the keyed hash of their name, users by their id: of both the name that is told. */
export interface Decoys extends Required<Pick<HoneytokensOptions, 'routes' | 'fields' | 'apiKeys' | 'rows'>> {
  readonly accounts: ReadonlyMap<string, string>
  readonly users: ReadonlyMap<string, string>
}

const KEYS = ['routes', 'fields', 'accounts', 'apiKeys', 'rows'] as const
const MOST = 200
const SHORTEST_VALUE = 8
const LONGEST = 4096
const DEPTH = 3

/** Throws HF_OPTION_INVALID for what could never be touched, or would be by everybody. */
export function readHoneytokens(input: HoneytokensOptions = {}): Required<HoneytokensOptions> {
  refuseUnknown('honeytokens', input, KEYS)
  const { routes = [], fields = [], accounts = [], apiKeys = [], rows = [] } = input
  for (const name of KEYS) {
    const list: unknown = input[name] ?? []
    if (!Array.isArray(list) || list.length > MOST || list.some((one) => typeof one !== 'string' || one === ''))
      invalid(`honeytokens.${name}`, list, `Give a list of at most ${MOST} texts.`)
  }
  const route = routes.find((path) => !/^\/[^?#\s]{1,200}$/.test(path))
  if (route !== undefined) invalid('A path in honeytokens.routes', route, "Write an exact path such as '/wp-login.php'.")
  const field = fields.find((name) => !/^[a-z][a-z0-9_-]{1,40}$/i.test(name))
  if (field !== undefined) invalid('A name in honeytokens.fields', field, 'Write letters, digits, "-" and "_".')
  const key = apiKeys.find((text) => !/^hf_key_\w{40,80}$/.test(text))
  if (key !== undefined) invalid('A key in honeytokens.apiKeys', 'no key', 'Make one with: holdfast detections decoy-key')
  const row = rows.find((value) => value.length < SHORTEST_VALUE)
  if (row !== undefined)
    invalid('A value in honeytokens.rows', row, `Give values of at least ${SHORTEST_VALUE} characters that occur nowhere else.`)
  return { routes, fields, accounts, apiKeys, rows }
}

/** `mark`: the keyed hash of a login. */
export function createHoneytokens(options: Required<HoneytokensOptions>, mark: (login: string) => string): Honeytokens & Traps {
  const { fields } = options
  const accounts = new Map(options.accounts.map((login) => [mark(login), login]))
  return {
    ...createTraps({ ...options, accounts, users: new Map() }),
    fields,
    field(name) {
      if (!fields.includes(name)) throw new RangeError(`"${name}" is not among honeytokens.fields.`)
      return html`<div aria-hidden="true" hidden><input type="text" name="${name}" tabindex="-1" autocomplete="off" value="" /></div>`
    },
  }
}

export function createTraps({ fields, apiKeys, rows, accounts, users, ...decoys }: Decoys): Traps {
  const routes = new Set(decoys.routes.map((path) => path.toLowerCase()))

  function filled(body: unknown): string | undefined {
    if (fields.length === 0 || typeof body !== 'object' || body === null) return undefined
    return fields.find((name) => Object.hasOwn(body, name) && !empty((body as Record<string, unknown>)[name]))
  }

  function named({ target, body, given }: Carried): string | undefined {
    if (rows.length === 0) return undefined
    const sent = textOf(target, body)
    return rows.find((value) => given.includes(value) || sent.includes(value.toLowerCase()))
  }

  return {
    touched(carried) {
      const found: Touched[] = []
      const path = (carried.path || carried.target.split('?', 1)[0]!).toLowerCase()
      if (routes.has(path)) found.push({ kind: 'route', name: path })
      const field = filled(carried.body)
      if (field !== undefined) found.push({ kind: 'field', name: field })
      const account = accounts.get(carried.login ?? '') ?? users.get(carried.user ?? '')
      if (account !== undefined) found.push({ kind: 'account', name: account })
      const key = carried.credentials === '' ? undefined : apiKeys.find((text) => carried.credentials.includes(text))
      // The public half of the key: enough to find where it lay.
      if (key !== undefined) found.push({ kind: 'api-key', name: key.slice(0, 18) })
      const row = named(carried)
      if (row !== undefined) found.push({ kind: 'row', name: row })
      return found
    },
  }
}

function empty(value: unknown): boolean {
  return value === undefined || value === null || value === ''
}

/** Everything of the request that is text, in lower case and bounded. */
function textOf(target: string, body: unknown): string {
  const parts = [target.includes('%') ? unescapeOf(target) : target]
  collect(parts, body, DEPTH)
  return parts.join('\n').slice(0, LONGEST).toLowerCase()
}

function unescapeOf(target: string): string {
  try {
    return decodeURIComponent(target)
  } catch {
    return target
  }
}

function collect(parts: string[], value: unknown, depth: number): void {
  if (depth < 0 || parts.length > 50) return
  if (typeof value === 'string') parts.push(value.slice(0, LONGEST))
  else if (typeof value === 'object' && value !== null && !Buffer.isBuffer(value)) {
    for (const part of Object.values(value).slice(0, 50)) collect(parts, part, depth - 1)
  }
}
