/** What the registry test knows of a way in: how to come up to its last step, and what the step would be with a secret that is wrong. */
import type { Accounts } from '../../src/accounts/types.ts'
import type { Answer, Client } from '../../src/testing/index.ts'
import { examples } from '../support/api-examples.ts'
import type { Stage, Step } from './stage.ts'

export interface Arranged {
  readonly client: Client
  /** The last step, with all that is right. */
  readonly step: Step
  /** Texts that open it, besides what the client's cookies hold. */
  readonly secrets?: readonly string[]
}

/** A new one is a file of this shape and a line in `drivers/index.ts`. */
export interface Driver {
  /** The way's name in the matrix. */
  readonly way: string
  /** Comes up to the last step; a letter that it takes was read. */
  arrange(stage: Stage): Promise<Arranged>
  /** Whose account it is. @default 'member-1' */
  readonly login?: string
  /** Milliseconds after which it is void. */
  readonly life?: number
  /** What is told when it was done. @default 'authn_login_success' */
  readonly event?: string
  /** Whether the account is meant by an address of mail, which must be verified at the moment of use. */
  readonly byAddress?: true
  /** The step with a wrong secret, for the account of `arrange`. */
  wrong?(right: Step, turn: number): Step
  /** A wrong step that names nobody's account, for the count of the network. @default `wrong` */
  stray?(right: Step, turn: number): Step
  /** What is asked about an account that exists, and the same about none. */
  pair?(stage: Stage): Promise<readonly [known: Step, unknown: Step]>
  /** What of accounts stands behind it. @default its door in the matrix */
  behind?(accounts: Accounts): object
  /** What one success gives, so that the same given twice counts once. @default each counts */
  gain?(answer: Answer): string | undefined
}

/** Comes up to the last step as the examples of the JSON API do. */
export function fromExample(operation: string): Driver['arrange'] {
  return async (stage) => {
    const { client, sent, at } = await examples[operation]!(stage)
    const step = { path: at ?? pathOf(stage, operation), json: sent }
    const secrets = Object.values((sent ?? {}) as object).filter((value) => typeof value === 'string' && value.length >= 12)
    return { client, step, secrets: secrets as string[] }
  }
}

function pathOf(stage: Stage, operation: string): string {
  const { paths } = stage.holdfast.describeApi() as { readonly paths: Readonly<Record<string, object>> }
  const found = Object.entries(paths).find(([, methods]) => JSON.stringify(methods).includes(`"operationId":"${operation}"`))
  if (found === undefined) throw new Error(`The API has no operation ${operation}.`)
  return found[0]
}

/** The step with other fields. */
export function withFields(step: Step, fields: object): Step {
  return { ...step, json: { ...(step.json as object), ...fields } }
}

/** 43 characters that are nobody's token. */
export function strayToken(turn: number): string {
  return String(turn).padStart(43, 'A')
}

export const MINUTE = 60_000
export const HOUR = 60 * MINUTE
export const DAY = 24 * HOUR
