/**
 * The hash chain and the Merkle tree over its leaves. The chain says at which event something is wrong; the tree lets one signature
 * vouch for all of them, and a proof of a few hashes for one.
 * Source: RFC 6962 section 2.1, RFC 9162 section 2.1 (tree, inclusion proofs and how they are checked).
 *
 * Hashes are 32 bytes as text here, one character a byte: of all ways to hold them, the cheapest to hash again.
 */
import { hash } from 'node:crypto'

/** The roots of the largest whole subtrees, left to right: as many as the size has bits set. */
export type Range = readonly string[]

export const EMPTY_ROOT = hash('sha256', '', 'binary')

/** Made once: the three hash functions on a buffer of their own. */
export function createHashes() {
  const pair = Buffer.alloc(65)

  function join(domain: number, left: string, right: string): string {
    pair[0] = domain
    pair.write(left, 1, 32, 'latin1')
    pair.write(right, 33, 32, 'latin1')
    return hash('sha256', pair, 'binary')
  }

  const node = (left: string, right: string): string => join(1, left, right)

  function grow(range: string[], size: number, leaf: string): void {
    let whole = leaf
    for (let rest = size; rest % 2 === 1; rest = Math.floor(rest / 2)) whole = node(range.pop()!, whole)
    range.push(whole)
  }

  return {
    leaf: (text: string): string => hash('sha256', `\u0000${text}`, 'binary'),
    node,
    /** The chain's next hash. The domain byte is one that RFC 6962 does not use. */
    link: (previous: string, leaf: string): string => join(2, previous, leaf),
    /** `toBase64Url`, for who does it a million times. */
    text(bytes: string): string {
      pair.write(bytes, 0, 32, 'latin1')
      return pair.toString('base64url', 0, 32)
    },
    /** `link`, with the chain's hashes as rows hold them: base64url. */
    linkText(previous: string, leaf: string): string {
      pair[0] = 2
      pair.write(previous, 1, 32, 'base64url')
      pair.write(leaf, 33, 32, 'latin1')
      return hash('sha256', pair, 'base64url')
    },
    /** The range of one leaf more. `size` is that before. */
    append(range: Range, size: number, leaf: string): Range {
      const next = [...range]
      grow(next, size, leaf)
      return next
    },
    /** The same, in place: for who does it a million times. */
    grow,
    root: (range: Range): string =>
      range.length === 0 ? EMPTY_ROOT : range.toReversed().reduce((right, left) => node(left, right)),
  }
}

export type Hashes = ReturnType<typeof createHashes>

/** Where a chain begins: nothing of another chain can stand there. */
export function genesis(chain: string): string {
  return hash('sha256', `holdfast audit chain\n${chain}\n`, 'binary')
}

export const toBase64Url = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64url')
export const fromBase64Url = (text: string): string => Buffer.from(text, 'base64url').toString('latin1')
export const toBase64 = (bytes: string): string => Buffer.from(bytes, 'latin1').toString('base64')
export const fromBase64 = (text: string): string => Buffer.from(text, 'base64').toString('latin1')

/** Of a tree the leaves from `first` on, and the range before them. */
export interface Leaves {
  readonly first: number
  readonly range: Range
  /** The leaf at this place, which is not before `first`. */
  readonly at: (index: number) => string
}

/** The hashes beside the way from the leaf at `index` up to the root of the first `size` leaves. */
export function inclusionProof(hashes: Hashes, leaves: Leaves, index: number, size: number): string[] {
  return createProver(hashes, leaves)(index, size)
}

/** The same for many leaves of one tree: each part of it is hashed once, however many proofs go by it. */
export function createProver(hashes: Hashes, leaves: Leaves): (index: number, size: number) => string[] {
  const known = subtreesOf(leaves)

  function rootOf(from: number, to: number): string {
    if (to - from === 1 && from >= leaves.first) return leaves.at(from)
    const key = `${from}-${to}`
    const found = known.get(key)
    if (found !== undefined) return found
    const middle = from + split(to - from)
    const root = hashes.node(rootOf(from, middle), rootOf(middle, to))
    known.set(key, root)
    return root
  }

  return (index, size) => {
    const path: string[] = []
    for (let [from, to] = [0, size]; to - from > 1;) {
      const middle = from + split(to - from)
      path.unshift(index < middle ? rootOf(middle, to) : rootOf(from, middle))
      if (index < middle) to = middle
      else from = middle
    }
    return path
  }
}

/** The root that a proof leads to, or undefined when it cannot be one for this place (RFC 9162 section 2.1.3.2). */
export function rootByProof(
  hashes: Hashes,
  leaf: string,
  index: number,
  size: number,
  proof: readonly string[],
): string | undefined {
  if (index < 0 || index >= size) return undefined
  let place = index
  let last = size - 1
  let root = leaf
  for (const other of proof) {
    if (last === 0) return undefined
    if (place % 2 === 1 || place === last) {
      root = hashes.node(other, root)
      while (place % 2 === 0 && place !== 0) {
        place = Math.floor(place / 2)
        last = Math.floor(last / 2)
      }
    } else root = hashes.node(root, other)
    place = Math.floor(place / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? root : undefined
}

/** The largest power of two below `count`. */
function split(count: number): number {
  let power = 1
  while (power * 2 < count) power *= 2
  return power
}

/** The subtrees that the range before the first leaf is made of, by where they begin and end. */
function subtreesOf({ first, range }: Leaves): Map<string, string> {
  const found = new Map<string, string>()
  let from = 0
  let rest = first
  for (const root of range) {
    const width = rest === 1 ? 1 : 2 ** Math.floor(Math.log2(rest))
    found.set(`${from}-${from + width}`, root)
    from += width
    rest -= width
  }
  return found
}
