/**
 * The evidence of an incident in one signed file: what happened, what was done, under which configuration and with which software. It can be
 * verified without the application, by anybody who has the public keys. Sources: NIST SP 800-86 (collecting), ISO/IEC 27037 (integrity).
 */
import type { KeyRing } from '../../crypto/keyring.ts'
import type { AuditProofs } from '../audit/proofs.ts'
import type { IncidentDetails } from '../incidents/types.ts'
import type { Applied } from '../responses/record.ts'
import type { By } from '../responses/response.ts'
import type { BillOfMaterials } from './sbom.ts'
import { signEnvelope, type Envelope } from './sign.ts'
import type { EvidenceEvent, EvidenceSource } from './source.ts'

export const EVIDENCE_TYPE = 'application/vnd.holdfast.evidence+json'

export interface Configuration {
  /** SHA-256 of the options without their secrets, hexadecimal. */
  readonly hash: string
  /** Names of the controls that ran. */
  readonly controls: readonly string[]
  /** Milliseconds since 1970. */
  readonly startedAt: number
}

export interface Evidence {
  readonly format: 'holdfast-evidence/1'
  readonly madeAt: string
  readonly madeBy: string
  readonly site: string
  readonly incident: IncidentDetails
  readonly responses: readonly Applied[]
  readonly events: {
    readonly source: string
    /** Whether these are all that were found. */
    readonly complete: boolean
    readonly list: readonly EvidenceEvent[]
    /** What proves them, one after the other, where the source can. */
    readonly proofs?: AuditProofs
  }
  readonly configuration: Configuration | undefined
  readonly software: BillOfMaterials | undefined
}

interface Making {
  readonly incident: IncidentDetails
  readonly responses: readonly Applied[]
  readonly source: EvidenceSource
  readonly configuration: Configuration | undefined
  readonly software: BillOfMaterials | undefined
  readonly site: string
  readonly by: By
  readonly now: number
}

/** Events before the first signal say how it began. */
const BEFORE = 3_600_000
const MOST_EVENTS = 20_000
const MOST_SUBJECTS = 50

/** Collects it: events of everybody who was involved, from an hour before the first signal. */
export async function collectEvidence(making: Making): Promise<Evidence> {
  const { incident, responses, source, configuration, software, site, by, now } = making
  const found = await eventsOf(incident, source, now)
  const proved = await source.prove?.(found.list)
  return {
    format: 'holdfast-evidence/1',
    madeAt: new Date(now).toISOString(),
    madeBy: `${by.kind}:${by.id}`,
    site,
    incident,
    responses,
    events: {
      source: source.name,
      complete: found.complete,
      list: proved?.events ?? found.list,
      ...(proved && { proofs: proved.proofs }),
    },
    configuration,
    software,
  }
}

/** Each event once, however many of those involved it names. */
export async function eventsOf(incident: IncidentDetails, source: EvidenceSource, now: number) {
  const range = { from: incident.firstAt - BEFORE, to: (incident.closedAt ?? now) + 1 }
  const events = new Map<string, EvidenceEvent>()
  let complete = incident.involved.length <= MOST_SUBJECTS
  for (const { kind, value } of incident.involved.slice(0, MOST_SUBJECTS)) {
    const found = await source.find({ kind, value }, range, MOST_EVENTS)
    complete &&= found.complete
    for (const event of found.events) events.set(event.id ?? JSON.stringify(event), event)
  }
  const list = [...events.values()].toSorted((a, b) => a.time - b.time)
  return { list: list.slice(0, MOST_EVENTS), complete: complete && list.length <= MOST_EVENTS }
}

export function signEvidence(keys: Pick<KeyRing, 'current' | 'subkey'>, evidence: Evidence): Envelope {
  return signEnvelope(keys, EVIDENCE_TYPE, Buffer.from(JSON.stringify(evidence)))
}
