/**
 * One attack, as a value: what it is, which control holds it, and how to tell whether it worked.
 *
 * The runner sends each attack twice under each framework: with every control on, where it must fail, and with its
 * control off, where it must succeed. An attack that was never seen to succeed proves nothing.
 */
import type { HoldfastOptions } from '../../src/index.ts'
import type { Adapter, TestApp } from './app.ts'

/** Nothing of ours can let it in: the runtime refuses it before any of our code runs, start-up does, or no option changes how it is done. */
export interface HeldBy {
  readonly heldBy: 'node' | 'start-up' | 'design'
  readonly why: string
}

export interface Attack {
  /** The case in the catalogue: `A01`. A letter after it tells apart the members of a family. */
  readonly id: `A${number}` | `A${number}${string}`
  /** What the attacker does, as a sentence. */
  readonly title: string
  /** The control that holds it: its option's name. */
  readonly control: string
  /** @default ['node'] */
  readonly adapters?: 'all' | readonly Adapter[]
  readonly tls?: boolean
  /** Laid over the options of the test application, both times. */
  readonly options?: Partial<HoldfastOptions>
  /** How to take the defence away, when it is not `{ [control]: false }`. */
  readonly without?: Partial<HoldfastOptions> | HeldBy
  /** Whether the attacker got what they wanted. */
  succeeds(app: TestApp): Promise<boolean>
}

export function defineAttack(attack: Attack): Attack {
  return attack
}

export function isHeldBy(without: Attack['without']): without is HeldBy {
  return without !== undefined && 'heldBy' in without
}
