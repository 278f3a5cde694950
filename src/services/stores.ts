/** Opens the stores that the options name, and keeps them swept. */
import cluster from 'node:cluster'
import type { DataFolder } from '../settings/data-folder.ts'
import { Secret } from '../crypto/secret.ts'
import { HoldfastError } from '../engine/errors.ts'
import type { Emit } from '../engine/events.ts'
import { wholeNumber } from '../engine/options.ts'
import type { HoldfastOptions } from '../options.ts'
import { randomToken } from '../crypto/random.ts'
import { createAnnouncements, type Announcements, type Channel } from '../store/announcements.ts'
import type { AtomicStore } from '../store/atomic.ts'
import type { Database, MaybePromise } from '../store/database.ts'
import { openDatabase } from '../store/database-url.ts'
import { withFallback } from '../store/fallback.ts'
import { memoryStore } from '../store/memory.ts'
import { redisStore } from '../store/redis.ts'
import { sqlStore } from '../store/sql-atomic.ts'

export interface Stores {
  /** Whether other processes serve the same application. */
  readonly several: boolean
  readonly database: Database
  /** May be lost; falls back to memory when its store is gone, loudly. */
  readonly limits: AtomicStore
  /** Must not be lost: one-time things, and failures to sign in. */
  readonly once: AtomicStore
  /** How the processes tell each other what they wrote; absent with one, or where no store has a way. */
  readonly announcements: Announcements | undefined
  /** Closes what was opened here; what the application handed in stays open. */
  close(): Promise<void>
}

type Options = Pick<HoldfastOptions, 'database' | 'redis' | 'processes'>

export async function openStores(options: Options, folder: DataFolder, emit: Emit, now: () => number): Promise<Stores> {
  const told = wholeNumber('processes', options.processes ?? 1, 1, 10_000) > 1
  // Redis is given to share limits: then there are others to share them with.
  const several = told || cluster.isWorker || options.redis !== undefined
  const given = options.database
  const database =
    typeof given === 'object' && !(given instanceof Secret) ? given : await openDatabase(reveal(given) ?? folder.database)
  const once = sqlStore(database)
  const primary = await openLimits(options, once, several)
  const limits = primary.name === 'memory' ? primary : guarded(primary, emit, now)
  // The database first: there the writes are, and the command reaches it.
  const channel = several ? (database.channel ?? primary.channel) : undefined
  const announcements = channel && announce(channel, emit)
  return {
    several,
    database,
    limits,
    once,
    announcements,
    async close() {
      await announcements?.close()
      if (primary !== once) await primary.close()
      if (database !== given) await database.close()
    },
  }
}

async function openLimits({ redis, database }: Options, once: AtomicStore, several: boolean): Promise<AtomicStore> {
  if (redis !== undefined) {
    const store = redisStore(redis instanceof Secret ? redis.reveal() : redis)
    // Connected before the first request. When it is down the application starts all the same, as it goes on when it is lost later.
    await store.ping().catch(() => undefined)
    return store
  }
  if (!several) return memoryStore()
  if (database === ':memory:') {
    throw new HoldfastError('HF_STORE_UNSAFE', 'Several processes cannot share limits and sessions in memory.', {
      fix: 'Give `redis`, or a database that all of them open.',
    })
  }
  return once
}

function announce(channel: Channel, emit: Emit): Announcements {
  return createAnnouncements(channel, {
    random: randomToken,
    onLost: () => emit({ type: 'sys_channel_lost' }),
    onBack: () => emit({ type: 'sys_channel_back' }),
  })
}

function guarded(primary: AtomicStore, emit: Emit, now: () => number): AtomicStore {
  return withFallback(primary, memoryStore(), {
    onLost: (error) =>
      emit({
        type: 'sys_store_lost',
        data: { store: primary.name, error: error instanceof Error ? error.message : String(error) },
      }),
    onBack: () => emit({ type: 'sys_store_back', data: { store: primary.name } }),
    now,
  })
}

function reveal(value: string | Secret<string> | undefined): string | undefined {
  return value instanceof Secret ? value.reveal() : value
}

const SWEEP_EVERY = 60_000

interface Sweepable {
  sweep(now: number): MaybePromise<unknown>
}

/** Drops what has expired, once a minute, without keeping the process alive; returns how to stop. */
export function sweepRegularly(stores: readonly Sweepable[], now: () => number, onFault: (error: unknown) => void): () => void {
  const timer = setInterval(() => {
    for (const store of stores)
      void Promise.resolve()
        .then(() => store.sweep(now()))
        .catch(onFault)
  }, SWEEP_EVERY)
  timer.unref()
  return () => clearInterval(timer)
}
