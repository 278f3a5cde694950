/**
 * Policies as functions: who may do what with which thing, by the name of the thing and of the act. What is not named is not allowed.
 * Sources: OWASP Authorization Cheat Sheet ("Deny by Default", "Validate the Permissions on Every Request"); OWASP ASVS 5.0 8.2.2, 8.3.1.
 */
import { HoldfastError } from '../errors.ts'
import type { Principal } from '../facts.ts'
import { hint } from '../suggest.ts'
import { deny, type Reply } from '../reply.ts'
import { explain, type Explained } from './explain.ts'
import type { Moment, Rule } from './rule.ts'

/** What came of a question, and why. */
export interface Decision {
  readonly allow: boolean
  readonly policy: string
  readonly action: string
  /** The rule that decided, by its name; several are joined. */
  readonly by: string
  /** A proof that would change it: a person can be asked for it. */
  readonly missing: 'stronger' | 'recent' | undefined
  /** Every rule that was asked. */
  readonly explained: Explained
}

/** What may be done with one kind of thing. */
export interface Policy<Resource = any, Action extends string = string> {
  /** The kind of thing: `notes`. */
  readonly name: string
  readonly actions: Readonly<Record<Action, Rule<Resource>>>
  /** Who may not do this does not learn that the thing is there. */
  readonly visibleBy: Action | undefined
  /** Asks. Throws for an action that the policy does not name, and when a rule throws: neither is a yes. */
  decide(principal: Principal | null, action: Action, resource: Resource, moment: Moment): Decision
}

export interface PolicyOptions<Action extends string> {
  /** Who may not do this gets 404 instead of 403, whatever they asked for: that it exists is no one else's business. @default undefined */
  readonly visibleBy?: Action
}

const NAME = /^[a-z][a-z0-9-]{0,63}$/

/**
 * Names what may be done with a kind of thing. Throws HF_POLICY_INVALID for a name that is none, or no action.
 *
 * @example
 * const notes = policyFor('notes', {
 *   read: rule.any(rule.owner((note: Note) => note.ownerId), rule.permission('notes:read-all')),
 *   edit: rule.all(rule.owner((note: Note) => note.ownerId), rule.when('is open', (_, note: Note) => !note.archived)),
 * })
 */
export function policyFor<Resource, const Action extends string>(
  name: string,
  actions: Readonly<Record<Action, Rule<Resource>>>,
  { visibleBy }: PolicyOptions<NoInfer<Action>> = {},
): Policy<Resource, Action> {
  for (const text of [name, ...Object.keys(actions)])
    if (!NAME.test(text))
      throw new HoldfastError('HF_POLICY_INVALID', `${JSON.stringify(text)} cannot be the name of a policy or an action.`, {
        fix: 'Use 1 to 64 lower-case letters, digits and "-", a letter first.',
      })
  if (Object.keys(actions).length === 0)
    throw new HoldfastError('HF_POLICY_INVALID', `The policy ${name} names no action, so it would refuse everything.`, {
      fix: `Name at least one: { read: rule.signedIn() }.`,
    })

  function ruleOf(action: Action): Rule<Resource> {
    if (Object.hasOwn(actions, action)) return actions[action]
    throw new HoldfastError('HF_POLICY_INVALID', `The policy ${name} has no action ${JSON.stringify(action)}.`, {
      fix: hint(action, Object.keys(actions)),
    })
  }

  if (visibleBy !== undefined) ruleOf(visibleBy)
  return {
    name,
    visibleBy,
    actions: Object.freeze({ ...actions }),
    decide(principal, action, resource, moment) {
      const asked = ruleOf(action)
      const explained = explain(asked, { principal, resource, moment })
      const allow = explained.result
      const missing = allow || principal === null ? undefined : missingProof(asked, { principal, resource, moment })
      return { allow, policy: name, action, by: explained.by.join(', '), missing, explained }
    },
  }
}

/** The proof with which it would be a yes; the stronger one first, because it is recent, too. */
function missingProof<Resource>(
  asked: Rule<Resource>,
  asking: { readonly principal: Principal; readonly resource: Resource; readonly moment: Moment },
): Decision['missing'] {
  // A program that carries a key cannot be asked for a proof.
  if (asking.principal.apiKey !== undefined) return undefined
  if (explain(asked, { ...asking, given: new Set(['recent']) }).result) return 'recent'
  return explain(asked, { ...asking, given: new Set(['stronger', 'recent']) }).result ? 'stronger' : undefined
}

/** One question to a policy. */
export interface Request<Resource, Action extends string> {
  readonly policy: Policy<Resource, Action>
  readonly action: Action
  readonly resource: Resource
  readonly principal: Principal | null
  readonly moment: Moment
}

/** The refusal that fits: sign in, prove it better or anew, no, or nothing there. `undefined` when it is allowed. */
export function refusalOf<Resource, Action extends string>(request: Request<Resource, Action>): Reply | undefined {
  const { policy, action, resource, principal, moment } = request
  const { allow, by, missing } = policy.decide(principal, action, resource, moment)
  if (allow) return undefined
  const reason = `${policy.name}.${action}: ${by}`
  if (principal === null) return deny(401, 'sign-in-required', { reason })
  const { visibleBy } = policy
  if (visibleBy !== undefined && !isSeen(policy.decide(principal, visibleBy, resource, moment)))
    return deny(404, 'not-found', { reason })
  if (missing === 'stronger') return deny(403, 'stronger-proof-required', { reason })
  if (missing === 'recent') return deny(401, 'recent-proof-required', { reason })
  return deny(403, 'not-permitted', { reason })
}

/** Who sees it, or would with a better proof: asking them for one tells them nothing that they may not know. */
function isSeen({ allow, missing }: Decision): boolean {
  return allow || missing !== undefined
}
