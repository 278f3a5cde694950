/**
 * Where certificates, the account's key and the answers to challenges are kept, so that several hosts share them and one of them asks.
 * A store of secrets keeps sealed texts and never sees what is in them; see sealed.ts.
 */
import cluster from 'node:cluster'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { unlink } from 'node:fs/promises'
import type { Database } from '../../store/database.ts'
import { sqlStore } from '../../store/sql-atomic.ts'
import { preparePrivateFolder, readPrivateFile, replaceFile } from '../private-files.ts'

export interface CertificateStorage {
  /** Whether other processes or hosts use it too: then challenges are announced before they are begun. */
  readonly shared: boolean
  /** Names are lower-case words with `-` and `.` between. */
  read(name: string): Promise<string | undefined>
  /** Replaces the whole text. */
  write(name: string, text: string): Promise<void>
  remove(name: string): Promise<void>
  /** Takes `name` for `owner` for so many milliseconds, if it is free, past its time, or already theirs. One of many wins. */
  reserve(name: string, owner: string, ttl: number, now: number): Promise<boolean>
  /** Frees it, if `owner` holds it. */
  release(name: string, owner: string): Promise<void>
}

const FOR_EVER = 100 * 365 * 86_400_000
/** Before the names in the database. */
export const STORED_PREFIX = 'tls:'

/** In the database of the application, for all hosts that use it. `createHoldfast` has made its tables. */
export function databaseStorage(
  database: Database,
  { now = Date.now }: { readonly now?: () => number } = {},
): CertificateStorage {
  const store = sqlStore(database)
  return {
    shared: true,
    read: async (name) => await store.get(STORED_PREFIX + name, now()),
    write: async (name, text) => await store.put(STORED_PREFIX + name, text, FOR_EVER, now()),
    remove: async (name) => await store.delete(STORED_PREFIX + name),
    reserve: async (name, owner, ttl, time) => await store.reserve(`${STORED_PREFIX}lock:${name}`, owner, ttl, time),
    release: async (name, owner) => void (await store.release(`${STORED_PREFIX}lock:${name}`, owner)),
  }
}

interface FileStorageOptions {
  /** Whether several processes use this folder. @default whether this is a worker of a cluster */
  readonly shared?: boolean
}

const NAME = /^[a-z0-9][a-z0-9.-]{0,63}$/

/** In a folder of its own (made with mode 0700), for one host. */
export async function fileStorage(
  folder: string,
  { shared = cluster.isWorker }: FileStorageOptions = {},
): Promise<CertificateStorage> {
  await preparePrivateFolder(folder)
  const path = (name: string): string => {
    if (!NAME.test(name)) throw new RangeError(`No name of a stored text: ${JSON.stringify(name.slice(0, 80))}`)
    return join(folder, `${name}.sealed`)
  }
  return {
    shared,
    read: (name) => readPrivateFile(path(name)),
    write: async (name, text) => void (await replaceFile(path(name), text, { onlyNew: false })),
    remove: (name) => unlinkIfThere(path(name)),
    ...fileLocks(folder),
  }
}

/**
 * A lock is the file with the highest number, `order.lock-7`, with owner and end in it. Whoever finds it past its end makes the next
 * number, which one of many can; a late one who makes a number that was cleared away sees the higher one and draws back.
 */
function fileLocks(folder: string): Pick<CertificateStorage, 'reserve' | 'release'> {
  const file = (name: string, number: number): string => join(folder, `${name}.lock-${number}`)

  async function numbers(name: string): Promise<number[]> {
    const start = `${name}.lock-`
    const found = (await readdir(folder)).filter((entry) => entry.startsWith(start) && /^\d+$/.test(entry.slice(start.length)))
    return found.map((entry) => Number(entry.slice(start.length))).toSorted((a, b) => b - a)
  }

  async function holder(name: string, number: number): Promise<{ owner: string; until: number }> {
    const [owner = '', until = '0'] = ((await readPrivateFile(file(name, number))) ?? '').split('\n')
    return { owner, until: Number(until) }
  }

  return {
    async reserve(name, owner, ttl, now) {
      const [last = 0] = await numbers(name)
      const held = last > 0 ? await holder(name, last) : { owner: '', until: 0 }
      const text = `${owner}\n${now + ttl}`
      if (held.until > now) {
        if (held.owner !== owner) return false
        return await replaceFile(file(name, last), text, { onlyNew: false })
      }
      if (!(await replaceFile(file(name, last + 1), text, { onlyNew: true }))) return false
      const [highest = 0, ...older] = await numbers(name)
      if (highest > last + 1) {
        await unlinkIfThere(file(name, last + 1))
        return false
      }
      for (const number of older) await unlinkIfThere(file(name, number))
      return true
    },
    async release(name, owner) {
      const [last = 0] = await numbers(name)
      if (last > 0 && (await holder(name, last)).owner === owner)
        await replaceFile(file(name, last), `${owner}\n0`, { onlyNew: false })
    },
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  await unlink(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error
  })
}
