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
  let places = createPlaces(FIRST)
  /** What was looked for last: what is set was mostly asked for just before. */
  let [lastHi, lastLo, lastPlace] = [0, 0, -1]

  /** The first place of the eight where this key may stand. */
  const group = (lo: number): number => lo & (places.values.length / 2 - 1) & ~(WAYS - 1)

  function find(hi: number, lo: number): number {
    if (hi === lastHi && lo === lastLo) return lastPlace
    lastHi = hi
    lastLo = lo
    lastPlace = search(hi, lo)
    return lastPlace
  }

  function search(hi: number, lo: number): number {
    const { keys } = places
    const first = group(lo)
    for (let place = first; place < first + WAYS; place++) if (keys[place * 4 + 1] === lo && keys[place * 4] === hi) return place
    return -1
  }

  /** A free place, or one whose time is over, or that with the lowest value. */
  function room(lo: number): number {
    const { keys, values } = places
    const first = group(lo)
    let lowest = first
    for (let place = first; place < first + WAYS; place++) {
      if (keys[place * 4 + 1] === 0) return place
      if (values[place * 2 + 1]! < values[lowest * 2 + 1]!) lowest = place
    }
    return lowest
  }

  const isLive = (place: number, now: number): boolean => places.keys[place * 4 + 1] !== 0 && places.values[place * 2 + 1]! > now

  function put(place: number, hi: number, lo: number, value: number): void {
    places.keys[place * 4] = hi
    places.keys[place * 4 + 1] = lo
    places.values[place * 2 + 1] = value
    lastHi = hi
    lastLo = lo
    lastPlace = place
  }

  function grow(now: number): void {
    const { keys, values } = places
    places = createPlaces(values.length)
    for (let place = 0; place < values.length / 2; place++) {
      const [hi, lo, value] = [keys[place * 4]!, keys[place * 4 + 1]!, values[place * 2 + 1]!]
      if (lo !== 0 && value > now) put(room(lo), hi, lo, value)
    }
  }

  return {
    get(hi, lo) {
      const place = find(hi, lo)
      return place === -1 ? 0 : places.values[place * 2 + 1]!
    },
    set(hi, lo, value, now) {
      const known = find(hi, lo)
      if (known !== -1) return put(known, hi, lo, value)
      let place = room(lo)
      while (isLive(place, now) && places.values.length / 2 < most) {
        grow(now)
        place = room(lo)
      }
      put(place, hi, lo, value)
    },
    delete(hi, lo) {
      const place = find(hi, lo)
      if (place !== -1) put(place, 0, 0, 0)
      lastPlace = -1
    },
    get bytes() {
      return (places.values.length / 2) * BYTES_PER_KEY
    },
  }
}

/** Two views of one piece of memory: a place is its key in two words, then its value. Eight lie beside each other, so that they are fetched at once. */
function createPlaces(many: number) {
  const memory = new ArrayBuffer(many * BYTES_PER_KEY)
  return { keys: new Int32Array(memory), values: new Float64Array(memory) }
}
