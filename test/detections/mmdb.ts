/**
 * Writes a small database of places in MaxMind's format: no package on npm writes one. 24-bit records, IPv4 in an IPv6 tree as the
 * real ones have it. Source: https://maxmind.github.io/MaxMind-DB/
 */

export interface Placed {
  /** `192.0.2.0/24`. */
  readonly network: string
  readonly country: string
  readonly latitude: number
  readonly longitude: number
}

type Value =
  | string
  | number
  | { readonly float: number }
  | { readonly list: readonly Value[] }
  | { readonly map: Readonly<Record<string, Value>> }

/** Anything with a branch for 0 and for 1; `undefined` where nothing is known. */
interface Node {
  readonly next: [Node | number | undefined, Node | number | undefined]
}

export function writeMmdb(places: readonly Placed[]): Buffer {
  const data: Buffer[] = []
  let length = 0
  const root: Node = { next: [undefined, undefined] }
  for (const { network, country, latitude, longitude } of places) {
    const location = { map: { latitude: { float: latitude }, longitude: { float: longitude } } }
    const record = encode({ map: { country: { map: { iso_code: country } }, location } })
    insert(root, bitsOf(network), length)
    data.push(record)
    length += record.length
  }
  const nodes = number(root)
  const tree = Buffer.alloc(nodes.length * 6)
  for (const [index, { next }] of nodes.entries()) {
    for (const side of [0, 1] as const) {
      const to = next[side]
      const value = to === undefined ? nodes.length : typeof to === 'number' ? nodes.length + 16 + to : nodes.indexOf(to)
      tree.writeUIntBE(value, index * 6 + side * 3, 3)
    }
  }
  const metadata = encode({
    map: {
      node_count: nodes.length,
      record_size: 24,
      ip_version: 6,
      database_type: 'Test-City',
      languages: { list: ['en'] },
      binary_format_major_version: 2,
      binary_format_minor_version: 0,
      build_epoch: 1_768_000_000,
      description: { map: { en: 'Test' } },
    },
  })
  return Buffer.concat([tree, Buffer.alloc(16), ...data, Buffer.from('abcdef', 'hex'), Buffer.from('MaxMind.com'), metadata])
}

/** The bits of an IPv4 network behind the 96 zeros that stand for IPv4. */
function bitsOf(network: string): number[] {
  const [address = '', prefix = '32'] = network.split('/')
  const bits = address.split('.').flatMap((part) => Number(part).toString(2).padStart(8, '0').split('').map(Number))
  return [...Array.from({ length: 96 }, () => 0), ...bits.slice(0, Number(prefix))]
}

function insert(root: Node, bits: readonly number[], offset: number): void {
  let node = root
  for (const [index, bit] of bits.entries()) {
    const side = bit === 1 ? 1 : 0
    if (index === bits.length - 1) node.next[side] = offset
    else {
      const made = node.next[side] ?? { next: [undefined, undefined] }
      if (typeof made === 'number') throw new Error('Networks overlap.')
      node.next[side] = made
      node = made
    }
  }
}

function number(root: Node): Node[] {
  const nodes: Node[] = []
  const walk = (node: Node): void => {
    nodes.push(node)
    for (const next of node.next) if (typeof next === 'object') walk(next)
  }
  walk(root)
  return nodes
}

const TYPE = { string: 2, double: 3, uint32: 6, map: 7, array: 11 } as const

function encode(value: Value): Buffer {
  if (typeof value === 'string') return Buffer.concat([head(TYPE.string, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([head(TYPE.uint32, 4), bytes])
  }
  if ('float' in value) {
    const bytes = Buffer.alloc(8)
    bytes.writeDoubleBE(value.float)
    return Buffer.concat([head(TYPE.double, 8), bytes])
  }
  if ('map' in value) {
    const entries = Object.entries(value.map)
    return Buffer.concat([head(TYPE.map, entries.length), ...entries.flatMap(([key, one]) => [encode(key), encode(one)])])
  }
  return Buffer.concat([head(TYPE.array, value.list.length), ...value.list.map((one) => encode(one))])
}

/** The control byte; lengths stay under 29, which need no more. Types over 7 stand in a byte of their own. */
function head(type: number, size: number): Buffer {
  if (size >= 29) throw new RangeError(`Too long for this writer: ${size}.`)
  return type <= 7 ? Buffer.from([(type << 5) | size]) : Buffer.from([size, type - 7])
}
