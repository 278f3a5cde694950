/** `holdfast explain`: what decides whether somebody may do something, and why. Nothing is done. */
import { pathToFileURL } from 'node:url'
import type { Accounts } from '../../accounts/types.ts'
import type { Requirement } from '../../engine/policy.ts'
import type { Explained, Policy } from '../../engine/policies/index.ts'
import { shown } from '../arguments.ts'
import { refused, Refusal, verdict, type Call, type Command, type Option, type Outcome } from '../command.ts'
import { askingOf, WHO, type Asking } from '../explained-principal.ts'

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
      options: WHO,
      run: explainPermission,
    },
    {
      name: 'route',
      args: ['METHOD', 'PATH'],
      what: 'Which line of the central table opens a path, and what is asked besides',
      options: {
        ...WHO,
        aal: AAL,
        requires: { type: 'string', value: 'JSON', what: `What the route itself requires: '{"role":"admin"}'` },
      },
      run: explainRoute,
    },
    {
      name: 'policy',
      args: ['MODULE', 'POLICY', 'ACTION'],
      what: 'What a policy that a module exports says, rule by rule',
      options: { ...WHO, aal: AAL, resource: { type: 'string', value: 'JSON', what: 'The thing that it is about [null]' } },
      run: explainPolicy,
    },
  ],
}

async function withAsking(call: Call, work: (asking: Asking, accounts: Accounts) => Promise<Outcome>): Promise<Outcome> {
  const { withAccounts } = await import('../open.ts')
  const login = call.option('as')
  return await withAccounts(call, { make: false }, async (accounts) => {
    const user = login === undefined ? null : await accounts.users.byLogin(login)
    if (user === undefined) return refused('unknown-user', `There is no user ${shown(login!)}.`)
    return await work(await askingOf(call, accounts, user, levelOf(call)), accounts)
  })
}

function levelOf(call: Call): number {
  const text = call.option('aal') ?? '1'
  if (text === '1' || text === '2') return Number(text)
  throw new Refusal(2, `--aal is ${shown(text)}. Write 1 or 2.`)
}

function answer(allow: boolean, lines: readonly string[], json: object): Outcome {
  const text = [allow ? 'Allowed.' : 'Refused.', ...lines].join('\n')
  return verdict(allow, text, { allow, ...json })
}

async function explainPermission(call: Call): Promise<Outcome> {
  const { permits } = await import('../../engine/policy.ts')
  const wanted = call.args[0]!
  return await withAsking(call, async ({ principal, barred = 'Nobody is signed in.', lines: who }, accounts) => {
    if (principal === null) return answer(false, [barred], { permission: wanted, roles: [] })
    const held = principal.tenant ?? principal
    const table = principal.tenant ? accounts.tenants.roles : accounts.roles
    const given = held.roles.filter((role) => permits(new Set(table[role]), wanted))
    const lines = held.roles.map(
      (role) => `${given.includes(role) ? '+' : '-'} role ${role}: ${(table[role] ?? []).join(', ') || 'nothing'}`,
    )
    const bare = principal.apiKey === undefined ? ['They have no role.'] : []
    const why = [...who, ...(lines.length > 0 ? lines : bare)]
    return answer(permits(held.permissions, wanted), why, { permission: wanted, roles: given })
  })
}

async function explainPolicy(call: Call): Promise<Outcome> {
  const { describeExplained } = await import('../../engine/policies/index.ts')
  const [module, name, action] = call.args as readonly [string, string, string]
  const policy = await importPolicy(module, name)
  if (!Object.hasOwn(policy.actions, action))
    throw new Refusal(2, `The policy ${name} has no action ${shown(action)}. It has: ${Object.keys(policy.actions).join(', ')}.`)
  const resource = readJson('resource', call.option('resource') ?? 'null')
  return await withAsking(call, async ({ principal, barred, lines }) => {
    if (barred !== undefined) return answer(false, [barred], { policy: name, action, by: 'status' })
    const { allow, by, missing, explained } = policy.decide(principal, action, resource, { now: call.io.now() })
    const proof = missing === undefined ? [] : [`A ${missing} proof would change it.`]
    return answer(allow, [...lines, `Decided by: ${by}`, ...describeExplained(explained), ...proof], {
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
    import('../../recorded/routes.ts'),
    import('../../engine/policy.ts'),
    import('../open.ts'),
  ])
  const [method, path] = [call.args[0]!.toUpperCase(), call.args[1]!]
  const own = call.option('requires')
  const routes = await withStore(call, (once) => recordedRoutes(once, call.io.now()))
  if (routes === undefined) throw new Refusal(3, 'No application has left its routes here. Start it once with this version.')
  const line = lineFor(routes, method, path, call.io.now())
  const open = line?.public === true
  return await withAsking(call, async ({ principal, barred, lines: who }) => {
    const steps: { step: string; ok: boolean; why: string }[] = []
    if (barred !== undefined) steps.push({ step: 'user', ok: open, why: barred })
    steps.push(
      open
        ? { step: 'table', ok: true, why: `open to everybody, by \`${line.by}\`` }
        : {
            step: 'table',
            ok: principal !== null,
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
      [...who, ...lines, ...more],
      { method, path, steps },
    )
  })
}
