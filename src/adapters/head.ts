/** Dresses a response just before its head is written, whichever way the application writes it. */
import type { ServerResponse } from 'node:http'
import type { Engine } from '../engine/engine.ts'
import { headLine, headText, wholeHead } from '../engine/head.ts'
import type { Passage } from '../engine/passage.ts'

/** What `writeHead` takes: an object, a list of names and values, or a list of pairs. */
type Given = Readonly<Record<string, unknown>> | readonly unknown[]

/** A response that is being dressed: what `dress` left on it for the functions below, which all responses share. */
interface Dressed extends ServerResponse {
  [DRESS]?: Dressing
  /** Node's own step from status line and headers to text. Not documented: where it is missing, every header is set one by one. */
  _storeHeader?(firstLine: string, headers: unknown): void
}

interface Dressing {
  readonly engine: Engine
  readonly x: Passage
  readonly writeHead: ServerResponse['writeHead']
  readonly storeHeader: Dressed['_storeHeader']
  /** The lines to prepend. */
  text: string
}

const DRESS = Symbol('holdfast.dress')

/**
 * Puts itself in front of `response.writeHead`, which node calls for every head, implicit ones included. What the
 * controls say wins over what the application set: a security header cannot be lost by a later line.
 */
export function dress(engine: Engine, x: Passage, response: ServerResponse): void {
  const dressed: Dressed = response
  // Shared functions that look up their state: closures of its own on each response made the garbage collector keep a third of them.
  dressed[DRESS] = { engine, x, writeHead: dressed.writeHead, storeHeader: dressed._storeHeader, text: '' }
  dressed.writeHead = writeHead as ServerResponse['writeHead']
}

function writeHead(this: Dressed, status: number, ...rest: unknown[]): ServerResponse {
  const { engine, x, writeHead: original } = this[DRESS]!
  this.writeHead = original
  engine.leave(x)
  const given = rest.findLast((argument) => typeof argument === 'object' && argument !== null) as Given | undefined
  if (typeof rest[0] === 'string') this.statusMessage = rest[0]
  this.statusCode = status
  const own = given && withoutOurs(x, this, given)
  if (!prepend(x, this)) setEach(x, this)
  return own ? original.call(this, status, own as string[]) : original.call(this, status)
}

/**
 * Adds the lines to the text of the head instead of setting each header: about 5 µs less per answer, measured with 16 headers.
 * A response that another library has subclassed (to read headers back, as test injectors do) gets them set one by one.
 */
function prepend(x: Passage, response: Dressed): boolean {
  if (response._storeHeader === undefined || Object.getPrototypeOf(response).constructor.name !== 'ServerResponse') return false
  for (const name of response.getHeaderNames()) {
    if (name === 'vary') mergeVary(x, response.getHeader(name))
    if (isOurs(x, name)) response.removeHeader(name)
  }
  let text = headText(x.fixed, x.head)
  for (const cookie of x.cookies) text += headLine('set-cookie', cookie)
  response[DRESS]!.text = text
  response._storeHeader = storeHeader
  return true
}

function storeHeader(this: Dressed, firstLine: string, headers: unknown): void {
  const { storeHeader: original, text } = this[DRESS]!
  this._storeHeader = original!
  original!.call(this, firstLine + text, headers)
}

function setEach(x: Passage, response: ServerResponse): void {
  mergeVary(x, response.getHeader('vary'))
  for (const [name, value] of wholeHead(x.fixed, x.head)) {
    if (value === null) response.removeHeader(name)
    else response.setHeader(name, value)
  }
  if (x.cookies.length > 0) response.appendHeader('set-cookie', x.cookies)
}

function isOurs(x: Passage, name: string): boolean {
  return x.head.has(name) || x.fixed?.lines.has(name) === true
}

/** What `writeHead` was given, without the lines that are ours. */
function withoutOurs(x: Passage, response: ServerResponse, given: Given): Given {
  if (!Array.isArray(given)) {
    let clean = true
    for (const name of Object.keys(given)) {
      const lower = name.toLowerCase()
      if (lower === 'vary') mergeVary(x, (given as Record<string, string>)[name])
      if (isOurs(x, lower)) clean = false
    }
    return clean ? given : Object.fromEntries(Object.entries(given).filter(([name]) => !isOurs(x, name.toLowerCase())))
  }
  const pairs = Array.isArray(given[0]) ? (given as [string, string][]) : pairsOf(given)
  for (const [name, value] of pairs) if (name.toLowerCase() === 'vary') mergeVary(x, value)
  for (const [name, value] of pairs) if (!isOurs(x, name.toLowerCase())) response.appendHeader(name, value)
  return {}
}

function pairsOf(flat: readonly unknown[]): [string, string][] {
  return Array.from({ length: flat.length >> 1 }, (_, index) => [String(flat[index * 2]), flat[index * 2 + 1] as string])
}

/** Vary is a set: what the application varies by stays beside what we vary by (RFC 9110 §12.5.5). */
function mergeVary(x: Passage, own: unknown): void {
  const ours = x.head.get('vary')
  if (own === undefined || ours === undefined || ours === null) return
  const names = `${Array.isArray(own) ? own.join(',') : String(own)},${ours}`.split(',').map((name) => name.trim())
  x.head.set(
    'vary',
    [...new Map(names.filter((name) => name !== '').map((name) => [name.toLowerCase(), name])).values()].join(', '),
  )
}
