/**
 * `SafeHtml`: text that may stand in a page without being escaped again.
 *
 * A string cannot say whether it was escaped; this type can. Its text is in a private field and its constructor wants a key that
 * never leaves this file, so an object from JSON, a subclass, `Object.create` or a look-alike with `toString` is not one.
 *
 * Only files of this folder may import `mint`; a test holds that. Everyone else makes `SafeHtml` with `html`, `attributes` and,
 * in plain sight, `insecureRawHtml`.
 */

const key = Symbol('SafeHtml')

/**
 * Stands in the text of a page where a nonce may stand in the tag of a script or a style. It cannot come from a value: escaping
 * replaces every NUL, and a template with one is refused.
 */
export const NONCE_MARK = '\0'

/** HTML that was escaped for its places. `toString()` gives the text. Cannot be made by hand: use `html`. */
export class SafeHtml {
  readonly #text: string
  readonly #standsInTag: boolean
  readonly #marked: boolean

  /** Refuses (TypeError) every caller that is not this file. */
  constructor(proof: symbol, text: string, standsInTag: boolean, marked: boolean) {
    if (proof !== key) throw new TypeError('SafeHtml cannot be constructed: write html`…` instead')
    this.#text = text
    this.#standsInTag = standsInTag
    this.#marked = marked
  }

  /** The HTML text, without nonces: see `render`. */
  toString(): string {
    return this.#marked ? withNonce(this.#text, '') : this.#text
  }

  /** True for a genuine instance: looks for the private field, which no prototype trick can add. */
  static is(value: unknown): value is SafeHtml {
    return typeof value === 'object' && value !== null && #text in value
  }

  /** True when the text is a list of attributes, so that it may stand inside a tag. */
  static standsInTag(value: SafeHtml): boolean {
    return value.#standsInTag
  }

  /** False when the text surely has no mark in it. */
  static isMarked(value: SafeHtml): boolean {
    return value.#marked
  }

  /** The text with its marks, read from the field: an own `toString` put on the object is not asked. */
  static textOf(value: SafeHtml): string {
    return value.#text
  }
}

/** The text of a page or a part of one with `nonce`, an attribute or nothing, at every mark. */
export function withNonce(text: string, nonce: string): string {
  return text.includes(NONCE_MARK) ? text.replaceAll(NONCE_MARK, () => nonce) : text
}

/** Declares `text` safe. The caller has escaped it; `standsInTag` says that it is a list of attributes, `marked: false` that it has no mark. */
export function mint(text: string, standsInTag: boolean, marked = true): SafeHtml {
  return new SafeHtml(key, text, standsInTag, marked)
}
