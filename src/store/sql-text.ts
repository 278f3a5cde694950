/**
 * The little that must be known about a SQL text written by us: where its parameters are, whether it is one statement, whether it
 * only reads. One pass, linear; quotes and comments are skipped. It is no parser and guards nothing against text from clients, which never gets here.
 */
import { StoreError } from './errors.ts'

const APOSTROPHE = 39
const BACKSLASH = 92
const DOLLAR_TAG = /\$(?:[A-Za-z_][A-Za-z_0-9]{0,62})?\$/y

/** A text as the drivers want it. */
export interface SqlText {
  /** The text with `$1`, `$2` … in place of `?`. */
  readonly numbered: string
  readonly parameters: number
}

/**
 * Numbers the `?` outside quotes and comments. Refuses `?1` (each dialect would read it differently) and a second statement,
 * which node:sqlite would silently leave out: https://nodejs.org/docs/latest-v24.x/api/sqlite.html#databasepreparesql-options
 */
export function readSql(text: string): SqlText {
  let numbered = ''
  let parameters = 0
  let copied = 0
  let ended = false
  for (let index = 0; index < text.length;) {
    const next = skip(text, index)
    if (next > index) {
      index = next
      continue
    }
    const char = text[index] as string
    if (ended && char.trim() !== '') throw misuse('One text, one statement: what follows the first ";" would not run.', text)
    if (char === ';') ended = true
    if (char === '?') {
      if (/[0-9]/.test(text[index + 1] ?? '')) throw misuse('Parameters are plain "?", in order, without a number.', text)
      parameters++
      numbered += `${text.slice(copied, index)}$${parameters}`
      copied = index + 1
    }
    index++
  }
  return { numbered: numbered + text.slice(copied), parameters }
}

/** Whether the text surely changes nothing. `WITH` may end in an INSERT, so it counts as a write. */
export function isRead(text: string): boolean {
  return /^\s*select\b/i.test(text)
}

/** Refuses a transaction begun by hand: on a shared connection it would take in the statements of everybody else. */
export function refuseTransactionControl(text: string): void {
  if (!/^\s*(?:begin|commit|end|rollback|savepoint|release|attach|detach)\b/i.test(text)) return
  throw misuse('Use database.transaction() for transactions; attached databases are not supported.', text)
}

/** Where the quote or comment that begins at `index` ends; `index` when none begins there. An unclosed one reaches to the end. */
function skip(text: string, index: number): number {
  switch (text.charAt(index)) {
    case "'":
      return isEscapeString(text, index) ? skipEscapeString(text, index) : past(text, "'", index + 1)
    case '"':
      return past(text, '"', index + 1)
    case '-':
      return text[index + 1] === '-' ? past(text, '\n', index + 2) : index
    case '/':
      return text[index + 1] === '*' ? past(text, '*/', index + 2) : index
    case '$':
      return skipDollarQuote(text, index)
    default:
      return index
  }
}

/** A doubled quote ends one literal and begins the next: two skips, the same end. */
function past(text: string, end: string, from: number): number {
  const found = text.indexOf(end, from)
  return found === -1 ? text.length : found + end.length
}

/** PostgreSQL's E'…', the only literal in which a backslash escapes. */
function isEscapeString(text: string, quote: number): boolean {
  return /[eE]/.test(text[quote - 1] ?? '') && !/[A-Za-z0-9_]/.test(text[quote - 2] ?? '')
}

function skipEscapeString(text: string, quote: number): number {
  for (let index = quote + 1; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === BACKSLASH) index++
    else if (code === APOSTROPHE) return index + 1
  }
  return text.length
}

function skipDollarQuote(text: string, index: number): number {
  DOLLAR_TAG.lastIndex = index
  const tag = DOLLAR_TAG.exec(text)?.[0]
  return tag === undefined ? index : past(text, tag, index + tag.length)
}

function misuse(what: string, text: string): StoreError {
  return new StoreError('store-misuse', `${what} Got: ${text.trim().slice(0, 80)}`)
}
