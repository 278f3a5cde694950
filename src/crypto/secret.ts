/**
 * A value that does not show itself: in logs, errors, JSON, templates, debuggers' listings or copies (CWE-532, CWE-215).
 * Source: OWASP Logging Cheat Sheet, "Data to exclude".
 */
import { equal } from './equal.ts'

const SHOWN = '[secret]'

/**
 * Holds a secret that is printed as `[secret]` everywhere, and is got only by `reveal()`, a word that is easy to search for.
 *
 * It has no enumerable property, so spreading, `Object.assign` and `structuredClone` copy nothing out of it.
 * It does not protect against code that calls `reveal()`, nor against a dump of the process's memory.
 */
export class Secret<T = string> {
  readonly #value: T

  constructor(value: T) {
    this.#value = value
    Object.freeze(this)
  }

  /** The value itself. Keep the call close to the use, and store the `Secret`, not what it reveals. */
  reveal(): T {
    return this.#value
  }

  /**
   * Whether another text, or what another `Secret` holds, is the same; the time taken does not say where they differ (CWE-208).
   * Throws a TypeError for a value that is no text: only texts are compared. `==` between two of these is never true.
   */
  equals(other: Secret<T> | T): boolean {
    const [own, given] = [this.#value, Secret.is(other) ? other.reveal() : other]
    if (typeof own !== 'string' || typeof given !== 'string') throw new TypeError('Only secrets that are text can be compared.')
    return equal(own, given)
  }

  toString(): string {
    return SHOWN
  }

  toJSON(): string {
    return SHOWN
  }

  [Symbol.toPrimitive](): string {
    return SHOWN
  }

  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return SHOWN
  }

  /** Whether the value is a real `Secret`: asks for the private field, which no look-alike has. */
  static is(value: unknown): value is Secret<unknown> {
    return typeof value === 'object' && value !== null && #value in value
  }
}

/** Whether the value is a `Secret`. */
export function isSecret(value: unknown): value is Secret<unknown> {
  return Secret.is(value)
}

/** The value, taken out of its `Secret` when it is in one: for functions that accept both. */
export function reveal<T>(value: T | Secret<T>): T {
  return value instanceof Secret ? value.reveal() : value
}
