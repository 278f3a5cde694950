/** The file that holds the application's key ring: read, and written whole or not at all, by one at a time. */
import {
  closeSync,
  existsSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { Refusal, type Call } from './command.ts'
import { keysOf, settingsOf } from './open.ts'

export interface KeyFile {
  /** `undefined` when the ring stands in the environment itself, where nobody else can write. */
  readonly path: string | undefined
  readonly text: string
}

/** Where the ring is kept. Refuses where there is none. */
export function readKeyFile(call: Pick<Call, 'io' | 'option'>): KeyFile {
  const text = keysOf(call)
  if (text === undefined)
    throw new Refusal(3, 'The key ring of the application is not known here. Set HOLDFAST_KEYS, or name its folder with --data.')
  const { environment } = call.io
  const named = environment['HOLDFAST_KEYS_FILE']?.trim()
  if (named) return { path: named, text }
  const own = join(settingsOf(call).data, 'keys')
  const isOwn = existsSync(own) && readFileSync(own, 'utf8').trim() === text // else from the environment, or the sealed file
  return { path: isOwn && !environment['HOLDFAST_KEYS']?.trim() ? own : undefined, text }
}

/** Writes the ring in the place of what was read. Refuses when somebody else is about it, or was since. */
export function writeKeyFile(path: string, before: string, after: string): void {
  const next = `${path}.next`
  let file: number
  try {
    file = openSync(next, 'wx', 0o600) // of two that rotate at once one makes it
  } catch (cause) {
    throw new Refusal(
      3,
      `${next} cannot be made: ${(cause as NodeJS.ErrnoException).code ?? 'unknown'}. If EEXIST: another rotation is under way, or one broke off; look at it, and delete it.`,
    )
  }
  try {
    if (readFileSync(path, 'utf8').trim() !== before)
      throw new Refusal(1, 'The keys were changed meanwhile. Nothing was written.')
    writeSync(file, `${after}\n`)
    const { uid, gid } = statSync(path)
    if (uid !== statSync(next).uid) fchownSync(file, uid, gid) // run by root, and read by the application's own user
    fsyncSync(file)
    closeSync(file)
    renameSync(next, path)
  } catch (error) {
    rmSync(next, { force: true })
    throw error
  }
}
