/** One run of the command: words in, what to print and the exit code out. */
import { HoldfastError } from '../engine/errors.ts'
import { hint } from '../engine/suggest.ts'
import { StoreError } from '../store/errors.ts'
import { parse, printable, shown } from './arguments.ts'
import { Refusal, type Command, type ExitCode, type Io, type Outcome } from './command.ts'
import { helpOf, overview } from './help.ts'

/** What one run leaves behind. */
export interface Answer {
  readonly code: ExitCode
  /** For standard output. */
  readonly out: string
  /** For standard error. */
  readonly error: string
}

/** Never rejects: a fault is said in a line or two, without a stack. */
export async function run(commands: readonly Command[], words: readonly string[], io: Io): Promise<Answer> {
  const json = words.includes('--json')
  try {
    return await dispatch(commands, words, io)
  } catch (error) {
    const { code, message } = explain(error)
    if (json) return { code, out: JSON.stringify({ error: { reason: reasonOf(error), message } }), error: '' }
    return { code, out: '', error: `holdfast: ${message}` }
  }
}

async function dispatch(commands: readonly Command[], words: readonly string[], io: Io): Promise<Answer> {
  const [word, ...rest] = words
  if (word === undefined) return { code: 2, out: '', error: overview(commands) }
  if (word === '--help' || word === '-h') return said(overview(commands))
  if (word === 'help') return said(help(commands, rest))
  const command = find(commands, word)
  const { action, call, json, help: asked } = parse(command, rest)
  if (asked) return said(helpOf(command))
  return print(await action.run({ ...call, io }), json)
}

function help(commands: readonly Command[], words: readonly string[]): string {
  const [name, ...more] = words.filter((word) => word !== '--json')
  if (more.length > 0) throw new Refusal(2, 'That is one word too many. Usage: holdfast help [COMMAND]')
  return name === undefined ? overview(commands) : helpOf(find(commands, name))
}

function find(commands: readonly Command[], word: string): Command {
  const found = commands.find(({ name }) => name === word)
  if (found) return found
  const names = [...commands.map(({ name }) => name), 'help']
  throw new Refusal(2, `There is no command ${shown(word)}. ${hint(word, names)}`)
}

function said(out: string): Answer {
  return { code: 0, out, error: '' }
}

function print({ kind, text, json }: Outcome, asJson: boolean): Answer {
  const code = kind === 'done' ? 0 : 1
  if (asJson) return { code, out: JSON.stringify(json), error: '' }
  return kind === 'refused' ? { code, out: '', error: `holdfast: ${text}` } : { code, out: text, error: '' }
}

function explain(error: unknown): { code: ExitCode; message: string } {
  if (error instanceof Refusal) return { code: error.code, message: error.message }
  const message = error instanceof Error ? error.message : String(error)
  return { code: 3, message: message.split('\n').slice(0, 2).map(printable).join('\n') }
}

function reasonOf(error: unknown): string {
  if (error instanceof HoldfastError || error instanceof StoreError) return error.code
  return error instanceof Refusal && error.code === 2 ? 'usage' : 'could-not-complete'
}
