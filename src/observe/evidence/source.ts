/** Where evidence is looked up: the audit log, or the log file where there is no other. */
import { createReadStream, existsSync, statSync } from 'node:fs'
import { createInterface } from 'node:readline'
import type { AuditProofs } from '../audit/proofs.ts'
import type { Subject } from '../detected.ts'

/** One event, as it was written down. */
export interface EvidenceEvent {
  /** Its place in the audit log, by which a proof is asked for. Absent where it comes from a log file. */
  readonly id?: string
  readonly time: number
  readonly type: string
  readonly level: string
  readonly control: string
  readonly requestId?: string
  readonly client?: string
  readonly principal?: string
  readonly impersonator?: string
  /** In a log file. The audit log finds events by these, and does not say them. */
  readonly session?: string
  readonly apiKey?: string
  readonly method?: string
  readonly path?: string
  readonly data?: Readonly<Record<string, unknown>>
  /** Parts that were blanked in the log. */
  readonly redacted?: readonly string[]
}

export interface Found {
  /** The oldest first. */
  readonly events: readonly EvidenceEvent[]
  /** Whether these are all: otherwise only the latest. */
  readonly complete: boolean
}

/** Milliseconds since 1970: `from` inclusive, `to` exclusive. */
export interface Range {
  readonly from: number
  readonly to: number
}

export interface EvidenceSource {
  /** For whoever reads the evidence: where it comes from. */
  readonly name: string
  find(subject: Subject, range: Range, limit: number): Promise<Found>
  /** Proves these events, where the source can: as they stand there now, each with the way to a signed checkpoint. */
  readonly prove?: (
    events: readonly EvidenceEvent[],
  ) => Promise<{ readonly events: readonly EvidenceEvent[]; readonly proofs: AuditProofs }>
}

/** What an audit log is asked; the one of the kit fits. */
export interface Searchable {
  /** Resolves when all that happened before can be found. */
  flush(): Promise<void>
  search(
    filter: { readonly user?: string; readonly client?: string; readonly session?: string; readonly apiKey?: string } & {
      readonly from?: number
      readonly to?: number
    },
    page?: { readonly limit?: number; readonly before?: string },
  ): Promise<{ readonly events: readonly EvidenceEvent[]; readonly next?: string }>
  prove(ids: readonly string[]): Promise<{ readonly events: readonly EvidenceEvent[]; readonly proofs: AuditProofs }>
}

const PAGE = 500
const FILTERS: Partial<Readonly<Record<Subject['kind'], 'user' | 'client' | 'session' | 'apiKey'>>> = {
  user: 'user',
  client: 'client',
  session: 'session',
  'api-key': 'apiKey',
}

/** The account for which an app asks; `undefined`: nobody knows any more. */
export type OwnerOfApp = (id: string) => Promise<string | undefined>

/** Evidence of an audit log. */
export function auditEvidence(log: Searchable, ownerOfApp: OwnerOfApp): EvidenceSource {
  return {
    name: 'audit log',
    async prove(events) {
      const { events: proved, proofs } = await log.prove(events.flatMap(({ id }) => id ?? []))
      const known = new Map(proved.map((event) => [event.id, event]))
      return { events: events.map((event) => known.get(event.id) ?? event), proofs }
    },
    async find(subject, { from, to }, limit) {
      // Events of an app stand under the account for which it asks.
      const ownerId = subject.kind === 'app' ? await ownerOfApp(subject.value) : undefined
      const { kind, value } = ownerId === undefined ? subject : ({ kind: 'user', value: ownerId } as const)
      const filter = FILTERS[kind]
      if (filter === undefined) return { events: [], complete: kind !== 'app' }
      await log.flush()
      const events: EvidenceEvent[] = []
      let before: string | undefined
      do {
        const page = await log.search({ [filter]: value, from, to }, { limit: PAGE, ...(before !== undefined && { before }) })
        events.push(...(ownerId === undefined ? page.events : page.events.filter((event) => isAbout(event, subject))))
        before = page.next
      } while (before !== undefined && events.length < limit)
      return { events: events.slice(0, limit).toReversed(), complete: before === undefined && events.length <= limit }
    },
  }
}

/** The audit log where there is one, or else the file that the log is written into. */
export function evidenceFrom(audit: Searchable | undefined, logFile: string | undefined, ownerOfApp: OwnerOfApp): EvidenceSource {
  if (audit !== undefined) return auditEvidence(audit, ownerOfApp)
  return logFile === undefined ? NO_EVIDENCE : logFileEvidence(logFile)
}

/** A log longer than this is read from its end. */
const MOST_READ = 256 * 1024 * 1024

/** Evidence of a log file of JSON lines. Nothing proves it: whoever could write the file could change it. */
export function logFileEvidence(path: string): EvidenceSource {
  return {
    name: `log file ${path}`,
    async find(subject, { from, to }, limit) {
      if (!existsSync(path)) return { events: [], complete: true }
      const { size } = statSync(path)
      const kept: EvidenceEvent[] = []
      let all = 0
      const start = Math.max(0, size - MOST_READ)
      const lines = createInterface({ input: createReadStream(path, { start }), crlfDelay: Infinity })
      for await (const line of lines) {
        const event = readLine(line)
        if (event === undefined || event.time < from || event.time >= to || !isAbout(event, subject)) continue
        all++
        kept.push(event)
        if (kept.length > limit) kept.shift()
      }
      return { events: kept, complete: all <= limit && start === 0 }
    },
  }
}

/** No source: nothing is known. */
export const NO_EVIDENCE: EvidenceSource = {
  name: 'nothing is kept',
  find: async () => ({ events: [], complete: false }),
}

function readLine(line: string): EvidenceEvent | undefined {
  try {
    const record = JSON.parse(line) as Record<string, unknown>
    const time = Date.parse(String(record['time']))
    if (Number.isNaN(time) || typeof record['type'] !== 'string') return undefined
    return { ...(record as unknown as EvidenceEvent), time }
  } catch {
    return undefined
  }
}

/** Whether the event is about this subject: by who asked, or by what it says. */
function isAbout(
  { client, principal, impersonator, session, apiKey, data = {} }: EvidenceEvent,
  { kind, value }: Subject,
): boolean {
  if (kind === 'session' && session === value) return true
  if (kind === 'api-key' && apiKey === value) return true
  if (kind === 'client') return client === value
  if (kind === 'user') return [principal, impersonator, data['userId']].includes(value) || data['actor'] === `user:${value}`
  const [one, many] = [NAMES[kind], NAMES_OF_MANY[kind]]
  if (one !== undefined && data[one] === value) return true
  const list = many === undefined ? undefined : data[many]
  return Array.isArray(list) && list.includes(value)
}

const NAMES: Partial<Readonly<Record<Subject['kind'], string>>> = {
  session: 'session',
  'api-key': 'key',
  app: 'app',
  tenant: 'tenant',
  login: 'login',
}
const NAMES_OF_MANY: Partial<Readonly<Record<Subject['kind'], string>>> = { session: 'sessions', 'api-key': 'keys' }
