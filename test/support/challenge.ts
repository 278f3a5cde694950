/** What a browser or a program does with a challenge. */
import { isSolution } from '../../src/crypto/proof-of-work.ts'

export interface Asked {
  readonly challenge: string
  readonly bits: number
}

/** Does the work. */
export function solve({ challenge, bits }: Asked): string {
  for (let n = 0; ; n++) {
    const text = n.toString(36)
    if (isSolution(challenge, text, bits)) return text
  }
}

/** What a page's form asks for; `undefined` when it asks for nothing. */
export function askedOn(page: string): Asked | undefined {
  const bits = /data-bits="(\d+)"/.exec(page)?.[1]
  const challenge = /name="challenge" value="([^"]+)"/.exec(page)?.[1]
  return bits === undefined || challenge === undefined ? undefined : { challenge, bits: Number(bits) }
}

/** A challenge with its solution, as the fields of a form. */
export function solved(asked: Asked): { readonly challenge: string; readonly solution: string } {
  return { challenge: asked.challenge, solution: solve(asked) }
}
