/** Ids of users and handles of sessions: how they are read from outside, and how the log names who acted. */
import type { Actor } from './types.ts'

const ID = /^[A-Za-z0-9_-]{1,64}$/

/** The id, or one that nobody has: PostgreSQL refuses NUL with an error instead of finding nothing. */
export function readId(text: string): string {
  return ID.test(text) ? text : ''
}

/** `system:cli`, `user:<id>`. */
export function nameOf({ kind, id }: Actor): string {
  return `${kind}:${id}`
}
