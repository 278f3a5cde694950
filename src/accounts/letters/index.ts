/** THE LIST of letters. */
import type { Letter } from './letter.ts'
import { magicLink } from './magic-link.ts'
import { tokenReuse } from './token-reuse.ts'

export const letters = {
  'magic-link': magicLink,
  'token-reuse': tokenReuse,
} as const

export type LetterName = keyof typeof letters
export type LetterData<Name extends LetterName> = (typeof letters)[Name] extends Letter<infer Data> ? Data : never

/** One letter, as it is put into the outbox. */
export interface Posted {
  readonly letter: LetterName
  /** A stored address. */
  readonly to: string
  readonly data: Readonly<Record<string, string>>
}
