/**
 * Several texts as one, so that no two different lists give the same text. Without it `name=a`, `value=bc` and `name=ab`,
 * `value=c` have the same signature, and one cookie's signature serves for another (attack A96, CWE-345).
 * Source: the netstring, https://cr.yp.to/proto/netstrings.txt, with lengths counted in UTF-16 code units.
 */

/**
 * Each part as `length:part,`, joined. Refuses (a `TypeError`) a part with a lone surrogate: UTF-8 would write
 * different ones alike. A single text is a list of one.
 */
export function frame(parts: string | readonly string[]): string {
  if (typeof parts === 'string') return framed(parts)
  let text = ''
  for (const part of parts) text += framed(part)
  return text
}

/** Whether `frame` accepts the parts: for verifiers, which refuse with a value. */
export function isFrameable(parts: string | readonly string[]): boolean {
  return typeof parts === 'string' ? parts.isWellFormed() : parts.every((part) => part.isWellFormed())
}

function framed(part: string): string {
  if (!part.isWellFormed())
    throw new TypeError('Text to sign or seal holds a lone surrogate. Check input with isWellFormed() where it comes in.')
  return `${part.length}:${part},`
}
