/**
 * Two words of 32 bits for a text of any length, under a secret of this process: keys of tables that strangers fill. Who does not know the
 * secret can make neither two texts with one digest nor many that fall into one place (HashDoS, CWE-407).
 * Source: HalfSipHash with one round a word and three at the end, J.-P. Aumasson, https://github.com/veorq/SipHash
 */

/** The result stands in the object itself: nothing is allocated for an event. */
export interface Digest {
  hi: number
  lo: number
  /** Computes the digest of `text`; `more` is told apart from being the rest of `text`. */
  of(text: string, more?: string): void
}

/** `key`: eight secret bytes. */
export function createDigest(key: Uint8Array): Digest {
  if (key.length < 8) throw new RangeError(`A digest needs 8 secret bytes, got ${key.length}.`)
  const words = new DataView(key.buffer, key.byteOffset, 8)
  const [k0, k1] = [words.getUint32(0, true) | 0, words.getUint32(4, true) | 0]
  let [v0, v1, v2, v3] = [0, 0, 0, 0]

  function round(): void {
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
  }

  function word(value: number): void {
    v3 ^= value
    round()
    v0 ^= value
  }

  function absorb(text: string): void {
    const length = text.length
    for (let at = 0; at + 1 < length; at += 2) word(text.charCodeAt(at) | (text.charCodeAt(at + 1) << 16))
    if (length % 2 === 1) word(text.charCodeAt(length - 1))
    word(length)
  }

  return {
    hi: 0,
    lo: 0,
    of(text, more) {
      v0 = k0
      v1 = k1 ^ 0xee
      v2 = 0x6c796765 ^ k0
      v3 = 0x74656462 ^ k1
      absorb(text)
      if (more !== undefined) absorb(more)
      v2 ^= 0xee
      for (let i = 0; i < 3; i++) round()
      this.hi = (v1 ^ v3) >>> 0
      v1 ^= 0xdd
      for (let i = 0; i < 3; i++) round()
      // 0 and 0 together mark an empty place in tables.
      this.lo = (v1 ^ v3) >>> 0 || 1
    },
  }
}
