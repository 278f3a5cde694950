/**
 * A set of texts in 20 bits each that answers "certainly not" or "almost certainly": of texts that are not in it, one in 65 536 is taken
 * for one that is. Source: Graf and Lemire, "Xor Filters", 2020, https://arxiv.org/abs/1912.08258.
 */
import { createHash } from 'node:crypto'

/** A filter as it is stored. */
export interface XorFilter {
  /** Chosen so that the texts could be placed. */
  readonly seed: number
  /** A fingerprint of 16 bits at each place; a third for each of three positions. */
  readonly fingerprints: Uint16Array
}

interface Place {
  readonly at: readonly [number, number, number]
  readonly fingerprint: number
}

const MOST_TRIES = 100

/** Whether the text is in the set, or one of those that look as if. */
export function mayContain({ seed, fingerprints }: XorFilter, text: string): boolean {
  const { at, fingerprint } = placeOf(text, seed, fingerprints.length / 3)
  return (fingerprints[at[0]]! ^ fingerprints[at[1]]! ^ fingerprints[at[2]]!) === fingerprint
}

/** Makes the filter of different texts; the same texts always give the same filter. */
export function buildXorFilter(texts: readonly string[]): XorFilter {
  const third = Math.floor((32 + 1.23 * texts.length) / 3)
  for (let seed = 0; seed < MOST_TRIES; seed++) {
    const places = texts.map((text) => placeOf(text, seed, third))
    const order = peel(places, third * 3)
    if (order) return { seed, fingerprints: assign(places, order, third * 3) }
  }
  throw new Error('The texts cannot be placed: some are the same.')
}

/** Where the text is looked for. SHA-256, because it is at hand and no text can be made to collide. */
function placeOf(text: string, seed: number, third: number): Place {
  const digest = createHash('sha256').update(`${seed}:${text}`).digest()
  const within = (offset: number) => Math.floor((digest.readUInt32LE(offset) / 2 ** 32) * third)
  return { at: [within(0), third + within(4), 2 * third + within(8)], fingerprint: digest.readUInt16LE(12) }
}

/** Texts in an order in which each has a position that no later one has, with that position; `undefined` when there is none. */
function peel(places: readonly Place[], size: number): readonly (readonly [index: number, position: number])[] | undefined {
  const counts = new Uint32Array(size)
  const combined = new Int32Array(size)
  for (const [index, { at }] of places.entries())
    for (const position of at) {
      counts[position]! += 1
      combined[position]! ^= index
    }
  const alone = [...counts.keys()].filter((position) => counts[position] === 1)
  const order: [number, number][] = []
  for (let position = alone.pop(); position !== undefined; position = alone.pop()) {
    if (counts[position] !== 1) continue
    const index = combined[position]!
    order.push([index, position])
    for (const other of places[index]!.at) {
      counts[other]! -= 1
      combined[other]! ^= index
      if (counts[other] === 1) alone.push(other)
    }
  }
  return order.length === places.length ? order : undefined
}

function assign(places: readonly Place[], order: readonly (readonly [number, number])[], size: number): Uint16Array {
  const fingerprints = new Uint16Array(size)
  for (const [index, position] of order.toReversed()) {
    const { at, fingerprint } = places[index]!
    fingerprints[position] = fingerprint
    for (const other of at) if (other !== position) fingerprints[position]! ^= fingerprints[other]!
  }
  return fingerprints
}
