/**
 * Files that only their owner may read, in a folder that only its owner may change, replaced as a whole or not at all (CWE-732, CWE-59, CWE-367).
 * Windows has no such modes: there the folder's own access list counts.
 */
import { randomBytes } from 'node:crypto'
import { constants, link, lstat, mkdir, open, rename, unlink } from 'node:fs/promises'

const LARGEST_FILE = 64 * 1024
const hasModes = process.platform !== 'win32'

/** Makes the folder with mode 0700. Refuses one that is a link, another user's, or that others may write in: they could put their own key there. */
export async function preparePrivateFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const state = await lstat(folder)
  if (!state.isDirectory()) throw new Error(`${folder} is a link and not a folder. Give the folder itself.`)
  if (!hasModes) return
  if (state.uid !== process.getuid?.()) throw new Error(`${folder} belongs to another user. Give a folder of your own for keys.`)
  if ((state.mode & 0o022) !== 0)
    throw new Error(`Others may write in ${folder}, and so exchange the keys in it. Run: chmod 700 ${JSON.stringify(folder)}`)
}

/** The text of a file, or `undefined` when there is none. A file that others can read, a link or one over 64 KiB reads as empty: not to be trusted. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    await using file = await open(path, constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0))
    const state = await file.stat()
    if (!state.isFile() || state.size > LARGEST_FILE || (hasModes && (state.mode & 0o077) !== 0)) return ''
    return await file.readFile('utf8')
  } catch (error) {
    const code = codeOf(error)
    if (code === 'ENOENT') return undefined
    if (code === 'ELOOP') return ''
    throw error
  }
}

/**
 * Writes the file with mode 0600 under another name, waits until it is on the disk, and gives it its name in one step.
 * With `onlyNew` a file that is there meanwhile stays, and the answer is `false`: exactly one of many writers wins.
 */
export async function replaceFile(path: string, text: string, { onlyNew }: { readonly onlyNew: boolean }): Promise<boolean> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    {
      await using file = await open(temporary, 'wx', 0o600)
      await file.writeFile(text)
      await file.sync()
    }
    if (onlyNew) return await linkOrRename(temporary, path)
    await rename(temporary, path)
    return true
  } finally {
    await unlink(temporary).catch(() => {}) // gone after a rename
  }
}

/** A link fails when the name is taken, which a rename does not. File systems without links get the rename: there the last writer wins. */
async function linkOrRename(temporary: string, path: string): Promise<boolean> {
  try {
    await link(temporary, path)
  } catch (error) {
    const code = codeOf(error)
    if (code === 'EEXIST') return false
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error
    await rename(temporary, path)
  }
  return true
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
