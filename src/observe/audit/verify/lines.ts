/** Feeds the verifier with lines: of an export, or of the segments on disk. */
import { createReadStream, readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { readPlain, unitOf, type CheckpointLine, type EventLine, type TombstoneLine } from '../lines.ts'
import type { Verifier } from '../note.ts'
import { linesOf, type Found, type Page, type Run } from './runs.ts'
import { createThreads } from './threads.ts'
import { createVerifier, type LogVerifier, type SignedNote, type Verdict, type VerifyOptions } from './verifier.ts'

/** Bytes read at a time. */
const CHUNK = 524_288

type Line = Partial<EventLine & CheckpointLine & TombstoneLine>

/** A file, or a folder of segments. Rejects where it cannot be read. */
export async function verifyFiles(
  path: string,
  verifiers: readonly Verifier[],
  { seen, progress, threads = createThreads() }: VerifyOptions = {},
): Promise<Verdict> {
  const names = statSync(path).isDirectory() ? readdirSync(path).filter((name) => name.endsWith('.jsonl')) : undefined
  const reader = createLineReader(createVerifier(verifiers, seen))
  let read = 0
  try {
    for (const file of names?.toSorted().map((name) => join(path, name)) ?? [path]) {
      let line = 1
      for await (const [{ text }, found] of threads.each(readChunks(file))) {
        reader.take(text, found, line)
        line += found.count
        progress?.((read += found.count))
      }
    }
  } finally {
    await threads.close()
  }
  return reader.end()
}

function createLineReader(verifier: LogVerifier) {
  const chains = new Map<string, ReturnType<LogVerifier['chain']>>()
  const unreadable: { readonly chain: string; readonly line: number; readonly what: string }[] = []

  function takeOne(text: string, line: number): void {
    const plain = readPlain(text)
    const known = plain && chains.get(plain.chain)
    if (known) return known.one(plain.unit, line)
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
    if (unit) next.one(unit, line)
    else unreadable.push({ chain: read.chain, line, what: 'This line is no event.' })
  }

  return {
    /** Takes a page whose first line is the `first` of its file. */
    take(text: string, { runs, count }: Found, first: number): void {
      let lines: readonly string[] | undefined
      const lineAt = (place: number) => (lines ??= linesOf(text))[place]!
      const takeRun = (run: Run) =>
        chains.get(run.chain)?.run(run, (place) => readPlain(lineAt(run.at + place))!.unit, first + run.at) === true
      let place = 0
      for (const run of runs) {
        for (; place < run.at; place++) takeOne(lineAt(place), first + place)
        if (takeRun(run)) place += run.count
      }
      for (; place < count; place++) takeOne(lineAt(place), first + place)
    },
    end(): Verdict {
      const verdict = verifier.end()
      // Whoever cuts everything off leaves an empty file.
      const empty =
        verdict.chains.length === 0 && unreadable.length === 0 ? [{ chain: '', what: 'Nothing of a log stands there.' }] : []
      const breaks = [...verdict.breaks, ...unreadable, ...empty]
      return { ...verdict, ok: breaks.length === 0, breaks }
    },
  }
}

/** Whole lines of a file, many at a time. */
async function* readChunks(file: string): AsyncGenerator<Page> {
  let rest = ''
  for await (const text of createReadStream(file, { encoding: 'utf8', highWaterMark: CHUNK })) {
    const whole = rest + (text as string)
    const end = whole.lastIndexOf('\n')
    rest = whole.slice(end + 1)
    if (end >= 0) yield { kind: 'lines', text: whole.slice(0, whole[end - 1] === '\r' ? end - 1 : end) }
  }
  if (rest !== '') yield { kind: 'lines', text: rest }
}

function readLine(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && typeof (value as Line).chain === 'string' ? (value as Line) : undefined
  } catch {
    return undefined
  }
}
