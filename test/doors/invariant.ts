/** What an invariant is to the registry test: a question to one way in, on a fresh application. It throws where it is not held. */
import assert from 'node:assert/strict'
import type { Invariant as Name } from '../../src/accounts/doors/matrix.ts'
import type { Answer, TestingOptions } from '../../src/testing/index.ts'
import type { Arranged, Driver } from './driver.ts'
import type { Stage } from './stage.ts'
import type { Weakness } from './weakness.ts'

/** A new one is a file of this shape, a line in `invariants/index.ts` and one in the matrix. */
export interface Invariant {
  readonly name: Name
  /** What the application is started with. */
  readonly options?: TestingOptions
  /** Throws AssertionError where it is not held, and another error where it could not be asked. */
  holds(stage: Stage, driver: Driver): Promise<void>
  /** The same application without the guard at this way, at which it is then not held; at every way that it applies to. */
  weakened(driver: Driver): Weakness
}

/** Whether the step did what it is for. Who comes back from elsewhere is sent on; everybody else asks as a program, and is answered. */
export function passed({ status }: Answer): boolean {
  return (status >= 200 && status < 300) || status === 303
}

/** It was refused. A fault of ours is none. */
export function assertRefused(answer: Answer): void {
  const words = `The step answered ${answer.status} ${answer.text.slice(0, 300)}`
  if (answer.status >= 500) throw new Error(words)
  assert.ok(answer.status >= 400, words)
}

/** It did what it is for: without that there is nothing to ask. */
export function needPassed(answer: Answer): void {
  if (!passed(answer)) throw new Error(`The step answered ${answer.status} ${answer.text.slice(0, 300)}`)
}

/** Comes up to the last step, for the user of the driver. */
export async function arranged(stage: Stage, driver: Driver): Promise<Arranged & { readonly userId: string | undefined }> {
  const found = await driver.arrange(stage).catch((cause: unknown) => {
    // What fails here says nothing about the invariant.
    throw new Error(`The driver of ${driver.way} did not come up to its last step.`, { cause })
  })
  await stage.arranged(driver)
  const user = await stage.holdfast.accounts.users.byLogin(driver.login ?? 'member-1')
  return { ...found, userId: user?.id }
}

/** Stops the test where an account is needed and the driver made none. */
export function needed(userId: string | undefined): string {
  assert.ok(userId !== undefined, 'The driver has an account.')
  return userId
}

export const OPERATOR = { kind: 'system', id: 'test' } as const
