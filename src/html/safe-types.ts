/**
 * `SafeUrl` and `SafeScript`: like `SafeHtml`, for an address and for the text of a script.
 *
 * A string cannot say whether it was checked; these can. Both keep their text in a private field and want a key that never leaves
 * this file. Only files of this folder may import the `mint…` functions; a test holds that.
 */

const key = Symbol('safe')

/** An address that was checked or declared safe. Made by `safeUrl` and, in plain sight, `insecureRawUrl`. */
export class SafeUrl {
  readonly #text: string
  readonly #declared: boolean

  /** Refuses (TypeError) every caller that is not this file. */
  constructor(proof: symbol, text: string, declared: boolean) {
    if (proof !== key) throw new TypeError('SafeUrl cannot be constructed: use safeUrl(…)')
    this.#text = text
    this.#declared = declared
  }

  /** The address. */
  toString(): string {
    return this.#text
  }

  /** True for a genuine instance. */
  static is(value: unknown): value is SafeUrl {
    return typeof value === 'object' && value !== null && #text in value
  }

  /** The address, read from the field. */
  static textOf(value: SafeUrl): string {
    return value.#text
  }

  /** True when the author declared it: then it may also stand where code is loaded. */
  static isDeclared(value: SafeUrl): boolean {
    return value.#declared
  }
}

/** An expression for a script, with no character in it that could end the script. Made by `json` and `insecureRawScript`. */
export class SafeScript {
  readonly #text: string

  /** Refuses (TypeError) every caller that is not this file. */
  constructor(proof: symbol, text: string) {
    if (proof !== key) throw new TypeError('SafeScript cannot be constructed: use json(…)')
    this.#text = text
  }

  /** The text of the script. */
  toString(): string {
    return this.#text
  }

  /** True for a genuine instance. */
  static is(value: unknown): value is SafeScript {
    return typeof value === 'object' && value !== null && #text in value
  }

  /** The text, read from the field. */
  static textOf(value: SafeScript): string {
    return value.#text
  }
}

/** Declares `text` an address that may stand in a page; `declared` by the author rather than checked. */
export function mintUrl(text: string, declared: boolean): SafeUrl {
  return new SafeUrl(key, text, declared)
}

/** Declares `text` an expression. */
export function mintScript(text: string): SafeScript {
  return new SafeScript(key, text)
}
