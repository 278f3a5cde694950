/** CSV with a first line of names, and `,`, `;` or a tab between. Source: RFC 4180. */
import { readLines, type Line } from './lines.ts'
import type { Found, Tell } from './row.ts'

const MOST_LINES = 20 // of one record: a quote that is never closed must not swallow the file
const LONGEST_RECORD = 65_536

/** Fields of one record; `open`: a quote is not closed yet; `undefined`: it is none. */
interface Parsed {
  readonly fields: readonly string[]
  readonly open: boolean
}

/** Reads the file; a record that is none is reported, and the next line is read as a new one. */
export async function* readCsv(path: string, tell?: Tell): AsyncGenerator<Found> {
  const lines = readLines(path, tell)
  const waiting: Line[] = []
  const next = async () => waiting.shift() ?? ((await lines.next()).value as Line | undefined)
  let names: readonly string[] | undefined
  let delimiter = ','
  for (let line = await next(); line !== undefined; line = await next()) {
    if (line.text === '') continue
    const at = `line ${line.number}`
    if (names === undefined) {
      delimiter = delimiterOf(line.text ?? '')
      names = parseRecord(line.text ?? '', delimiter)?.fields ?? []
      if (new Set(names).size === names.length && names.length > 1) continue
      yield { at, problem: 'The first line does not name the columns.' }
      return
    }
    const fields = await readRecord(line, next, waiting, delimiter)
    if (fields === undefined) yield { at, problem: 'That cannot be read: a quote out of place, more than 64 KiB, or no UTF-8.' }
    else if (fields.length !== names.length)
      yield { at, problem: `It has ${fields.length} fields, and the first line names ${names.length}.` }
    else yield { at, entry: Object.fromEntries(names.map((name, index) => [name, fields[index]])) }
  }
}

/** The fields of the record that begins here. When there is none, the lines behind the first are given back. */
async function readRecord(
  first: Line,
  next: () => Promise<Line | undefined>,
  waiting: Line[],
  delimiter: string,
): Promise<readonly string[] | undefined> {
  const more: Line[] = []
  let text = first.text
  let record = text === undefined ? undefined : parseRecord(text, delimiter)
  while (record?.open && more.length < MOST_LINES && text !== undefined && text.length < LONGEST_RECORD) {
    const line = await next()
    if (line === undefined) break
    more.push(line)
    text = line.text === undefined ? undefined : `${text}\n${line.text}`
    record = text === undefined ? undefined : parseRecord(text, delimiter)
  }
  if (record && !record.open) return record.fields
  waiting.unshift(...more)
  return undefined
}

function parseRecord(text: string, delimiter: string): Parsed | undefined {
  const fields: string[] = []
  for (let at = 0; ; at += 1) {
    if (text[at] !== '"') {
      const end = text.indexOf(delimiter, at)
      const field = text.slice(at, end < 0 ? undefined : end)
      if (field.includes('"')) return undefined
      fields.push(field)
      if (end < 0) return { fields, open: false }
      at = end
      continue
    }
    let value = ''
    for (at += 1; ; at += 2) {
      const quote = text.indexOf('"', at)
      if (quote < 0) return { fields, open: true }
      value += text.slice(at, quote)
      at = quote
      if (text[quote + 1] !== '"') break
      value += '"'
    }
    fields.push(value)
    at += 1
    if (at >= text.length) return { fields, open: false }
    if (text[at] !== delimiter) return undefined
  }
}

/** The one that occurs most often in the first line. */
function delimiterOf(head: string): string {
  const count = (mark: string) => head.split(mark).length
  return [',', ';', '\t'].reduce((best, mark) => (count(mark) > count(best) ? mark : best))
}
