/** What is said where a role may more, or less, than it should. */

/** One difference. */
export interface Difference {
  readonly kind: 'too-many' | 'too-few'
  /** `SELECT`, `SUPERUSER`, `ownership`, `membership`. */
  readonly privilege: string
  /** On what: a table, `schema public`, `database app`, or the role itself. */
  readonly on: string
  /** Whether it lets the role take every other one for itself, or change what tables are. */
  readonly grave: boolean
}

export const many = (privilege: string, on: string, grave = false): Difference => ({ kind: 'too-many', privilege, on, grave })
export const few = (privilege: string, on: string): Difference => ({ kind: 'too-few', privilege, on, grave: false })
