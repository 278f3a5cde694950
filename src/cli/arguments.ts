/** From the words of the command line to an action and its values, or a Refusal that says what was meant. */
import { parseArgs } from 'node:util'
import { hint } from '../engine/suggest.ts'
import { Refusal, type Action, type Call, type Command, type Option } from './command.ts'

/** What every verb takes. */
export const COMMON: Readonly<Record<string, Option>> = {
  data: { type: 'string', value: 'DIR', what: 'Folder of the database and the keys [HOLDFAST_DATA or .holdfast]' },
  json: { type: 'boolean', what: 'Answer as one JSON document on standard output' },
  help: { type: 'boolean', short: 'h', what: 'Say how it is used' },
}

/** What was asked for. */
export interface Parsed {
  readonly action: Action
  readonly call: Omit<Call, 'io'>
  readonly json: boolean
  readonly help: boolean
}

/** An option as it was typed. */
interface OptionToken {
  readonly name: string
  readonly value?: string | undefined
  readonly inlineValue?: boolean | undefined
}

type Values = Readonly<Record<string, string | boolean | (string | boolean)[] | undefined>>

const SECRET = /^(?:password|passwd|pass|pwd|secret|token|key)$/i

/** Reads what stands after the verb. Throws a Refusal with code 2. */
export function parse(command: Command, words: readonly string[]): Parsed {
  const { action, rest } = findAction(command, words)
  const options = { ...action?.options, ...COMMON }
  const { values, positionals } = readWords(command, options, rest)
  const [json, help] = [values['json'] === true, values['help'] === true]
  if (action === undefined) {
    if (help) return { action: command.actions[0]!, call: callOf([], values), json, help }
    throw new Refusal(2, `Say what to do with ${command.name}: ${namesOf(command).join(', ')}.`)
  }
  if (!help) checkCount(command, action, positionals)
  return { action, call: callOf(positionals, values), json, help }
}

/** `holdfast users create LOGIN`. */
export function usageOf(command: Command, action: Action): string {
  return ['holdfast', command.name, action.name, ...action.args].filter((word) => word !== '').join(' ')
}

function findAction(command: Command, words: readonly string[]): { action: Action | undefined; rest: readonly string[] } {
  const [first] = command.actions
  if (first!.name === '') return { action: first, rest: words }
  const index = words.findIndex((word, position) => !word.startsWith('-') && words[position - 1] !== '--data')
  const word = words[index]
  if (word === undefined) return { action: undefined, rest: words }
  const action = command.actions.find(({ name }) => name === word)
  if (action) return { action, rest: words.toSpliced(index, 1) }
  throw new Refusal(2, `${command.name} cannot ${shown(word)}. ${hint(word, namesOf(command))}`)
}

function namesOf({ actions }: Command): string[] {
  return actions.map(({ name }) => name)
}

/** An id of ours may begin with a hyphen. No option has a digit or a capital letter, so such a word is a value. */
const ID = /^-(?=[\w-]*[A-Z0-9])[\w-]{10,63}$/
const MARK = '\u0001'
const marked = (word: string) => (ID.test(word) ? MARK + word : word)
const bare = <T>(value: T) => (typeof value === 'string' && value.startsWith(MARK) ? value.slice(MARK.length) : value)

function readWords(command: Command, options: Readonly<Record<string, Option>>, words: readonly string[]) {
  const args = words.map(marked)
  const config = Object.fromEntries(
    Object.entries(options).map(([name, { type, multiple, short }]) => [
      name,
      { type, ...(multiple && { multiple }), ...(short !== undefined && { short }) },
    ]),
  )
  const { tokens } = parseArgs({ args, options: config, strict: false, allowPositionals: true, tokens: true })
  const seen = new Set<string>()
  for (const token of tokens) {
    if (token.kind !== 'option') continue
    const option = Object.hasOwn(options, token.name) ? options[token.name] : undefined
    if (option !== undefined) {
      checkValue(option, token)
      if (seen.has(token.name) && !option.multiple) throw new Refusal(2, `--${token.name} is given twice.`)
      seen.add(token.name)
      continue
    }
    if (SECRET.test(token.name)) {
      throw new Refusal(
        2,
        'A password is never an argument, where other programs can read it. It is asked for, or read from standard input.',
      )
    }
    const known = Object.keys(options).map((name) => `--${name}`)
    throw new Refusal(2, `${command.name} has no option ${shown(token.rawName)}. ${hint(token.rawName, known)}`)
  }
  const { values, positionals } = parseArgs({ args, options: config, strict: true, allowPositionals: true })
  const given = Object.entries(values).map(([name, value]) => [name, Array.isArray(value) ? value.map(bare) : bare(value)])
  return { values: Object.fromEntries(given) as Values, positionals: positionals.map(bare) }
}

/** What follows an option is its value, where it takes one; a word with a hyphen is more likely the next option that was meant. */
function checkValue({ type, value: example = 'VALUE' }: Option, token: OptionToken): void {
  const { name, value, inlineValue } = token
  if (type === 'boolean') {
    if (value !== undefined) throw new Refusal(2, `--${name} takes no value.`)
    return
  }
  if (value === undefined) throw new Refusal(2, `--${name} needs a value: --${name} ${example}.`)
  if (!inlineValue && value.startsWith('-'))
    throw new Refusal(
      2,
      `--${name} needs a value: --${name} ${example}. One that begins with a hyphen is written --${name}=${shown(value)}.`,
    )
}

function checkCount(command: Command, action: Action, { length }: readonly string[]): void {
  const least = action.args.filter((name) => !name.startsWith('[')).length
  if (length < least) throw new Refusal(2, `${action.args[length]!} is missing. Usage: ${usageOf(command, action)}`)
  if (length > action.args.length) throw new Refusal(2, `That is one word too many. Usage: ${usageOf(command, action)}`)
}

function callOf(args: readonly string[], values: Values): Omit<Call, 'io'> {
  return {
    args,
    option(name) {
      const value = values[name]
      return typeof value === 'string' ? value : undefined
    },
    flag: (name) => values[name] === true,
    list(name) {
      const value = values[name]
      return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : undefined
    },
  }
}

/** A word that was typed, as a terminal may show it. */
export function shown(word: string): string {
  return `"${printable(word.slice(0, 40))}"`
}

/** Without what would move the cursor, change colours or turn the direction of a terminal (CWE-150). */
export function printable(text: string): string {
  return text.replace(/\p{C}/gu, '\u{FFFD}')
}
