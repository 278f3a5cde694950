/** Feeds the verifier with lines: of an export, or of the segments on disk. */
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readPlain, unitOf, type CheckpointLine, type EventLine, type TombstoneLine } from './lines.ts'
import type { Verifier } from './note.ts'
import { createVerifier, type SignedNote, type Verdict } from './verify.ts'

/** Bytes read at a time. */
const CHUNK = 262_144
const LINE_END = /\r?\n/

type Line = Partial<EventLine & CheckpointLine & TombstoneLine>

/** A file, or a folder of segments. Rejects where it cannot be read. */
export async function verifyFiles(path: string, verifiers: readonly Verifier[], seen?: readonly string[]): Promise<Verdict> {
  const verifier = createVerifier(verifiers, seen)
  const names = statSync(path).isDirectory() ? readdirSync(path).filter((name) => name.endsWith('.jsonl')) : undefined
  const chains = new Map<string, ReturnType<typeof verifier.chain>>()
  const unreadable: { readonly chain: string; readonly line: number; readonly what: string }[] = []

  function take(text: string, line: number): void {
    const plain = readPlain(text)
    const known = plain && chains.get(plain.chain)
    if (known) return known(plain.unit, line)
    const read = readLine(text)
    if (read?.chain === undefined) {
      if (text !== '') unreadable.push({ chain: '', line, what: 'This line is none of the log.' })
      return
    }
    const checkpoints: SignedNote[] =
      read.checkpoint !== undefined && read.size !== undefined ? [{ size: read.size, note: read.checkpoint }] : []
    const stone =
      read.tombstone !== undefined && read.size !== undefined
        ? { size: read.size, note: read.tombstone, hash: read.hash ?? '', range: read.range ?? '' }
        : undefined
    let next = chains.get(read.chain)
    if (next === undefined || checkpoints.length > 0 || stone)
      chains.set(read.chain, (next = verifier.chain(read.chain, checkpoints, stone)))
    if (checkpoints.length > 0 || stone) return
    const unit = unitOf(read)
    if (unit) next(unit, line)
    else unreadable.push({ chain: read.chain, line, what: 'This line is no event.' })
  }

  for (const file of names?.toSorted().map((name) => join(path, name)) ?? [path]) {
    let line = 0
    for await (const page of readLines(file)) for (const text of page) take(text, ++line)
  }
  const verdict = verifier.end()
  const breaks = [...verdict.breaks, ...unreadable]
  return { ...verdict, ok: breaks.length === 0, breaks }
}

/** Lines end where their writer ended them: what people typed may hold other breaks (U+2028), which `readline` takes for one. */
async function* readLines(file: string): AsyncGenerator<readonly string[]> {
  let rest = ''
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK })) {
    const lines = (rest + text).split(LINE_END)
    rest = lines.pop()!
    yield lines
  }
  if (rest !== '') yield [rest]
}

function readLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && typeof (value as Line).chain === 'string' ? (value as Line) : undefined
  } catch {
    return undefined
  }
}
