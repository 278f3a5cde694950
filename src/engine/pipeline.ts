/** Turns the list of controls and the user's options into hooks, or says at start-up why not. */
import type { Operation } from '../http/openapi.ts'
import type { Control, Hooks, Setting } from './control.ts'
import { HoldfastError } from './errors.ts'
import type { Slot } from './exchange.ts'
import type { Finding } from './finding.ts'
import { checkInsecure, type InsecureOff } from './options.ts'
import { hint } from './suggest.ts'

/** What a user may write: one key a control; `false` turns it off outside production, `insecureOff` anywhere. */
export type OptionsOf<List extends readonly Control[]> = {
  readonly [C in List[number] as C['name']]?: (C extends Control<string, infer Input, any> ? Input : never) | InsecureOff | false
}

export type SettingFor = (control: string) => Omit<Setting<never>, 'options'>

export interface Assembled {
  readonly hooks: readonly Hooks[]
  /** Names of the controls that run, in order. */
  readonly names: readonly string[]
  /** The control of each hook, in their order: one that is off may have a hook all the same. */
  readonly hookNames: readonly string[]
}

export interface Surroundings {
  readonly production: boolean
  readonly now: number
}

/** What was proved and is not yet started. */
export interface Plan {
  readonly findings: readonly Finding[]
  /** Controls turned off, with the reason given. */
  readonly off: ReadonlyMap<string, string>
  /** What programs may do at the addresses of the controls that run. */
  readonly operations: readonly Operation[]
  start(settingFor: SettingFor): Assembled
}

/** Proves names, options and order, before anything is opened. */
export function planControls(
  list: readonly Control[],
  input: Readonly<Record<string, unknown>>,
  surroundings: Surroundings,
): Plan {
  const known = list.map((control) => control.name)
  for (const name of Object.keys(input)) {
    if (!known.includes(name))
      throw new HoldfastError('HF_CONTROL_UNKNOWN', `There is no control or option "${name}".`, { fix: hint(name, known) })
  }
  const off = new Map(list.flatMap((control) => offReason(control.name, input[control.name], surroundings)))
  checkOrder(list.filter((control) => control.off || !off.has(control.name)))
  const planned = list.map((control) =>
    off.has(control.name) ? { control } : { control, options: control.options(input[control.name]) },
  )
  const findings = planned.flatMap(({ control, options }) => (options === undefined ? [] : [...(control.check?.(options) ?? [])]))
  return {
    findings: [...findings, ...[...off].map(([name, reason]) => offFinding(name, reason))],
    off,
    operations: planned.flatMap(({ control, options }) =>
      options === undefined ? [] : [...(control.operations?.(options as never) ?? [])],
    ),
    start: (settingFor) => ({
      names: known.filter((name) => !off.has(name)),
      hookNames: planned
        .filter(({ control, options }) => options !== undefined || control.off)
        .map(({ control }) => control.name),
      hooks: planned.flatMap(({ control, options }) => {
        const setting = settingFor(control.name)
        if (options !== undefined) return [control.start({ ...setting, options: options as never })]
        return control.off ? [control.off(setting)] : []
      }),
    }),
  }
}

/** Throws HF_CONTROL_ORDER unless each control finds what it needs before it. */
export function checkOrder(list: readonly Control[]): void {
  const given = new Set<Slot<any>>()
  for (const control of list) {
    const missing = control.needs?.find((need) => !given.has(need))
    if (missing) {
      throw new HoldfastError(
        'HF_CONTROL_ORDER',
        `"${control.name}" needs "${missing.name}", which no control before it gives.`,
        {
          fix: `Turn on the control that gives "${missing.name}", or turn off "${control.name}" too.`,
        },
      )
    }
    for (const gift of control.gives ?? []) given.add(gift)
  }
}

function offReason(name: string, value: unknown, { production, now }: Surroundings): [string, string][] {
  if (value === false && !production) return [[name, 'turned off outside production']]
  if (value === false) {
    throw new HoldfastError('HF_OPTION_INSECURE', `${name}: false turns a control off in production without saying why.`, {
      fix: `Leave it on, or write { insecureOff: { reason: 'why', until: 'YYYY-MM-DD' } }.`,
    })
  }
  if (typeof value !== 'object' || value === null || !('insecureOff' in value)) return []
  const { insecureOff } = value as InsecureOff
  checkInsecure(`${name}.insecureOff`, insecureOff, now)
  return [[name, insecureOff.reason]]
}

function offFinding(name: string, reason: string): Finding {
  return { id: `HF-OFF-${name}`, severity: 'high', what: `The control "${name}" is off: ${reason}.`, fix: 'Turn it on again.' }
}
