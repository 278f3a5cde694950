/** The last look at a file before it becomes visible: what is inside of an archive, the scanner's word, a fresh copy of a picture. */
import { open, rename, rm } from 'node:fs/promises'
import { measureArchive } from './archive.ts'
import { HEAD_LENGTH, kindOf } from './kinds.ts'
import type { HeldFile, Limit, UploadOptions } from './upload-options.ts'

export type Hooks = Pick<{ readonly [Name in 'scan' | 'reencode']: UploadOptions<string, string>[Name] }, 'scan' | 'reencode'>

/**
 * Why the file is not taken; `undefined` when it is. `target` is a path beside it for the fresh copy, which then stands in its place.
 * The scanner comes first: a decoder of pictures is what hostile pictures are made for.
 */
export async function accept(
  file: HeldFile,
  limit: Limit,
  target: string,
  { scan, reencode }: Hooks,
): Promise<'bomb' | 'archive' | 'scan' | 'type' | 'too-large' | undefined> {
  const { packed, matches } = kindOf(file.type)!
  if (packed !== undefined) {
    const measured = await measureArchive(file.path, packed, limit.maxUnpacked)
    if (!measured.ok) return measured.reason
  }
  if (scan) {
    // Only the word itself: an object that says `{ ok: false }` is truthy.
    const verdict: unknown = await scan(file)
    if (verdict !== true) return 'scan'
  }
  if (!reencode) return undefined
  try {
    await reencode(file, target)
    const copy = await look(target)
    if (!matches(copy.head)) return 'type'
    if (copy.size > limit.maxSize) return 'too-large'
    await rename(target, file.path)
    return undefined
  } finally {
    await rm(target, { force: true })
  }
}

async function look(path: string): Promise<{ readonly head: Buffer; readonly size: number }> {
  const handle = await open(path)
  try {
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_LENGTH), 0, HEAD_LENGTH, 0)
    return { head: buffer.subarray(0, bytesRead), size }
  } finally {
    await handle.close()
  }
}
