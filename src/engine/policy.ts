/**
 * Who may ask for what. Two kinds of statement, so that neither can undo the other:
 * the central table opens, by exact method and path; `require` at the route only tightens.
 */
import { HoldfastError } from './errors.ts'
import { milliseconds, type Duration } from './duration.ts'
import { checkInsecure, invalid, refuseUnknown, type Insecure } from './options.ts'
import type { Principal } from './facts.ts'
import { deny, type Reply } from './reply.ts'

/** What a route asks for beyond being signed in. All that is named must hold. */
export interface Requirement {
  /** Asks for an active tenant; `role` and `permission` are then those in the tenant, and no role of the application stands in for them. */
  readonly tenant?: true
  /** A role the user must have, by its exact name. */
  readonly role?: string
  /** What the user's roles must permit: `'notes:read'`. */
  readonly permission?: string
  /** Authenticator assurance level. */
  readonly aal?: number
  /** How recent the proof of identity must be: `'5m'`. */
  readonly within?: Duration
}

/** One line of the central table. */
export interface RouteOptions {
  /** `'GET /prices'`. Without a method: GET and HEAD. No patterns: routers disagree about spellings, exact text cannot. */
  readonly path: string
  /** Open to everybody. @default false */
  readonly public?: boolean
  /** `'raw'`: the handler reads the stream itself; it is counted, not parsed. @default 'parsed' */
  readonly body?: 'parsed' | 'raw'
  /** Largest body in bytes. @default the body control's */
  readonly bodyLimit?: number
  /** Name of a limit of the rate-limit control that this route takes from as well. */
  readonly limit?: string
  /** Takes requests from other sites without proof (a webhook that proves itself by signature). */
  readonly insecureWithoutCsrf?: Insecure
  /** Whether API keys are accepted here, whatever the control `apiKeys` says of other paths. @default what it says */
  readonly apiKeys?: boolean
  /** Asks the browser for some work before the handler sees the form: against floods of an open form. @default false */
  readonly challenge?: boolean
  /** Whether access tokens are accepted here, whatever the control `accessTokens` says of other paths. @default what it says */
  readonly accessTokens?: boolean
}

/** A line that the kit itself adds. */
export interface KitRoute extends RouteOptions {
  /** Takes requests from other sites, because what is sent there proves itself; no option of a user's says so without a last day. */
  readonly fromOthers?: true
}

export interface RoutePolicy {
  readonly public: boolean
  readonly body: 'parsed' | 'raw'
  readonly bodyLimit: number | undefined
  readonly limit: string | undefined
  readonly withoutCsrf: boolean
  readonly apiKeys: boolean | undefined
  readonly accessTokens: boolean | undefined
  readonly challenge: boolean
}

/** What holds for a route that nobody named: signed in, parsed, protected. */
export const CLOSED: RoutePolicy = Object.freeze({
  public: false,
  body: 'parsed',
  bodyLimit: undefined,
  limit: undefined,
  withoutCsrf: false,
  apiKeys: undefined,
  accessTokens: undefined,
  challenge: false,
})

export interface FindRoute {
  (method: string, path: string): RoutePolicy
  /** Names of the limits that routes name, so that a misspelled one is found at start-up. */
  readonly limits?: readonly string[]
  /** Whether a route asks for work. */
  readonly challenges?: boolean
}

const KEYS = ['path', 'public', 'body', 'bodyLimit', 'limit', 'insecureWithoutCsrf', 'apiKeys', 'accessTokens', 'challenge']

/** Compiles the table. Throws HF_OPTION_INVALID for a line that could never match or says two things. */
export function compileRoutes(
  open: readonly string[],
  routes: readonly RouteOptions[],
  now: number,
  kit: readonly KitRoute[] = [],
): FindRoute {
  const table = new Map<string, RoutePolicy>()
  const lines: readonly KitRoute[] = [...open.map((path) => ({ path, public: true })), ...kit, ...routes]
  for (const line of lines) {
    if (!kit.includes(line)) refuseUnknown(`routes ${JSON.stringify(line.path)}`, line, KEYS)
    for (const name of ['apiKeys', 'accessTokens', 'challenge'] as const) {
      if (line[name] !== undefined && typeof line[name] !== 'boolean')
        invalid(`routes "${line.path}".${name}`, line[name], 'Write true or false.')
    }
    if (line.challenge) checkChallenged(line)
    if (line.insecureWithoutCsrf) checkInsecure(`routes "${line.path}".insecureWithoutCsrf`, line.insecureWithoutCsrf, now)
    for (const key of keysOf(line.path)) {
      if (table.has(key))
        throw new HoldfastError('HF_OPTION_INVALID', `The route "${key}" stands twice.`, {
          fix: 'Keep one of the lines in `public` and `routes`.',
        })
      table.set(key, {
        public: line.public ?? false,
        body: line.body ?? 'parsed',
        bodyLimit: line.bodyLimit,
        limit: line.limit,
        withoutCsrf: line.insecureWithoutCsrf !== undefined || line.fromOthers === true,
        apiKeys: line.apiKeys,
        accessTokens: line.accessTokens,
        challenge: line.challenge ?? false,
      })
    }
  }
  const limits = [...new Set(routes.flatMap(({ limit }) => limit ?? []))]
  return Object.assign((method: string, path: string) => table.get(`${method} ${path}`) ?? CLOSED, {
    limits,
    challenges: routes.some(({ challenge }) => challenge === true),
  })
}

/** What is read alone has no form, and a body that nobody parsed has no fields. */
function checkChallenged({ path, body }: RouteOptions): void {
  const name = `routes "${path}".challenge`
  if (!/^(?:POST|PUT|PATCH) /.test(path)) invalid(name, true, `Name the route with its method: 'POST /contact'.`)
  if (body === 'raw') invalid(name, true, 'Leave body at its default: the work comes in a field.')
}

function keysOf(text: string): string[] {
  const match = /^(?:([A-Z]{3,16}) )?(\/[^\s?#*{}\\;]*)$/.exec(text)
  const fix = `Write an exact path such as '/prices', or a method and a path such as 'POST /webhooks/stripe'; patterns are not read.`
  if (!match || /\/\/|\/\.\.?(?:\/|$)|\/:/.test(match[2]!)) invalid('A route', text, fix)
  const [, method, path] = match!
  return method === undefined
    ? [`GET ${path}`, `HEAD ${path}`]
    : method === 'GET'
      ? [`GET ${path}`, `HEAD ${path}`]
      : [`${method} ${path}`]
}

/** The part of a requirement that is worked out once. */
export type Decide = (principal: Principal | null | undefined, now: number) => Reply | undefined

const REQUIREMENT_KEYS = ['tenant', 'role', 'permission', 'aal', 'within']

/** Turns a requirement into a function that refuses (401 or 403) or returns nothing. */
export function compileRequirement(requirement: Requirement): Decide {
  refuseUnknown('require', requirement, REQUIREMENT_KEYS)
  const { role, permission, aal, tenant } = requirement
  if (![undefined, true].includes(tenant)) invalid('require.tenant', tenant, 'Write true, or leave it out.')
  const within = requirement.within === undefined ? undefined : milliseconds('require.within', requirement.within)
  // A program that carries a key cannot be asked who it is: no proof of it is strong or recent.
  const interactive = within !== undefined || (aal !== undefined && aal > 1)
  const insufficient = askApp(aal, within)
  return (principal, now) => {
    if (!principal) return deny(401, 'sign-in-required')
    const held = tenant ? principal.tenant : principal
    if (held === undefined) return deny(403, 'tenant-required', { reason: 'acts in no tenant' })
    if (role !== undefined && !held.roles.includes(role)) return deny(403, 'not-permitted', { reason: `role ${role}` })
    if (permission !== undefined && !permits(held.permissions, permission)) {
      return deny(403, 'not-permitted', { reason: `permission ${permission}` })
    }
    if (interactive && principal.apiKey !== undefined)
      return deny(403, 'interactive-required', { reason: 'a key proves no presence' })
    const weak = aal !== undefined && principal.aal < aal
    const old = within !== undefined && now - principal.provedAt > within
    if ((weak || old) && principal.app !== undefined) return insufficient
    if (weak) return deny(403, 'stronger-proof-required', { reason: `aal ${aal}` })
    if (old) return deny(401, 'recent-proof-required', { reason: `within ${within} ms` })
    return undefined
  }
}

/** What tells an app to sign its user in again, and how (RFC 9470 §3): it cannot be sent to a page. */
function askApp(aal: number | undefined, within: number | undefined): Reply {
  const wanted = [
    'Bearer error="insufficient_user_authentication"',
    ...(aal === undefined ? [] : [`acr_values="aal${aal}"`]),
    ...(within === undefined ? [] : [`max_age="${Math.floor(within / 1000)}"`]),
  ]
  const reason = `aal ${aal ?? 1}, within ${within ?? 'any'} ms`
  return deny(401, 'insufficient-user-authentication', { reason, head: { 'www-authenticate': wanted.join(', ') } })
}

/** Whether a set of permissions holds `wanted`: itself, its group (`notes:*`) or everything (`*`). */
export function permits(permissions: ReadonlySet<string>, wanted: string): boolean {
  if (permissions.has(wanted) || permissions.has('*')) return true
  const colon = wanted.lastIndexOf(':')
  return colon > 0 && permissions.has(`${wanted.slice(0, colon)}:*`)
}
