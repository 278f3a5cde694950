/** The folder where an application that has nothing else keeps its database and its keys. */
import { chmodSync, existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { generateKey } from '../crypto/keyring.ts'
import { Secret } from '../crypto/secret.ts'
import { HoldfastError } from '../engine/errors.ts'

export interface FolderKeys {
  readonly keys: Secret<string>
  /** Whether they were made just now. */
  readonly made: boolean
}

export interface DataFolder {
  readonly path: string
  readonly database: string
  /** The key ring of the folder; made at first use, readable by its owner alone. */
  keys(): FolderKeys
}

/** Makes the folder (mode 0700) if it is not there. */
export function openDataFolder(path: string): DataFolder {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 })
    chmodSync(path, 0o700)
  } catch (cause) {
    throw new HoldfastError('HF_OPTION_INVALID', `The data folder ${path} cannot be made or is not ours.`, {
      fix: 'Name a folder that this user may write with HOLDFAST_DATA or the option `data`.',
      cause,
    })
  }
  return { path, database: join(path, 'holdfast.sqlite'), keys: () => readOrMakeKeys(join(path, 'keys')) }
}

function readOrMakeKeys(file: string): FolderKeys {
  const made = !existsSync(file) && makeKeys(file)
  return { keys: new Secret(readFileSync(file, 'utf8').trim()), made }
}

/** Of two processes that start at once one makes the keys, the other reads them: whole, because the file gets its name when it is written. */
function makeKeys(file: string): boolean {
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`
  try {
    writeFileSync(temporary, `${generateKey()}\n`, { mode: 0o600, flag: 'wx' })
    linkSync(temporary, file)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  } finally {
    rmSync(temporary, { force: true })
  }
}
