/** The options of `impersonation`, read at start-up. */
import type { ImpersonationPolicy } from '../accounts/types.ts'
import { milliseconds, type Duration } from '../engine/duration.ts'
import { invalid, refuseUnknown } from '../engine/options.ts'

/** How those who may `users:impersonate` act as users. */
export interface ImpersonationOptions {
  /** When it ends by itself, at most an hour. @default '30m' */
  readonly life?: Duration
  /** Whether anything may be changed by it, and not only looked at. Ways to sign in never are. @default false */
  readonly write?: boolean
}

const LONGEST = 3_600_000

/** `undefined` where it is off. Throws HF_OPTION_INVALID. */
export function readImpersonation(options: ImpersonationOptions | undefined): ImpersonationPolicy | undefined {
  if (options === undefined) return undefined
  refuseUnknown('impersonation', options, ['life', 'write'])
  const { life = '30m', write = false } = options
  const length = milliseconds('impersonation.life', life)
  if (length < 60_000 || length > LONGEST) invalid('impersonation.life', life, `Write a minute to an hour: '30m'.`)
  if (typeof write !== 'boolean') invalid('impersonation.write', write, 'Write true or false.')
  return { life: length, write }
}
