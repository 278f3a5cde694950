/** The last look at a file before it becomes visible: what is inside of an archive, the scanner's word, a fresh copy of a picture. */
import { open, rename, rm } from 'node:fs/promises'
import { measureArchive } from './archive.ts'
import { HEAD_LENGTH, kindOf } from './kinds.ts'
import type { HeldFile, Limit, UploadOptions } from './upload-options.ts'

export interface Hooks {
  readonly scan: UploadOptions<string, string>['scan']
  readonly reencode: UploadOptions<string, string>['reencode']
  /** Milliseconds that each may take. */
  readonly timeout: number
}

/**
 * Why the file is not taken; `undefined` when it is. `target` is a path beside it for the fresh copy, which then stands in its place.
 * The scanner comes first: a decoder of pictures is what hostile pictures are made for.
 */
export async function accept(
  file: HeldFile,
  limit: Limit,
  target: string,
  { scan, reencode, timeout }: Hooks,
): Promise<'bomb' | 'archive' | 'scan' | 'type' | 'too-large' | undefined> {
  const { packed, matches } = kindOf(file.type)!
  if (packed !== undefined) {
    const measured = await measureArchive(file.path, packed, limit.maxUnpacked)
    if (!measured.ok) return measured.reason
  }
  if (scan) {
    // Only the word itself: an object that says `{ ok: false }` is truthy.
    const verdict: unknown = await inTime('scan', timeout, (signal) => scan(file, signal))
    if (verdict !== true) return 'scan'
  }
  if (!reencode) return undefined
  const clear = () => rm(target, { force: true })
  try {
    await inTime('reencode', timeout, (signal) => reencode(file, target, signal), clear)
    const copy = await look(target)
    if (!matches(copy.head)) return 'type'
    if (copy.size > limit.maxSize) return 'too-large'
    await rename(target, file.path)
    return undefined
  } finally {
    await clear()
  }
}

/** A scanner that hangs would keep the file, the request and its connection for as long as it does. `late`: after it came to an end all the same. */
async function inTime<T>(
  hook: 'scan' | 'reencode',
  timeout: number,
  work: (signal: AbortSignal) => Promise<T>,
  late: () => Promise<void> = async () => {},
): Promise<T> {
  const { promise, reject } = Promise.withResolvers<never>()
  const stop = new AbortController()
  const timer = setTimeout(() => {
    stop.abort(new Error(`upload.${hook} did not come to an end in ${timeout} ms.`))
    reject(stop.signal.reason as Error)
  }, timeout)
  const working = work(stop.signal)
  try {
    return await Promise.race([working, promise])
  } finally {
    clearTimeout(timer)
    if (stop.signal.aborted) void working.then(late, late)
  }
}

async function look(path: string): Promise<{ readonly head: Buffer; readonly size: number }> {
  const handle = await open(path).catch((cause: unknown) => {
    throw new Error('upload.reencode left no file at its target.', { cause })
  })
  try {
    // As others of ours: whatever umask the program had that wrote it.
    await handle.chmod(0o600)
    const { size } = await handle.stat()
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(HEAD_LENGTH), 0, HEAD_LENGTH, 0)
    return { head: buffer.subarray(0, bytesRead), size }
  } finally {
    await handle.close()
  }
}
