/** `holdfast audit export`: the log as a file, for a verifier or for other systems. */
import { closeSync, openSync, writeSync } from 'node:fs'
import { FORMATS } from '../../observe/audit/export/index.ts'
import { readEvents, readLines } from '../../observe/audit/read-all.ts'
import { hint } from '../../engine/suggest.ts'
import { shown } from '../arguments.ts'
import { done, Refusal, type Call, type Outcome } from '../command.ts'
import { ACTOR, withAudit, type OpenedAudit } from './open.ts'
import { timeOf } from './read.ts'

export const EXPORT_FORMATS: readonly string[] = ['jsonl', ...FORMATS.map(({ name }) => name)]

export async function exportLog(call: Call): Promise<Outcome> {
  const name = call.option('format') ?? 'jsonl'
  const output = call.option('output')
  if (!EXPORT_FORMATS.includes(name)) throw new Refusal(2, `There is no format ${shown(name)}. ${hint(name, EXPORT_FORMATS)}`)
  if (output === undefined) throw new Refusal(2, 'Say where to: --output FILE.')
  const span = { from: timeOf(call.option('from'), call.io.now()), to: timeOf(call.option('to'), call.io.now()) }
  if (name === 'jsonl' && (span.from ?? span.to) !== undefined)
    throw new Refusal(2, 'A part of the log cannot be verified: leave out --from and --to, or choose another format.')
  return await withAudit(call, async (opened) => {
    // Before the first line leaves: what cannot be recorded is not exported.
    await opened.record({ type: 'audit_exported', data: { actor: ACTOR, format: name, from: span.from, to: span.to } })
    await opened.log.flush()
    const lines = await write(output, linesOf(opened, name, span))
    return done(`${lines} lines are in ${output}.`, { lines, output, format: name })
  })
}

async function* linesOf(
  { database, host }: OpenedAudit,
  name: string,
  span: { readonly from: number | undefined; readonly to: number | undefined },
): AsyncGenerator<readonly string[]> {
  const format = FORMATS.find((one) => one.name === name)
  if (format === undefined) {
    yield* readLines(database)
    return
  }
  if (format.head !== undefined) yield [format.head]
  for await (const page of readEvents(database, span)) yield page.map((event) => format.line(event, { host }))
}

/** Never over a file that is there, and for nobody else to read. */
async function write(path: string, pages: AsyncIterable<readonly string[]>): Promise<number> {
  const file = openNew(path)
  let count = 0
  try {
    for await (const page of pages) {
      if (page.length > 0) writeSync(file, `${page.join('\n')}\n`)
      count += page.length
    }
  } finally {
    closeSync(file)
  }
  return count
}

function openNew(path: string): number {
  try {
    return openSync(path, 'wx', 0o600)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw new Refusal(1, `${path} is there already. Name another file.`)
    throw error
  }
}
