/** A password from the outside: asked for on a terminal without showing it, or one line of standard input. Never an argument. */
import type { Readable } from 'node:stream'
import { Secret } from '../crypto/secret.ts'
import { Refusal } from './command.ts'

/** What is needed of standard input. */
export interface Input extends Readable {
  readonly isTTY?: boolean
  setRawMode?(raw: boolean): unknown
}

const LONGEST_LINE = 8192
const [CTRL_C, CTRL_D, CTRL_U, BACKSPACE, DELETE, ESCAPE] = ['\x03', '\x04', '\x15', '\b', '\x7f', '\x1b']

/** Asks twice on a terminal, reads one line elsewhere. Refuses nothing, two that differ, and text that is not UTF-8. */
export async function readPassword(input: Input, prompt: (text: string) => void): Promise<Secret> {
  if (!input.isTTY || !input.setRawMode) return new Secret(await readLine(input))
  // Raw before the first word of the prompt: whoever types at once is not shown either. It also leaves Ctrl-C to us.
  input.setRawMode(true)
  const keys = pressed(input)
  try {
    const first = await ask(keys, prompt, 'Password: ')
    const second = await ask(keys, prompt, 'Again: ')
    if (first !== second) throw new Refusal(1, 'The two are not the same. Nothing was changed.')
    return new Secret(notEmpty(first))
  } finally {
    await keys.return(undefined)
    input.setRawMode(false)
    input.pause()
  }
}

async function readLine(input: Input): Promise<string> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of input) {
    const bytes = Buffer.from(chunk)
    const end = bytes.indexOf(0x0a)
    chunks.push(end < 0 ? bytes : bytes.subarray(0, end))
    length += chunks.at(-1)!.length
    if (end >= 0 || length > LONGEST_LINE) break
  }
  if (length > LONGEST_LINE) throw new Refusal(1, `The line on standard input is longer than ${LONGEST_LINE} bytes.`)
  return notEmpty(decode(Buffer.concat(chunks)).replace(/\r$/, ''))
}

function decode(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new Refusal(1, `The password on standard input is not UTF-8${cause instanceof Error ? '' : ' text'}.`)
  }
}

function notEmpty(text: string): string {
  if (text !== '') return text
  throw new Refusal(2, 'No password was given. Type it at the prompt, or give one line on standard input.')
}

/** Character by character, without what keys such as the arrows send: ECMA-48 section 5.4, `ESC [ … letter`. */
async function* pressed(input: Input): AsyncGenerator<string, undefined> {
  let sequence = ''
  input.setEncoding('utf8')
  for await (const chunk of input.iterator({ destroyOnReturn: false })) {
    for (const character of String(chunk)) {
      if (sequence === '' && character !== ESCAPE) yield character
      else sequence = isWhole(sequence + character) ? '' : (sequence + character).slice(0, 3)
    }
  }
  return undefined
}

function isWhole(sequence: string): boolean {
  return /^(?:\[[^@-~]*[@-~]|O.|[^[O])$/s.test(sequence.slice(ESCAPE.length))
}

/** The little that a line editor must know: enter, backspace, the erased line, giving up. */
async function ask(keys: AsyncGenerator<string, undefined>, prompt: (text: string) => void, question: string): Promise<string> {
  prompt(question)
  let typed: string[] = []
  for (;;) {
    const { value: key, done } = await keys.next()
    const over = key === '\r' || key === '\n'
    const givenUp = done || key === CTRL_C || (key === CTRL_D && typed.length === 0)
    if (over || givenUp) prompt('\n')
    if (givenUp) throw new Refusal(1, 'Given up. Nothing was changed.')
    if (over) return typed.join('')
    if (key === BACKSPACE || key === DELETE) typed.pop()
    else if (key === CTRL_U) typed = []
    else if (typed.length < LONGEST_LINE) typed.push(key)
  }
}
