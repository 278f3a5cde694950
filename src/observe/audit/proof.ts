/**
 * Proves to somebody else that one event stands in the log, by a few hashes and a signed checkpoint, and without the rest of the log.
 * What the event says of people need not be shown. Source: https://c2sp.org/tlog-proof.
 */
import type { Database } from '../../store/database.ts'
import { commit, leafText } from './record.ts'
import { createHashes, fromBase64, inclusionProof, rootByProof, toBase64, type Range } from './merkle.ts'
import { openNote, readCheckpoint, type Verifier } from './note.ts'
import { readRange } from './rows.ts'
import type { AuditDatabase } from './schema.ts'
import { digestsOf, isBlank, readPages, shownOf, type Unit } from './units.ts'

/** What stands in the `extra` line: the leaf, and of its two parts those that are shown. */
interface Extra {
  readonly leaf: string
  readonly who?: readonly [salt: string, text: string]
  readonly what?: readonly [salt: string, text: string]
}

const HEAD = 'c2sp.org/tlog-proof@v1'

export type Proof =
  | { readonly ok: true; readonly text: string }
  | { readonly ok: false; readonly reason: 'unknown-event' | 'not-signed' }

/** `shows`: whether who and what are in it, in clear. */
export async function prove(database: Database, event: string, { shows }: { readonly shows: boolean }): Promise<Proof> {
  const place = /^(.+)#(\d{1,15})$/.exec(event)
  const { kysely } = database as AuditDatabase
  const chain =
    place && (await kysely.selectFrom('hf_audit_chains').select('id').where('name', '=', place[1]!).executeTakeFirst())
  if (!place || !chain) return { ok: false, reason: 'unknown-event' }
  const index = Number(place[2])
  const signed = await kysely
    .selectFrom('hf_audit_checkpoints')
    .select(['size', 'note'])
    .where('chain', '=', chain.id)
    .where('size', '>', index)
    .orderBy('size')
    .executeTakeFirst()
  const stone = await kysely
    .selectFrom('hf_audit_tombstones')
    .select(['size', 'range'])
    .where('chain', '=', chain.id)
    .executeTakeFirst()
  const first = stone?.size ?? 0
  if (index < first) return { ok: false, reason: 'unknown-event' }
  if (!signed) {
    const row = await kysely
      .selectFrom('hf_audit')
      .select('n')
      .where('chain', '=', chain.id)
      .where('seq', '=', index)
      .executeTakeFirst()
    return { ok: false, reason: row ? 'not-signed' : 'unknown-event' }
  }
  return await proofOf(database, { chain: chain.id, index, first, range: stone ? readRange(stone.range) : [], signed, shows })
}

interface Asked {
  readonly chain: number
  readonly index: number
  readonly first: number
  readonly range: Range
  readonly signed: { readonly size: number; readonly note: string }
  readonly shows: boolean
}

async function proofOf(database: Database, { chain, index, first, range, signed, shows }: Asked): Promise<Proof> {
  const hashes = createHashes()
  const leaves: string[] = []
  let shown: Unit | undefined
  for await (const page of readPages(database as AuditDatabase, chain, first, signed.size)) {
    for (const unit of page) {
      if (unit.seq === index) shown = unit
      const { who, what } = digestsOf(unit)
      leaves.push(hashes.leaf(leafText(unit.seq, unit.open, who, what)))
    }
  }
  if (shown === undefined || leaves.length !== signed.size - first) return { ok: false, reason: 'unknown-event' }
  const path = inclusionProof(hashes, { first, range, at: (place) => leaves[place - first]! }, index, signed.size)
  const { who, what } = digestsOf(shown)
  const extra: Extra = {
    leaf: leafText(index, shown.open, who, what),
    ...(shows && !isBlank('who', shown.who) && { who: shownOf('who', shown.who) }),
    ...(shows && !isBlank('what', shown.what) && { what: shownOf('what', shown.what) }),
  }
  const lines = [HEAD, `extra ${Buffer.from(JSON.stringify(extra)).toString('base64')}`, `index ${index}`, ...path.map(toBase64)]
  return { ok: true, text: `${lines.join('\n')}\n\n${signed.note}` }
}

export type Checked =
  | {
      readonly ok: true
      readonly origin: string
      readonly index: number
      readonly leaf: string
      readonly shown: readonly string[]
    }
  | { readonly ok: false; readonly reason: 'malformed' | 'not-signed' | 'not-included' | 'not-what-was-written' }

/** Checks a proof by the public key alone. */
export function checkProof(text: string, verifiers: readonly Verifier[]): Checked {
  const end = text.indexOf('\n\n')
  const [head, extraLine = '', indexLine = '', ...path] = text.slice(0, end).split('\n')
  const index = /^index (0|[1-9]\d{0,15})$/.exec(indexLine)?.[1]
  const extra = readExtra(extraLine)
  if (end < 0 || head !== HEAD || index === undefined || extra === undefined || path.length > 64)
    return { ok: false, reason: 'malformed' }
  const note = openNote(text.slice(end + 2), verifiers)
  const checkpoint = note === undefined ? undefined : readCheckpoint(note)
  if (checkpoint === undefined) return { ok: false, reason: 'not-signed' }
  const hashes = createHashes()
  const root = rootByProof(hashes, hashes.leaf(extra.leaf), Number(index), checkpoint.size, path.map(fromBase64))
  if (root === undefined || toBase64(root) !== checkpoint.root) return { ok: false, reason: 'not-included' }
  const digests = extra.leaf.split('\n').slice(-3, -1)
  const shown: string[] = []
  for (const [place, part] of (['who', 'what'] as const).entries()) {
    const given = extra[part]
    if (given === undefined) continue
    if (commit(part, given[0], given[1]) !== digests[place]) return { ok: false, reason: 'not-what-was-written' }
    shown.push(given[1])
  }
  return { ok: true, origin: checkpoint.origin, index: Number(index), leaf: extra.leaf, shown }
}

function readExtra(line: string): Extra | undefined {
  try {
    const value = JSON.parse(Buffer.from(line.replace(/^extra /, ''), 'base64').toString()) as Extra
    return typeof value.leaf === 'string' ? value : undefined
  } catch {
    return undefined
  }
}
