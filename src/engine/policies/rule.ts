/**
 * What a policy is made of: small questions with a name, put together by `all`, `any` and `not`. A rule is data, so it can be listed,
 * explained, and changed on purpose to see whether a test notices.
 * Sources: OWASP Authorization Cheat Sheet; OWASP ASVS 5.0 8.1 and 8.2; NIST SP 800-162 (attributes of who, what and when).
 */
import { milliseconds, type Duration } from '../duration.ts'
import { HoldfastError } from '../errors.ts'
import type { Principal } from '../facts.ts'
import { permits } from '../policy.ts'

/** When it is asked. */
export interface Moment {
  /** Milliseconds since 1970. */
  readonly now: number
}

/** One question. */
export interface Question<Resource> {
  readonly kind: 'question'
  /** What it asks, in words that a person understands: `owner of it`. */
  readonly name: string
  /** Which proof would answer it, where a proof could: a person can be asked for it. */
  readonly proof?: 'stronger' | 'recent'
  readonly ask: (principal: Principal | null, resource: Resource, moment: Moment) => boolean
}

/** Several together. */
export interface Group<Resource> {
  readonly kind: 'all' | 'any'
  readonly rules: readonly Rule<Resource>[]
}

/** The opposite of one. */
export interface Not<Resource> {
  readonly kind: 'not'
  readonly rule: Rule<Resource>
}

export type Rule<Resource> = Question<Resource> | Group<Resource> | Not<Resource>

type Test<Resource> = (principal: Principal, resource: Resource, moment: Moment) => boolean

/** A question of somebody who is signed in; of nobody the answer is no. */
function question<Resource>(name: string, test: Test<Resource>, proof?: Question<Resource>['proof']): Question<Resource> {
  if (typeof name !== 'string' || name.trim() === '' || name.length > 100)
    throw new HoldfastError('HF_POLICY_INVALID', 'A rule has no name.', {
      fix: `Say what it asks: rule.when('is not archived', …).`,
    })
  const ask: Question<Resource>['ask'] = (principal, resource, moment) =>
    principal !== null && decided(name, test(principal, resource, moment))
  return { kind: 'question', name, ask, ...(proof !== undefined && { proof }) }
}

/** A promise is true to everything that asks: whoever writes an async rule would let everybody in. */
function decided(name: string, answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  throw new TypeError(
    `The rule "${name}" answered with ${answer instanceof Promise ? 'a promise' : typeof answer}, not yes or no.`,
  )
}

function group<Resource>(kind: 'all' | 'any', rules: readonly Rule<Resource>[]): Group<Resource> {
  if (rules.length === 0)
    throw new HoldfastError('HF_POLICY_INVALID', `rule.${kind}() has no rules.`, {
      fix: kind === 'all' ? 'Without rules it would allow everybody; give at least one.' : 'Give at least one.',
    })
  return { kind, rules }
}

/** Everything a rule can be made of. */
export const rule = {
  /** Everybody, also who is not signed in. */
  anybody: <Resource>(): Question<Resource> => ({ kind: 'question', name: 'anybody', ask: () => true }),
  /** Whoever is signed in. */
  signedIn: <Resource>() => question<Resource>('signed in', () => true),
  /** Whoever has this role. */
  role: <Resource>(name: string) => question<Resource>(`role ${name}`, ({ roles }) => roles.includes(name)),
  /** Whoever is permitted it by their roles: `'notes:read'`. */
  permission: <Resource>(name: string) =>
    question<Resource>(`permission ${name}`, ({ permissions }) => permits(permissions, name)),
  /** Whoever's id this is of the resource. An empty or missing id is nobody's. */
  owner: <Resource>(ownerOf: (resource: Resource) => string | null | undefined) =>
    question<Resource>('owner of it', ({ id }, resource) => id !== '' && ownerOf(resource) === id),
  /** Whoever acts in the tenant to which the resource belongs. Without an active tenant nobody does. */
  sameTenant: <Resource>(tenantOf: (resource: Resource) => string | null | undefined) =>
    question<Resource>(
      'in the same tenant',
      ({ tenant }, resource) => tenant !== undefined && tenant.id !== '' && tenantOf(resource) === tenant.id,
    ),
  /** Whoever has this role in the tenant they act in. */
  tenantRole: <Resource>(name: string) =>
    question<Resource>(`role ${name} in the tenant`, ({ tenant }) => tenant?.roles.includes(name) ?? false),
  /** Whoever is permitted it by their roles in the tenant they act in. */
  tenantPermission: <Resource>(name: string) =>
    question<Resource>(
      `permission ${name} in the tenant`,
      ({ tenant }) => tenant !== undefined && permits(tenant.permissions, name),
    ),
  /** A person, not a program with an API key. */
  person: <Resource>() => question<Resource>('a person', ({ apiKey }) => apiKey === undefined),
  /** Proved at this level (NIST SP 800-63B). Who is not is asked for a stronger proof. */
  aal: <Resource>(level: 1 | 2) => question<Resource>(`assurance level ${level}`, ({ aal }) => aal >= level, 'stronger'),
  /** Proved so recently: `'5m'`. Who did not is asked again. */
  within: <Resource>(duration: Duration) => {
    const most = milliseconds('rule.within', duration)
    return question<Resource>(`proved within ${duration}`, ({ provedAt }, _, { now }) => now - provedAt <= most, 'recent')
  },
  /** What only the application knows: `rule.when('is not archived', (_, note) => !note.archived)`. Answers at once, with true or false. */
  when: <Resource>(name: string, test: Test<Resource>) => question(name, test),
  /** All of them. */
  all: <Resource>(...rules: readonly Rule<Resource>[]) => group('all', rules),
  /** At least one of them. */
  any: <Resource>(...rules: readonly Rule<Resource>[]) => group('any', rules),
  /** Not that one. Of nobody (not signed in) most questions are no, so pair it with `signedIn()`. */
  not: <Resource>(negated: Rule<Resource>): Not<Resource> => ({ kind: 'not', rule: negated }),
} as const
