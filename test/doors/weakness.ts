/** A guard that is taken away at one way in, to see that the invariant is not held without it. */
import type { Database } from '../../src/store/database.ts'
import type { Accounts } from '../../src/accounts/types.ts'
import { ways } from '../../src/accounts/doors/matrix.ts'
import { Secret } from '../../src/index.ts'
import type { TestingOptions } from '../../src/testing/index.ts'
import type { Driver } from './driver.ts'
import type { Stage } from './stage.ts'

export interface Weakness {
  readonly options?: TestingOptions
  database?(): Database
  /** Once the application stands. */
  after?(stage: Stage, driver: Driver): Promise<void> | void
  /** Once the driver came up to the last step: for what would be in its way there. */
  arranged?(stage: Stage, driver: Driver): Promise<void> | void
}

type Service = Record<string, (...given: unknown[]) => unknown>

/** What stands behind a way: its door, by the matrix, or what its driver names. */
function behind(driver: Driver, accounts: Accounts): Service {
  const door = ways.find(({ name }) => name === driver.way)?.door
  const found = driver.behind?.(accounts) ?? (door === undefined ? undefined : accounts.doors[door])
  if (found === undefined) throw new Error(`The driver of ${driver.way} does not say what stands behind it.`)
  return found as Service
}

/** What is done around a call: with all texts of what was given, and of what came of it. */
interface Around {
  before?(texts: readonly string[]): Promise<void>
  after?(texts: readonly string[]): void
}

/** Does something around each call of what stands behind the way. */
export function aroundEachCall(stage: Stage, driver: Driver, { before, after }: Around): void {
  const service = behind(driver, stage.holdfast.accounts)
  for (const [name, act] of Object.entries(service)) {
    if (typeof act !== 'function') continue
    const tell = (given: unknown, result: unknown) => {
      after?.([...textsIn(given), ...textsIn(result)])
      return result
    }
    const called = (...given: unknown[]) => {
      const result = before === undefined ? act(...given) : before(textsIn(given[0])).then(() => act(...given))
      return result instanceof Promise ? result.then((later) => tell(given[0], later)) : tell(given[0], result)
    }
    Object.assign(service, { [name]: called })
  }
}

/** Every text in it, also a secret one. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value]
  if (value instanceof Secret) return [String(value.reveal())]
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(textsIn) : []
}
