/** Lines of a file of any size, one at a time: each bounded, and UTF-8 or refused. */
import { createReadStream, statSync } from 'node:fs'
import type { Tell } from './row.ts'

/** `text` is `undefined` when the line is too long or no UTF-8. */
export interface Line {
  readonly number: number
  readonly text: string | undefined
}

const LONGEST_LINE = 65_536
const [LINE_FEED, BOM] = [0x0a, '\ufeff']

/** Reads the file; the last line may be without an end. `tell` hears how much of its bytes was read. */
export async function* readLines(path: string, tell: Tell = () => {}): AsyncGenerator<Line> {
  const size = Math.max(statSync(path).size, 1)
  let read = 0
  let [number, length] = [0, 0]
  let chunks: Buffer[] = []
  const take = (): Line => {
    number += 1
    const text = length <= LONGEST_LINE ? decode(Buffer.concat(chunks)) : undefined
    ;[chunks, length] = [[], 0]
    return { number, text: number === 1 && text?.startsWith(BOM) ? text.slice(1) : text }
  }
  const keep = (part: Buffer) => {
    length += part.length
    if (length <= LONGEST_LINE) chunks.push(part)
  }
  for await (const chunk of createReadStream(path) as AsyncIterable<Buffer>) {
    let from = 0
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, from)) {
      keep(chunk.subarray(from, at))
      tell((read + at) / size)
      yield take()
      from = at + 1
    }
    if (from < chunk.length) keep(chunk.subarray(from))
    read += chunk.length
  }
  tell(1)
  if (length > 0) yield take()
}

function decode(bytes: Buffer): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r$/, '')
  } catch {
    return undefined
  }
}
