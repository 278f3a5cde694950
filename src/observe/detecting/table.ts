/**
 * Remembers one instant for each key, in a fixed amount of memory: when a bucket will have leaked empty, or until when something counts as
 * seen. It grows up to its limit and then forgets what lies lowest among eight: a key that was just met, or that is nearly empty. So a
 * flood of new keys pushes out its own, and who wants to be forgotten near the threshold has to bring as many others as near to it.
 */

export interface Table {
  /** What stands there; 0 for an unknown key. */
  get(hi: number, lo: number): number
  /** `now` says which of the others are over and can be written over first. */
  set(hi: number, lo: number, value: number, now: number): void
  delete(hi: number, lo: number): void
  /** Bytes that it holds now. */
  readonly bytes: number
}

const WAYS = 8
const FIRST = 1024
export const BYTES_PER_KEY = 16

/** `most`: places at most, a power of two from 1024. */
export function createTable(most: number): Table {
  let keys = new Uint32Array(FIRST * 2)
  let values = new Float64Array(FIRST)

  /** The first place of the eight where this key may stand. */
  const group = (lo: number): number => lo & (values.length - 1) & ~(WAYS - 1)

  function find(hi: number, lo: number): number {
    const first = group(lo)
    for (let place = first; place < first + WAYS; place++) if (keys[place * 2] === hi && keys[place * 2 + 1] === lo) return place
    return -1
  }

  /** A free place, or one whose time is over, or that with the lowest value. */
  function room(lo: number, now: number): { readonly place: number; readonly live: boolean } {
    const first = group(lo)
    let lowest = first
    for (let place = first; place < first + WAYS; place++) {
      if (keys[place * 2 + 1] === 0) return { place, live: false }
      if (values[place]! < values[lowest]!) lowest = place
    }
    return { place: lowest, live: values[lowest]! > now }
  }

  function put(place: number, hi: number, lo: number, value: number): void {
    keys[place * 2] = hi
    keys[place * 2 + 1] = lo
    values[place] = value
  }

  function grow(now: number): void {
    const [oldKeys, oldValues] = [keys, values]
    keys = new Uint32Array(oldKeys.length * 2)
    values = new Float64Array(oldValues.length * 2)
    for (let place = 0; place < oldValues.length; place++) {
      const lo = oldKeys[place * 2 + 1]!
      if (lo === 0 || oldValues[place]! <= now) continue
      put(room(lo, now).place, oldKeys[place * 2]!, lo, oldValues[place]!)
    }
  }

  return {
    get(hi, lo) {
      const place = find(hi, lo)
      return place === -1 ? 0 : values[place]!
    },
    set(hi, lo, value, now) {
      const known = find(hi, lo)
      if (known !== -1) return put(known, hi, lo, value)
      let { place, live } = room(lo, now)
      while (live && values.length < most) {
        grow(now)
        ;({ place, live } = room(lo, now))
      }
      put(place, hi, lo, value)
    },
    delete(hi, lo) {
      const place = find(hi, lo)
      if (place !== -1) put(place, 0, 0, 0)
    },
    get bytes() {
      return values.length * BYTES_PER_KEY
    },
  }
}
