/**
 * A file in a folder by a name that somebody else wrote: the file that is inside, or nothing.
 * Stops traversal, links that lead out, dotfiles, devices, streams and short names of Windows, and folders whose name only begins like
 * the right one (attacks A66, A67, A101). Sources: OWASP Path Traversal, CWE-22, CWE-59; Node.js "fs.open" flags.
 */
import { constants, realpathSync, statSync, type Stats } from 'node:fs'
import { open, realpath, type FileHandle } from 'node:fs/promises'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { invalid } from '../engine/options.ts'

export interface Found {
  readonly handle: FileHandle
  readonly stats: Stats
}

const LONGEST = 1024
const DEVICE = /^(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:\.|$)/i
// oxlint-disable-next-line no-control-regex
const FORBIDDEN = /[\x00-\x1f\x7f\\:*?"<>|]/

/** The folder as it really is, every link followed. Throws HF_OPTION_INVALID when there is none. */
export function realFolder(option: string, path: string): string {
  try {
    const real = realpathSync(path)
    if (statSync(real).isDirectory()) return real
  } catch (error) {
    return invalid(option, path, 'Give the path of a folder that exists.', error)
  }
  return invalid(option, path, 'Give the path of a folder, not of a file.')
}

/** Whether `path` is `folder` or lies in it. By segments: `/up-evil` is not inside of `/up`. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(resolve(folder), resolve(path))
  return way === '' || (way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way))
}

/** The segments of a path as it came in a request, decoded once; `undefined` for everything that is not plainly a file below. */
export function readSegments(path: string): readonly string[] | undefined {
  if (path.length > LONGEST) return undefined
  let text: string
  try {
    text = decodeURIComponent(path)
  } catch {
    return undefined
  }
  const segments = text.split('/')
  return segments.every(isPlainName) ? segments : undefined
}

/** One name of a file: no separator, no dot in front, nothing that a system would read as something else. */
export function isPlainName(name: string): boolean {
  if (name === '' || name.length > 255 || name.startsWith('.') || FORBIDDEN.test(name)) return false
  // Windows drops dots and spaces at the end, keeps short names such as `SECRET~1`, and opens devices in every folder.
  return !/[. ]$/.test(name) && !/~\d/.test(name) && !name.includes('/') && !DEVICE.test(name)
}

/** Opens a regular file in `folder`, which must be real. Links inside are followed as long as they stay inside. */
export async function openInside(folder: string, segments: readonly string[]): Promise<Found | undefined> {
  let handle: FileHandle | undefined
  try {
    const real = await realpath(join(folder, ...segments))
    if (!isInside(folder, real) || real === folder) return undefined
    // Whoever exchanges the file for a link, or for a pipe that never ends, between the two lines gets nothing by it.
    handle = await open(real, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
    const stats = await handle.stat()
    if (stats.isFile()) return { handle, stats }
  } catch (error) {
    await handle?.close()
    if (GONE.has((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
  await handle.close()
  return undefined
}

const GONE: ReadonlySet<string> = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG', 'EACCES', 'EISDIR', 'ENXIO', 'EINVAL'])
