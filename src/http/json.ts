/**
 * JSON bodies: bounded before they are parsed, checked once they are.
 * Stops nesting and key bombs, colliding integer-like keys (by their number), duplicate keys that two parsers read differently,
 * and prototype pollution. Sources: RFC 8259 §4, §8.2 and §9; OWASP "REST Security Cheat Sheet", CWE-674, CWE-1321.
 */
import { isDigitCode } from './ascii.ts'

export interface JsonLimits {
  /** Characters of the whole text. @default 1048576 */
  readonly length?: number
  /** Arrays and objects inside each other. @default 32 */
  readonly depth?: number
  /** Members of all objects together. @default 1000 */
  readonly keys?: number
  /** Elements of all arrays together. @default 10000 */
  readonly elements?: number
  /** Characters of one number. @default 32 */
  readonly numberLength?: number
}

export type JsonReason =
  | 'malformed'
  | 'too-long'
  | 'too-deep'
  | 'too-many-keys'
  | 'too-many-elements'
  | 'bad-number'
  | 'bad-unicode'
  | 'nul'
  | 'duplicate-key'
  | 'forbidden-key'

export type JsonResult = { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly reason: JsonReason }

const NO_LIMITS: JsonLimits = {}
const QUOTE = 0x22
const COMMA = 0x2c
const MINUS = 0x2d
const COLON = 0x3a
const BACKSLASH = 0x5c

const refuse = (reason: JsonReason): JsonResult => ({ ok: false, reason })

/**
 * Parses a JSON text of any type. Refused beside malformed text: more than the limits, a number that is not finite as a double,
 * lone surrogates and NUL in strings or keys, an object with the same key twice (compared after unescaping), the key `__proto__`,
 * and a key `constructor` whose value has a key `prototype`. Neither step recurses.
 */
export function parseJson(text: string, limits: JsonLimits = NO_LIMITS): JsonResult {
  const { length = 1_048_576, depth = 32, keys = 1000, elements = 10_000, numberLength = 32 } = limits
  if (text.length > length) return refuse('too-long')
  if (!text.isWellFormed()) return refuse('bad-unicode')
  const members = measure(text, depth, keys, keys + elements, numberLength)
  if (typeof members === 'string') return refuse(members)
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return refuse('malformed')
  }
  const reason = inspect(value, members, elements, text.includes('\\u'))
  return reason === undefined ? { ok: true, value } : refuse(reason)
}

/**
 * One pass over the text that counts what `JSON.parse` would build. Returns the number of colons outside of strings, which in
 * valid JSON is the number of members, or the reason for a refusal. It does not judge the grammar: that is `JSON.parse`'s work.
 */
function measure(text: string, depth: number, keys: number, commas: number, numberLength: number): number | JsonReason {
  let open = 0
  let members = 0
  let separators = 0
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === QUOTE) {
      index = stringEnd(text, index)
      if (index === -1) return 'malformed'
    } else if (code === COLON) {
      if (++members > keys) return 'too-many-keys'
    } else if (code === COMMA) {
      if (++separators > commas) return 'too-many-elements'
    } else if (code === 0x7b || code === 0x5b) {
      if (++open > depth) return 'too-deep'
    } else if (code === 0x7d || code === 0x5d) {
      if (--open < 0) return 'malformed'
    } else if (code === MINUS || isDigitCode(code)) {
      const end = numberEnd(text, index)
      if (end - index > numberLength) return 'bad-number'
      index = end - 1
    }
  }
  return open === 0 ? members : 'malformed'
}

/**
 * The index of the quote that closes the string opened at `start`, or -1. Linear: the search never goes back behind a quote, and
 * the backslashes before one are counted once.
 */
function stringEnd(text: string, start: number): number {
  let from = start + 1
  for (;;) {
    const quote = text.indexOf('"', from)
    if (quote === -1) return -1
    let slashes = 0
    while (quote - slashes > from && text.charCodeAt(quote - slashes - 1) === BACKSLASH) slashes++
    if (slashes % 2 === 0) return quote
    from = quote + 1
  }
}

/** The index behind a run of number characters; a double keeps 17 digits, so what is far longer is no honest number. */
function numberEnd(text: string, start: number): number {
  let index = start + 1
  for (; index < text.length; index++) {
    const code = text.charCodeAt(index)
    const sign = code === 0x2b || code === MINUS || code === 0x2e || (code | 0x20) === 0x65
    if (!sign && !isDigitCode(code)) break
  }
  return index
}

/**
 * Walks what was built. A duplicate key leaves fewer members than the text has colons, and the walk meets each of them, so the
 * comparison of the two numbers is exact, whatever escapes the keys were written with.
 */
function inspect(root: unknown, members: number, elements: number, escapes: boolean): JsonReason | undefined {
  if (!isContainer(root)) return badScalar(root, escapes)
  const waiting: Container[] = [root]
  let metMembers = 0
  let metElements = 0
  for (let node = waiting.pop(); node !== undefined; node = waiting.pop()) {
    if (Array.isArray(node)) {
      metElements += node.length
      if (metElements > elements) return 'too-many-elements'
      for (const element of node) {
        const reason = badScalar(element, escapes)
        if (reason !== undefined) return reason
        if (isContainer(element)) waiting.push(element)
      }
      continue
    }
    for (const key of Object.keys(node)) {
      metMembers++
      const member = node[key]
      const reason = badKey(key, member, escapes) ?? badScalar(member, escapes)
      if (reason !== undefined) return reason
      if (isContainer(member)) waiting.push(member)
    }
  }
  return metMembers === members ? undefined : 'duplicate-key'
}

type Container = unknown[] | Record<string, unknown>

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null
}

function badKey(key: string, member: unknown, escapes: boolean): JsonReason | undefined {
  if (key === '__proto__') return 'forbidden-key'
  if (key === 'constructor' && isContainer(member) && Object.hasOwn(member, 'prototype')) return 'forbidden-key'
  return escapes ? badText(key) : undefined
}

/** Numbers and strings that the next program in line chokes on. Without an escape in the text a string cannot be one of them. */
function badScalar(value: unknown, escapes: boolean): JsonReason | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? undefined : 'bad-number'
  return escapes && typeof value === 'string' ? badText(value) : undefined
}

function badText(text: string): JsonReason | undefined {
  if (!text.isWellFormed()) return 'bad-unicode'
  return text.includes('\0') ? 'nul' : undefined
}
