/**
 * Measures what an archive holds before anybody opens it: by what it says, and by unpacking it into nothing.
 * Stops zip and gzip bombs, also overlapping ones, and archives whose names or links lead out of a folder (attacks A101, A208).
 * Sources: PKWARE APPNOTE 6.3.10 §4.3, RFC 1952; CWE-409, CWE-22.
 */
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createInflateRaw } from 'node:zlib'

export type ArchiveResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'bomb' | 'archive' }

const END = 0x06054b50
const ENTRY = 0x02014b50
const LOCAL = 0x04034b50
const END_LENGTH = 22
const LONGEST_COMMENT = 65_535
const MOST_ENTRIES = 10_000
const LARGEST_DIRECTORY = 4_194_304
const OK: ArchiveResult = { ok: true }
const BOMB: ArchiveResult = { ok: false, reason: 'bomb' }
const REFUSED: ArchiveResult = { ok: false, reason: 'archive' }

interface Entry {
  readonly deflated: boolean
  readonly packed: number
  readonly size: number
  readonly offset: number
}

/** More than was said, or more than is allowed. Thrown inside of a pipeline only. */
class TooMuch extends Error {}

/** `most`: bytes of all that is inside. Refused besides: what is encrypted, split, larger than 4 GiB (zip64) or packed in a rare way. */
export async function measureArchive(path: string, packed: 'zip' | 'gzip', most: number): Promise<ArchiveResult> {
  if (packed === 'gzip') return unpack(createReadStream(path), createGunzip(), most)
  const handle = await open(path)
  try {
    return await measureZip(handle, most)
  } finally {
    await handle.close()
  }
}

async function measureZip(handle: FileHandle, most: number): Promise<ArchiveResult> {
  const { size } = await handle.stat()
  const entries = await readEntries(handle, size)
  if (entries === undefined) return REFUSED
  const sorted = entries.toSorted((a, b) => a.offset - b.offset)
  // Entries that share their bytes make a small file large without being packed twice.
  const overlaps = sorted.some(({ offset, packed }, index) => offset + 30 + packed > (sorted[index + 1]?.offset ?? size))
  if (overlaps || entries.reduce((sum, entry) => sum + entry.size, 0) > most) return BOMB
  for (const entry of sorted) {
    const result = await checkEntry(handle, entry)
    if (!result.ok) return result
  }
  return OK
}

async function readEntries(handle: FileHandle, size: number): Promise<readonly Entry[] | undefined> {
  const tail = await read(handle, Math.max(0, size - END_LENGTH - LONGEST_COMMENT), Math.min(size, END_LENGTH + LONGEST_COMMENT))
  let at = tail.length - END_LENGTH
  while (at >= 0 && tail.readUInt32LE(at) !== END) at--
  if (at < 0) return undefined
  const count = tail.readUInt16LE(at + 10)
  const length = tail.readUInt32LE(at + 12)
  const start = tail.readUInt32LE(at + 16)
  if (count > MOST_ENTRIES || length > LARGEST_DIRECTORY || start + length > size) return undefined
  const directory = await read(handle, start, length)
  const entries: Entry[] = []
  for (let position = 0; entries.length < count;) {
    if (position + 46 > directory.length || directory.readUInt32LE(position) !== ENTRY) return undefined
    const after = position + 46 + directory.readUInt16LE(position + 28)
    const entry = readEntry(directory, position, after)
    if (entry === undefined) return undefined
    entries.push(entry)
    position = after + directory.readUInt16LE(position + 30) + directory.readUInt16LE(position + 32)
  }
  return entries
}

function readEntry(directory: Buffer, at: number, after: number): Entry | undefined {
  const flags = directory.readUInt16LE(at + 8)
  const method = directory.readUInt16LE(at + 10)
  const packed = directory.readUInt32LE(at + 20)
  const size = directory.readUInt32LE(at + 24)
  const offset = directory.readUInt32LE(at + 42)
  const isLink = ((directory.readUInt32LE(at + 38) >>> 28) & 0xf) === 0xa
  const encrypted = (flags & 0x2041) !== 0
  if (encrypted || isLink || (method !== 0 && method !== 8) || (method === 0 && packed !== size)) return undefined
  if ([packed, size, offset].includes(0xffffffff) || leadsOut(directory.toString('utf8', at + 46, after))) return undefined
  return { deflated: method === 8, packed, size, offset }
}

function leadsOut(name: string): boolean {
  return name === '' || /[\0\\]|^\/|^[a-z]:/i.test(name) || name.split('/').includes('..')
}

async function checkEntry(handle: FileHandle, { deflated, packed, size, offset }: Entry): Promise<ArchiveResult> {
  const local = await read(handle, offset, 30)
  if (local.length < 30 || local.readUInt32LE(0) !== LOCAL) return REFUSED
  if (!deflated || packed === 0) return OK
  const start = offset + 30 + local.readUInt16LE(26) + local.readUInt16LE(28)
  return unpack(handle.createReadStream({ start, end: start + packed - 1, autoClose: false }), createInflateRaw(), size)
}

/** Into nothing, and no further than `most`. */
async function unpack(source: Readable, unpacker: Transform, most: number): Promise<ArchiveResult> {
  let total = 0
  try {
    await pipeline(source, unpacker, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) if ((total += chunk.length) > most) throw new TooMuch()
    })
    return OK
  } catch (error) {
    return error instanceof TooMuch ? BOMB : REFUSED
  }
}

async function read(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(length), 0, length, position)
  return buffer.subarray(0, bytesRead)
}
