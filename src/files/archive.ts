/**
 * Measures what an archive holds before anybody opens it: by what it says, and by unpacking it into nothing.
 * Stops zip and gzip bombs, also overlapping ones, archives whose names or links lead out of a folder, and those that hold something
 * else for another reader (attacks A101, A208, A217). Sources: PKWARE APPNOTE 6.3.10 §4.3, RFC 1952; CWE-409, CWE-22, CWE-436.
 */
import { createReadStream } from 'node:fs'
import { open, type FileHandle } from 'node:fs/promises'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createInflateRaw, type Gunzip, type InflateRaw } from 'node:zlib'
import { readZip } from './zip-directory.ts'

export type ArchiveResult = { readonly ok: true } | { readonly ok: false; readonly reason: 'bomb' | 'archive' }

const OK: ArchiveResult = { ok: true }
const BOMB: ArchiveResult = { ok: false, reason: 'bomb' }
const REFUSED: ArchiveResult = { ok: false, reason: 'archive' }

/** More than was said, or more than is allowed. Thrown inside of a pipeline only. */
class TooMuch extends Error {}

/** `most`: bytes of all that is inside. */
export async function measureArchive(path: string, packed: 'zip' | 'gzip', most: number): Promise<ArchiveResult> {
  if (packed === 'gzip') return (await unpack(createReadStream(path), createGunzip(), most)).result
  const handle = await open(path)
  try {
    return await measureZip(handle, most)
  } finally {
    await handle.close()
  }
}

async function measureZip(handle: FileHandle, most: number): Promise<ArchiveResult> {
  const entries = await readZip(handle)
  if (entries === undefined) return REFUSED
  // Entries that share their bytes make a small file large without being packed twice.
  if (entries === 'shared' || entries.reduce((sum, entry) => sum + entry.size, 0) > most) return BOMB
  for (const { deflated, packed, size, start } of entries) {
    if (!deflated) continue
    const source = handle.createReadStream({ start, end: start + Math.max(packed, 1) - 1, autoClose: false })
    const { result, taken, total } = await unpack(source, createInflateRaw(), size)
    if (!result.ok) return result
    // It ended before its bytes did: the rest would be something else to who reads on from there.
    if (taken !== packed || total !== size) return REFUSED
  }
  return OK
}

/** Into nothing, and no further than `most`. `taken`: bytes that belonged to it. */
async function unpack(source: Readable, unpacker: Gunzip | InflateRaw, most: number) {
  let total = 0
  try {
    await pipeline(source, unpacker, async (chunks: AsyncIterable<Buffer>) => {
      for await (const chunk of chunks) if ((total += chunk.length) > most) throw new TooMuch()
    })
    return { result: OK, taken: unpacker.bytesWritten, total }
  } catch (error) {
    return { result: error instanceof TooMuch ? BOMB : REFUSED, taken: 0, total }
  }
}
