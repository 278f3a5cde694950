/** The shape of our own attacks on the admin panel, one for each detection. */
import type { HoldfastOptions } from '../../src/index.ts'
import type { Panel } from './panel.ts'

export interface OwnAttack {
  /** The detection that fires, and no other. */
  readonly detection: string
  /** What the application has beside the example's own options. */
  readonly options?: (folder: string) => Partial<HoldfastOptions>
  /** What happens before, which fires nothing that is looked at. */
  readonly before?: (panel: Panel) => Promise<void>
  readonly run: (panel: Panel) => Promise<unknown>
}

/** Another network for each number. */
export function far(index: number): string {
  return `198.${18 + (index & 1)}.${(index >> 1) & 255}.7`
}

/** One after the other, as one attacker sends them. */
export async function each(many: number, act: (index: number) => Promise<unknown>): Promise<void> {
  for (let index = 0; index < many; index++) await act(index)
}

export const SECOND = 1000
export const MINUTE = 60_000
export const HOUR = 3_600_000
export const DAY = 86_400_000
