/** Puts the audit log together: a listener of the bus that writes, the recorder of acts, and what the log can be asked. */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { Bus } from '../../engine/bus.ts'
import type { Database } from '../../store/database.ts'
import { createChains } from './chains.ts'
import { createCheckpoints } from './checkpoints.ts'
import { createIntake } from './intake.ts'
import { createHashes } from './merkle.ts'
import { placeOf, proveEvents } from './proofs.ts'
import { createInsert } from './rows.ts'
import { makePartitions } from './schema.ts'
import { createSearch, readCursor } from './search.ts'
import { createSegments } from './segments.ts'
import { createSigners } from './signers.ts'
import type { AuditLog } from './types.ts'
import { createWriter } from './writer.ts'

export interface AuditSetting {
  readonly database: Database
  readonly bus: Bus
  /** Signs checkpoints. Without it nothing is signed: a command that does not know the keys leaves that to the application. */
  readonly keys: Pick<KeyRing, 'ids' | 'subkey'> | undefined
  /** Host name of the site: part of the name of the log. */
  readonly host: string
  readonly now: () => number
  readonly random: (bytes: number) => string
  readonly onFault: (error: unknown) => void
  /** Events that wait at most. */
  readonly queue: number
  readonly every: number
  readonly within: number
  /** Where the log is written once more, as lines. */
  readonly folder?: string | undefined
}

export interface RunningAudit {
  readonly log: AuditLog
  /** Looks after what earlier processes left, and begins to write. */
  start(): Promise<void>
  stop(): Promise<void>
}

const MOST_TAILED = 500

/** Listens from now on; writes from `start` on. */
export function createAudit(setting: AuditSetting): RunningAudit {
  const { database, bus, keys, host, now, random } = setting
  const hashes = createHashes()
  const emit = bus.emitter('audit')
  const signers = keys === undefined ? [] : createSigners(keys, host)
  const segments = setting.folder === undefined ? undefined : createSegments(setting.folder)
  const intake = createIntake(random)
  const chains = createChains({ database, hashes, random, now })
  const onSigned = segments && ((checkpoint: Parameters<typeof segments.sign>[0]) => segments.sign(checkpoint))
  const checkpoints = createCheckpoints({ database, hashes, host, signers, emit, now, ...(onSigned && { onSigned }) })
  const insert = createInsert(database)
  const writer = createWriter({ ...setting, chains, checkpoints, intake, insert, segments, emit })
  const { search, count, since, latest } = createSearch(database)
  bus.recordWith((tx, event) => intake.record(tx, event))
  const stopListening = bus.on(writer.offer)

  return {
    async start() {
      await makePartitions(database, now())
      const heads = await checkpoints.seal()
      emit({ type: 'sys_audit_began', data: { writer: chains.writer, heads } })
      writer.start()
    },
    async stop() {
      await writer.stop()
      stopListening()
    },
    log: {
      search,
      count,
      async tail(filter = {}, { after, limit = MOST_TAILED } = {}) {
        if (after === undefined) {
          const { events } = await search(filter, { limit })
          return { events: events.toReversed(), cursor: String(await latest()) }
        }
        const { events, last } = await since(filter, readCursor(after), Math.min(limit, MOST_TAILED))
        return { events, cursor: String(last) }
      },
      status() {
        const { oldest, error, ...state } = writer.state()
        return {
          ...state,
          ...(oldest !== undefined && { behindSince: oldest }),
          ...(error !== undefined && { error }),
          checkpoints: checkpoints.latest(),
          publicKeys: signers.map(({ text }) => text),
        }
      },
      async prove(ids) {
        await checkpoints.cover(ids.flatMap((id) => placeOf(id) ?? []))
        return await proveEvents(database, ids, signers)
      },
      flush: writer.flush,
    },
  }
}
