/** The log once more, as files of lines on another disk: one segment after the other, only ever appended to. */
import { closeSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { eventLine, type CheckpointLine } from './lines.ts'
import type { AuditRow } from './rows.ts'
import type { AuditCheckpoint } from './types.ts'

export interface Segments {
  write(rows: readonly AuditRow[], nameOf: (chain: number) => string): void
  sign(checkpoint: AuditCheckpoint): void
  close(): void
}

/** Events of one file. */
const LENGTH = 100_000

/** Makes the folder. What cannot be written is thrown: it is in the database all the same. */
export function createSegments(folder: string, length = LENGTH): Segments {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const open = new Map<string, { readonly file: number; readonly from: number }>()

  function fileFor(chain: string, seq: number): number {
    const known = open.get(chain)
    if (known && seq - known.from < length) return known.file
    if (known) closeSync(known.file)
    const name = `${chain.replace('/', '-')}-${String(seq).padStart(12, '0')}.jsonl`
    const file = openSync(join(folder, name), 'a', 0o600)
    open.set(chain, { file, from: seq })
    return file
  }

  return {
    write(rows, nameOf) {
      for (const [chain, own] of Map.groupBy(rows, (row) => nameOf(row.chain))) {
        for (const row of own) writeSync(fileFor(chain, row.seq), `${eventLine(row, chain)}\n`)
      }
    },
    sign({ chain, size, note }) {
      const line: CheckpointLine = { chain, size, checkpoint: note }
      writeSync(fileFor(chain, Math.max(0, size - 1)), `${JSON.stringify(line)}\n`)
    },
    close() {
      for (const { file } of open.values()) closeSync(file)
      open.clear()
    },
  }
}
