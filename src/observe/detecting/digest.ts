/**
 * Two signed words of 32 bits for a text of any length, under a secret of this process: keys of tables that strangers fill. Who does not know the
 * secret can make neither two texts with one digest nor many that fall into one place (HashDoS, CWE-407).
 * Source: HalfSipHash with one round a word and three at the end, J.-P. Aumasson, https://github.com/veorq/SipHash
 */

/** The result stands in the object itself: nothing is allocated for an event. */
export interface Digest {
  hi: number
  lo: number
  /** Computes the digest of a text. */
  of(text: string): void
  /** Computes that of two texts in their order: of no others, wherever one ends. */
  pair(text: string, more: string): void
}

/** Many detections count the same event by the same few texts: its address, its network, its account. */
const RECENT = 4
/** Rounds after the text, for each half of the result. */
const HALF = 3

/** `key`: eight secret bytes. */
export function createDigest(key: Uint8Array): Digest {
  if (key.length < 8) throw new RangeError(`A digest needs 8 secret bytes, got ${key.length}.`)
  const secret = new DataView(key.buffer, key.byteOffset, 8)
  const [k0, k1] = [secret.getUint32(0, true) | 0, secret.getUint32(4, true) | 0]
  const texts: (string | undefined)[] = Array.from({ length: RECENT })
  const results = new Int32Array(RECENT * 2)
  let next = 0

  /** The place of `results` where it stands. */
  function digestOf(text: string): number {
    for (let place = 0; place < RECENT; place++) if (texts[place] === text) return place * 2
    const place = next
    next = (next + 1) % RECENT
    texts[place] = text
    compute(text, place * 2)
    return place * 2
  }

  /** One loop, and variables of this function alone: in those of an outer one each step would go through memory. */
  function compute(text: string, place: number): void {
    const length = text.length
    const end = (length >> 1) + (length & 1) + 1
    let v0 = k0
    let v1 = k1 ^ 0xee
    let v2 = 0x6c796765 ^ k0
    let v3 = 0x74656462 ^ k1
    for (let at = 0; at < end + 2 * HALF; at++) {
      const word = at < end ? wordAt(text, at * 2) : 0
      v3 ^= word
      v0 = (v0 + v1) | 0
      v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0
      v0 = (v0 << 16) | (v0 >>> 16)
      v2 = (v2 + v3) | 0
      v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2
      v0 = (v0 + v3) | 0
      v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0
      v2 = (v2 + v1) | 0
      v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2
      v2 = (v2 << 16) | (v2 >>> 16)
      v0 ^= word
      if (at === end - 1) v2 ^= 0xee
      if (at === end + HALF - 1) {
        results[place] = v1 ^ v3
        v1 ^= 0xdd
      }
    }
    // 0 and 0 together mark an empty place in tables.
    results[place + 1] = v1 ^ v3 || 1
  }

  return {
    hi: 0,
    lo: 0,
    of(text) {
      const place = digestOf(text)
      this.hi = results[place]!
      this.lo = results[place + 1]!
    },
    pair(text, more) {
      this.of(text)
      const place = digestOf(more)
      // Nobody sees the four words, so a sum of them is as good as a digest of both texts.
      this.hi = (this.hi + turned(results[place + 1]!)) | 0
      this.lo = (this.lo + turned(results[place]!)) | 0 || 1
    },
  }
}

/** Two characters; after the last of them the length of the text. */
function wordAt(text: string, from: number): number {
  if (from + 1 < text.length) return text.charCodeAt(from) | (text.charCodeAt(from + 1) << 16)
  return from < text.length ? text.charCodeAt(from) : text.length
}

/** So that the order of two texts matters. */
function turned(word: number): number {
  return (word << 13) | (word >>> 19)
}
