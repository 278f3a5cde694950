/** `holdfast explain`: what decides whether somebody may do something, and why. Nothing is done. */
import { pathToFileURL } from 'node:url'
import type { Accounts, User } from '../../accounts/types.ts'
import type { Principal } from '../../engine/facts.ts'
import type { Requirement } from '../../engine/policy.ts'
import type { Explained, Policy } from '../../engine/policies/index.ts'
import { shown } from '../arguments.ts'
import { refused, Refusal, type Call, type Command, type Option, type Outcome } from '../command.ts'

const AS: Option = { type: 'string', value: 'LOGIN', what: 'Who asks; without it: somebody who is not signed in' }
const AAL: Option = { type: 'string', value: 'LEVEL', what: 'How strongly they proved who they are: 1 or 2 [1]' }

export const explain: Command = {
  name: 'explain',
  what: 'Say what decides whether somebody may do something',
  more: 'Exit code 0: allowed. 1: refused. The proof of who asks is taken to be new.',
  actions: [
    {
      name: 'permission',
      args: ['PERMISSION'],
      what: 'Which of their roles permits it',
      options: { as: AS },
      run: explainPermission,
    },
    {
      name: 'route',
      args: ['METHOD', 'PATH'],
      what: 'Which line of the central table opens a path, and what is asked besides',
      options: {
        as: AS,
        aal: AAL,
        requires: { type: 'string', value: 'JSON', what: `What the route itself requires: '{"role":"admin"}'` },
      },
      run: explainRoute,
    },
    {
      name: 'policy',
      args: ['MODULE', 'POLICY', 'ACTION'],
      what: 'What a policy that a module exports says, rule by rule',
      options: { as: AS, aal: AAL, resource: { type: 'string', value: 'JSON', what: 'The thing that it is about [null]' } },
      run: explainPolicy,
    },
  ],
}

interface Asking {
  readonly accounts: Accounts
  /** `null`: nobody is signed in. */
  readonly user: User | null
}

async function withAsking(call: Call, work: (asking: Asking) => Promise<Outcome>): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  const login = call.option('as')
  return await withAccounts(call, { make: false }, async (accounts) => {
    if (login === undefined) return await work({ accounts, user: null })
    const user = await accounts.users.byLogin(login)
    return user ? await work({ accounts, user }) : refused('unknown-user', `There is no user ${shown(login)}.`)
  })
}

function principalOf({ accounts, user }: Asking, call: Call): Principal | null {
  if (user === null) return null
  const permissions = new Set(user.roles.flatMap((role) => accounts.roles[role] ?? []))
  const { id, login, name, roles } = user
  return { id, login, name, roles, permissions, amr: ['pwd'], aal: levelOf(call), provedAt: call.io.now() }
}

function levelOf(call: Call): number {
  const text = call.option('aal') ?? '1'
  if (text === '1' || text === '2') return Number(text)
  throw new Refusal(2, `--aal is ${shown(text)}. Write 1 or 2.`)
}

/** A user who may not come in at all is refused before anything else is asked. */
function outside({ user }: Asking): string | undefined {
  return user !== null && user.status !== 'active'
    ? `${shown(user.login)} is ${user.status}: no session of theirs is let in.`
    : undefined
}

function answer(allow: boolean, lines: readonly string[], json: object): Outcome {
  const text = [allow ? 'Allowed.' : 'Refused.', ...lines].join('\n')
  return { code: allow ? 0 : 1, text, json: { allow, ...json } }
}

async function explainPermission(call: Call): Promise<Outcome> {
  const { permits } = await import('../../engine/policy.ts')
  const wanted = call.args[0]!
  return await withAsking(call, async (asking) => {
    const { accounts, user } = asking
    const barred = user === null ? 'Nobody is signed in.' : outside(asking)
    if (barred !== undefined) return answer(false, [barred], { permission: wanted, roles: [] })
    const given = user!.roles.filter((role) => permits(new Set(accounts.roles[role]), wanted))
    const lines = user!.roles.map(
      (role) => `${given.includes(role) ? '+' : '-'} role ${role}: ${(accounts.roles[role] ?? []).join(', ') || 'nothing'}`,
    )
    return answer(given.length > 0, lines.length > 0 ? lines : ['They have no role.'], { permission: wanted, roles: given })
  })
}

async function explainPolicy(call: Call): Promise<Outcome> {
  const { describeExplained } = await import('../../engine/policies/index.ts')
  const [module, name, action] = call.args as readonly [string, string, string]
  const policy = await importPolicy(module, name)
  if (!Object.hasOwn(policy.actions, action))
    throw new Refusal(2, `The policy ${name} has no action ${shown(action)}. It has: ${Object.keys(policy.actions).join(', ')}.`)
  const resource = readJson('resource', call.option('resource') ?? 'null')
  return await withAsking(call, async (asking) => {
    const barred = outside(asking)
    if (barred !== undefined) return answer(false, [barred], { policy: name, action, by: 'status' })
    const { allow, by, missing, explained } = policy.decide(principalOf(asking, call), action, resource, { now: call.io.now() })
    const proof = missing === undefined ? [] : [`A ${missing} proof would change it.`]
    return answer(allow, [`Decided by: ${by}`, ...describeExplained(explained), ...proof], {
      policy: name,
      action,
      by,
      missing,
      explained: bare(explained),
    })
  })
}

function bare({ rule, result, parts }: Explained): object {
  return { rule, result, parts: parts.map(bare) }
}

/** Runs the module: it is the operator's own code. */
async function importPolicy(module: string, name: string): Promise<Policy> {
  let exported: Readonly<Record<string, unknown>>
  try {
    exported = (await import(pathToFileURL(module).href)) as Readonly<Record<string, unknown>>
  } catch (cause) {
    throw new Refusal(
      3,
      `The module ${shown(module)} cannot be loaded: ${cause instanceof Error ? cause.message : String(cause)}`,
    )
  }
  const policies = Object.values(exported).filter((value) => isPolicy(value))
  const found = policies.find((policy) => policy.name === name)
  if (found) return found
  const names = policies.map((policy) => policy.name)
  throw new Refusal(
    2,
    names.length === 0
      ? `${shown(module)} exports no policy.`
      : `${shown(module)} exports no policy ${shown(name)}, only: ${names.join(', ')}.`,
  )
}

function isPolicy(value: unknown): value is Policy {
  return typeof value === 'object' && value !== null && 'decide' in value && 'actions' in value && 'name' in value
}

function readJson(option: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    throw new Refusal(2, `--${option} is not JSON: ${shown(text)}.`)
  }
}

async function explainRoute(call: Call): Promise<Outcome> {
  const [{ recordedRoutes, lineFor }, { compileRequirement }, { withStore }] = await Promise.all([
    import('../../recorded-routes.ts'),
    import('../../engine/policy.ts'),
    import('../open.ts'),
  ])
  const [method, path] = [call.args[0]!.toUpperCase(), call.args[1]!]
  const own = call.option('requires')
  const routes = await withStore(call, (once) => recordedRoutes(once, call.io.now()))
  if (routes === undefined) throw new Refusal(3, 'No application has left its routes here. Start it once with this version.')
  const line = lineFor(routes, method, path, call.io.now())
  const open = line?.public === true
  return await withAsking(call, async (asking) => {
    const principal = principalOf(asking, call)
    const steps: { step: string; ok: boolean; why: string }[] = []
    const barred = outside(asking)
    if (barred !== undefined) steps.push({ step: 'user', ok: open, why: barred })
    steps.push(
      open
        ? { step: 'table', ok: true, why: `open to everybody, by \`${line.by}\`` }
        : {
            step: 'table',
            ok: principal !== null && barred === undefined,
            why: 'closed: no line opens it, so a sign-in is asked for',
          },
    )
    const asked = [
      ['everywhere', open ? undefined : routes.everywhere],
      ['requires', own === undefined ? undefined : readJson('requires', own)],
    ] as const
    for (const [step, requirement] of asked) {
      if (requirement === undefined) continue
      const refusal = compileRequirement(requirement as Requirement)(principal, call.io.now())
      steps.push({
        step,
        ok: refusal === undefined,
        why: refusal ? `${refusal.denial!.code}: ${refusal.denial!.reason ?? ''}` : JSON.stringify(requirement),
      })
    }
    const lines = steps.map(({ step, ok, why }) => `${ok ? '+' : '-'} ${step}: ${why}`)
    const more = own === undefined ? ['What the route itself requires stands in the code; give it with --requires.'] : []
    return answer(
      steps.every(({ ok }) => ok),
      [...lines, ...more],
      { method, path, steps },
    )
  })
}
