/**
 * Reads what a zip says that it holds, and refuses every one that two readers could read differently: some go by the directory at its
 * end, some by the head before each entry, some by whatever looks like either. Source: PKWARE APPNOTE 6.3.10 §4.3, §4.4 and §4.6.9.
 */
import type { FileHandle } from 'node:fs/promises'

export interface Entry {
  readonly deflated: boolean
  readonly packed: number
  readonly size: number
  /** Where its bytes begin. */
  readonly start: number
}

interface Listed extends Omit<Entry, 'start'> {
  readonly offset: number
  readonly name: Buffer
  readonly flags: number
}

const END = 0x06054b50
const ZIP64 = 0x07064b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const DESCRIPTOR = 0x08074b50
const END_LENGTH = 22
const LOCATOR_LENGTH = 20
const LONGEST_COMMENT = 65_535
const MOST_ENTRIES = 10_000
const LARGEST_DIRECTORY = 4_194_304
/** Sizes follow the entry, because they were not known before it. */
const FOLLOWED = 0x0008
/** Bit 0: encrypted; 6: strongly; 13: the directory is. */
const ENCRYPTED = 0x2041
const UNICODE_PATH = 0x7075
const ZIP64_SIZES = 0x0001
/** Pipes, devices, links and sockets by the bits of `st_mode`. */
const NO_FILE = new Set([0x1, 0x2, 0x6, 0xa, 0xc])

/**
 * The entries in the order of their bytes; `undefined` when there are others in it, when the two places say different things of one, or
 * when it is encrypted, split, larger than 4 GiB (zip64) or packed in a rare way. `'shared'`: entries that share their bytes.
 */
export async function readZip(handle: FileHandle): Promise<readonly Entry[] | 'shared' | undefined> {
  const { size } = await handle.stat()
  const end = await readEnd(handle, size)
  const listed = end && readDirectory(await read(handle, end.start, end.length), end.count)
  if (end === undefined || listed === undefined) return undefined
  const entries: Entry[] = []
  let position = 0
  for (const one of listed.toSorted((a, b) => a.offset - b.offset)) {
    if (one.offset < position) return 'shared'
    // Between them is nothing: who reads on from there would find entries that the directory does not name.
    const start = one.offset === position ? await readLocal(handle, one) : undefined
    if (start === undefined) return undefined
    entries.push({ deflated: one.deflated, packed: one.packed, size: one.size, start })
    position = start + one.packed + ((one.flags & FOLLOWED) === 0 ? 0 : await descriptorLength(handle, start + one.packed))
  }
  return position === end.start ? entries : undefined
}

/** The directory ends where its end record begins, and that ends with the file: else there is room for a second one. */
async function readEnd(handle: FileHandle, size: number) {
  const longest = END_LENGTH + LONGEST_COMMENT + LOCATOR_LENGTH
  const tail = await read(handle, Math.max(0, size - longest), Math.min(size, longest))
  let at = tail.length - END_LENGTH
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--
  if (at < 0 || at + END_LENGTH + tail.readUInt16LE(at + 20) !== tail.length) return undefined
  if (at >= LOCATOR_LENGTH && tail.readUInt32LE(at - LOCATOR_LENGTH) === ZIP64) return undefined
  const [disk, first, here] = [4, 6, 8].map((offset) => tail.readUInt16LE(at + offset))
  const count = tail.readUInt16LE(at + 10)
  const length = tail.readUInt32LE(at + 12)
  const start = tail.readUInt32LE(at + 16)
  if (disk !== 0 || first !== 0 || here !== count || count > MOST_ENTRIES || length > LARGEST_DIRECTORY) return undefined
  return start + length === size - tail.length + at ? { start, length, count } : undefined
}

function readDirectory(directory: Buffer, count: number): readonly Listed[] | undefined {
  const entries: Listed[] = []
  let position = 0
  while (position < directory.length) {
    if (position + 46 > directory.length || directory.readUInt32LE(position) !== ENTRY) return undefined
    const [name, extra, comment] = [28, 30, 32].map((offset) => directory.readUInt16LE(position + offset)) as [
      number,
      number,
      number,
    ]
    const after = position + 46 + name
    if (after + extra + comment > directory.length) return undefined
    const entry = readEntry(directory.subarray(position, after), directory.subarray(after, after + extra))
    if (entry === undefined) return undefined
    entries.push(entry)
    position = after + extra + comment
  }
  return entries.length === count ? entries : undefined
}

function readEntry(entry: Buffer, extra: Buffer): Listed | undefined {
  const flags = entry.readUInt16LE(8)
  const method = entry.readUInt16LE(10)
  const packed = entry.readUInt32LE(20)
  const size = entry.readUInt32LE(24)
  const offset = entry.readUInt32LE(42)
  const name = entry.subarray(46)
  if ((flags & ENCRYPTED) !== 0 || NO_FILE.has(entry.readUInt32LE(38) >>> 28)) return undefined
  if ((method !== 0 && method !== 8) || (method === 0 && packed !== size)) return undefined
  if ([packed, size, offset].includes(0xffffffff) || leadsOut(name.toString()) || !readExtra(extra)) return undefined
  return { deflated: method === 8, packed, size, offset, name, flags }
}

function leadsOut(name: string): boolean {
  return name === '' || /[\0\\]|^\/|^[a-z]:/i.test(name) || name.split('/').includes('..')
}

/** The extra fields by their ids; `undefined` where they cannot be told apart, or give a second name that leads out. */
function readExtra(extra: Buffer): ReadonlyMap<number, Buffer> | undefined {
  const fields = new Map<number, Buffer>()
  for (let at = 0; at < extra.length;) {
    const end = at + 4 > extra.length ? Number.POSITIVE_INFINITY : at + 4 + extra.readUInt16LE(at + 2)
    if (end > extra.length || fields.has(extra.readUInt16LE(at))) return undefined
    fields.set(extra.readUInt16LE(at), extra.subarray(at + 4, end))
    at = end
  }
  // Goes before the first name: a version, a check sum of that one, and a path.
  const path = fields.get(UNICODE_PATH)
  return path !== undefined && leadsOut(path.toString('utf8', 5)) ? undefined : fields
}

/** Where the bytes of the entry begin, when its own head says what the directory says. */
async function readLocal(
  handle: FileHandle,
  { deflated, packed, size, offset, name, flags }: Listed,
): Promise<number | undefined> {
  const head = await read(handle, offset, 30)
  if (head.length < 30 || head.readUInt32LE(0) !== LOCAL) return undefined
  const length = head.readUInt16LE(26)
  const rest = await read(handle, offset + 30, length + head.readUInt16LE(28))
  const extra = readExtra(rest.subarray(length))
  const alike =
    head.readUInt16LE(6) === flags && head.readUInt16LE(8) === (deflated ? 8 : 0) && rest.subarray(0, length).equals(name)
  if (extra === undefined || !alike) return undefined
  const said = [head.readUInt32LE(18), head.readUInt32LE(22)]
  const later = (flags & FOLLOWED) !== 0 && said[0] === 0 && said[1] === 0
  const equal = (said[0] === packed && said[1] === size) || isSaidLong(said, extra.get(ZIP64_SIZES), packed, size)
  return later || equal ? offset + 30 + rest.length : undefined
}

/** In 64 bits, as programs write that did not know at first how long it would be. */
function isSaidLong(said: readonly number[], sizes: Buffer | undefined, packed: number, size: number): boolean {
  if (sizes?.length !== 16 || said.some((one) => one !== 0xffffffff)) return false
  return sizes.readBigUInt64LE(0) === BigInt(size) && sizes.readBigUInt64LE(8) === BigInt(packed)
}

async function descriptorLength(handle: FileHandle, at: number): Promise<number> {
  const bytes = await read(handle, at, 4)
  return bytes.length === 4 && bytes.readUInt32LE(0) === DESCRIPTOR ? 16 : 12
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
