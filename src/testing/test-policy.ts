/**
 * Proves a policy by a table of examples, and the table by breaking the policy on purpose: each condition is turned round, taken for
 * granted, taken for impossible or left out, and some row must then come out differently. What nobody notices, nobody tests.
 * Source: mutation testing (DeMillo, Lipton, Sayward, "Hints on Test Data Selection", 1978); OWASP ASVS 5.0 8.1.1.
 */
import { AssertionError } from 'node:assert'
import { explain, type Policy, type Principal, type Rule } from '../engine/policies/index.ts'

/** What is asked, in words; the act; who; with what; and what must come out. The last: when, in milliseconds since 1970. */
export type PolicyRow<Resource, Action extends string> = readonly [
  what: string,
  action: Action,
  principal: Principal | null,
  resource: Resource,
  expected: 'allow' | 'deny',
  now?: number,
]

/** A policy with one thing wrong. */
interface Mutant<Resource> {
  readonly action: string
  /** What was done to it, in words. */
  readonly change: string
  readonly rule: Rule<Resource>
}

/**
 * Throws AssertionError that lists the rows that come out otherwise, the actions without a row, and the changes of the policy that no row
 * notices.
 *
 * @example
 * testPolicy(notes, [
 *   ['the owner', 'edit', someone('ada'), { ownerId: 'ada', archived: false }, 'allow'],
 *   ['the owner, archived', 'edit', someone('ada'), { ownerId: 'ada', archived: true }, 'deny'],
 *   ['a stranger', 'edit', someone('eve'), { ownerId: 'ada', archived: false }, 'deny'],
 * ])
 */
export function testPolicy<Resource, Action extends string>(
  policy: Policy<Resource, Action>,
  rows: readonly PolicyRow<NoInfer<Resource>, NoInfer<Action>>[],
): void {
  const wrong = rows.flatMap((row) => {
    const [what, action, principal, resource, expected, now = 0] = row
    const { allow, by } = policy.decide(principal, action, resource, { now })
    return allow === (expected === 'allow') ? [] : [`"${what}" (${action}) is ${allow ? 'allowed' : 'denied'} by: ${by}`]
  })
  const names = Object.keys(policy.actions) as Action[]
  const unasked = names
    .filter((name) => !rows.some(([, action]) => action === name))
    .map((name) => `"${name}" is in no row of the table`)
  if (wrong.length > 0 || unasked.length > 0) throw failure(policy.name, [...wrong, ...unasked])
  const survivors = names
    .flatMap((action) => mutantsOf(action, policy.actions[action]))
    .filter((mutant) => rows.every((row) => row[1] !== mutant.action || unnoticed(mutant, row)))
  if (survivors.length === 0) return
  throw failure(
    policy.name,
    survivors.map(({ action, change }) => `no row notices when in "${action}" ${change}`),
  )
}

function unnoticed<Resource>({ rule }: Mutant<Resource>, row: PolicyRow<Resource, string>): boolean {
  const [, , principal, resource, expected, now = 0] = row
  return explain(rule, { principal, resource, moment: { now } }).result === (expected === 'allow')
}

function mutantsOf<Resource>(action: string, rule: Rule<Resource>): Mutant<Resource>[] {
  return changesOf(rule).map(([change, changed]) => ({ action, change, rule: changed }))
}

type Change<Resource> = readonly [what: string, rule: Rule<Resource>]

/** Every rule that differs from this one in one place. */
function changesOf<Resource>(rule: Rule<Resource>): Change<Resource>[] {
  if (rule.kind === 'question') {
    return [
      [`"${rule.name}" is always true`, { ...rule, ask: () => true }],
      [`"${rule.name}" is never true`, { ...rule, ask: () => false }],
    ]
  }
  if (rule.kind === 'not') {
    const within = changesOf(rule.rule).map(([what, part]): Change<Resource> => [what, { kind: 'not', rule: part }])
    return [['"not" is forgotten', rule.rule], ...within]
  }
  const { kind, rules } = rule
  const inside = rules.flatMap((part, index) =>
    changesOf(part).map(([what, changed]): Change<Resource> => [what, { kind, rules: rules.with(index, changed) }]),
  )
  if (rules.length < 2) return inside
  const other = kind === 'all' ? 'any' : 'all'
  return [[`"${kind} of" is "${other} of"`, { kind: other, rules }], ...inside]
}

function failure(policy: string, lines: readonly string[]): AssertionError {
  return new AssertionError({ message: `The policy ${policy}:\n${lines.map((line) => `  ${line}`).join('\n')}` })
}

/** Somebody for a table: signed in with a password just now (at 0), without roles, unless said otherwise. */
export function someone(id: string, more: Partial<Principal> & { readonly permits?: readonly string[] } = {}): Principal {
  const { permits = [], ...rest } = more
  const who = { id, login: id, name: id, roles: [], permissions: new Set(permits) }
  return { ...who, amr: ['pwd'], aal: 1, provedAt: 0, ...rest }
}
