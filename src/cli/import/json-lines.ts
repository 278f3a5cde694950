/** One JSON object a line. */
import { readLines } from './lines.ts'
import type { Entry, Found, Tell } from './row.ts'

/** Reads the file; a line that is no object is reported and the next one is read. */
export async function* readJsonLines(path: string, tell?: Tell): AsyncGenerator<Found> {
  for await (const { number, text } of readLines(path, tell)) {
    const at = `line ${number}`
    if (text?.trim() === '') continue
    const entry = text === undefined ? undefined : parse(text)
    yield entry ? { at, entry } : { at, problem: 'That is no JSON object on one line of at most 64 KiB.' }
  }
}

function parse(text: string): Entry | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Entry) : undefined
  } catch {
    return undefined
  }
}
