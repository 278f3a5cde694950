/** Verifies a file of evidence with public keys alone: who signed it, and that the audit log vouches for each event in it. */
import * as v from 'valibot'
import type { KeyRing } from '../../crypto/keyring.ts'
import { checkProofs, type CheckedProofs } from '../audit/check-proofs.ts'
import { readVerifier, type Verifier } from '../audit/note.ts'
import { createSigners } from '../audit/signers.ts'
import { EVIDENCE_TYPE, type Evidence } from './bundle.ts'
import { evidenceKeys, payloadOf, verifyEnvelope } from './sign.ts'

type Wrong = Extract<CheckedProofs, { readonly ok: false }>

const TEXTS = v.record(v.string(), v.string())
const PROOF = v.object({ id: v.string(), size: v.number(), path: v.array(v.string()), found: TEXTS, proof: TEXTS })
const PROOFS = v.object({
  keys: v.array(v.string()),
  checkpoints: v.array(v.object({ chain: v.string(), size: v.number(), note: v.string() })),
  events: v.array(v.union([PROOF, v.object({ id: v.string(), unproved: v.string() })])),
})
/** What of evidence is looked at here. The rest is for whoever reads it. */
const SHAPE = v.object({
  format: v.literal('holdfast-evidence/1'),
  events: v.object({ list: v.array(v.looseObject({ id: v.optional(v.string()) })), proofs: v.optional(PROOFS) }),
})

/** What a verifier is given beforehand, one a line: the keys that sign evidence, and those of the audit log. */
export function trustedKeys(keys: Pick<KeyRing, 'ids' | 'subkey'>, host: string): readonly string[] {
  return [...evidenceKeys(keys), ...createSigners(keys, host)].map(({ text }) => text)
}

export type VerifiedEvidence =
  | {
      readonly ok: true
      readonly keyId: string
      readonly evidence: Evidence
      /** What the proofs of its events show; absent where the source proves nothing. */
      readonly events: Extract<CheckedProofs, { readonly ok: true }> | undefined
    }
  | {
      readonly ok: false
      readonly reason: 'malformed' | 'unknown-key' | 'mismatch' | 'no-log-key' | 'event'
      /** The first event that does not hold, as far as that can be told. */
      readonly first?: Wrong
    }

/** Reads a file, if one of these public keys (see `trustedKeys`) signed it, and the log vouches for each of its events. */
export function verifyEvidence(text: string, trusted: readonly string[]): VerifiedEvidence {
  const log = trusted.flatMap((one) => readVerifier(one) ?? [])
  const verified = verifyEnvelope(text, EVIDENCE_TYPE, trusted)
  if (!verified.ok) {
    const first = verified.reason === 'mismatch' ? firstChanged(text, log) : undefined
    return { ...verified, ...(first && { first }) }
  }
  const evidence = readEvidence(verified.payload)
  if (evidence === undefined) return { ok: false, reason: 'malformed' }
  const { list, proofs } = evidence.events
  const events = proofs && checkProofs(list, proofs, log)
  if (events && proofs.checkpoints.length > 0 && log.length === 0) return { ok: false, reason: 'no-log-key' }
  if (events?.ok === false) return { ok: false, reason: 'event', first: events }
  return { ok: true, keyId: verified.keyId, evidence, events }
}

/** Nothing of the file is believed any more; which event was changed can be told all the same, by its proof. */
function firstChanged(text: string, log: readonly Verifier[]): Wrong | undefined {
  const payload = payloadOf(text)
  const evidence = payload && readEvidence(payload)
  const { list, proofs } = evidence?.events ?? {}
  if (list === undefined || proofs === undefined || log.length === 0) return undefined
  const checked = checkProofs(list, proofs, log)
  return checked.ok ? undefined : checked
}

/** Undefined for what has not the shape of evidence, as far as it is looked at here. */
function readEvidence(payload: Buffer): Evidence | undefined {
  try {
    const value: unknown = JSON.parse(payload.toString())
    return v.is(SHAPE, value) ? (value as unknown as Evidence) : undefined
  } catch {
    return undefined
  }
}
